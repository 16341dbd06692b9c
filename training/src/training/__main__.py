"""`python -m training`: what `lantern model train|predict|…` starts."""

import sys

from training.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
