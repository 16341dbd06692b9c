"""`python -m scoring.main`."""

import sys

from scoring.main import main

if __name__ == "__main__":
    sys.exit(main())
