"""Print the schema of `report.json`: `python -m training.report > docs/api/report.schema.json`."""

import sys

from training.report.document import schema

if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
