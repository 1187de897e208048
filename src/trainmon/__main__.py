"""Runs the command line: ``python -m trainmon``."""

import sys

from trainmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
