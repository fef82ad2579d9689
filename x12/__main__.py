"""`python -m x12`."""

import sys

from .command import main

sys.exit(main())
