"""`python -m crmcli`."""

from __future__ import annotations

import sys

from crmcli.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
