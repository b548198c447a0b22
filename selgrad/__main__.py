"""`python -m selgrad` is the command `selgrad`."""

import sys

from selgrad.cli import main

if __name__ == "__main__":
    sys.exit(main())
