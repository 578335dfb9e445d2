"""`python -m tuco_events`: docs/python.md describes it."""

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
