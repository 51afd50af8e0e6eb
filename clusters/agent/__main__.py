"""`python -m clusters.agent`."""

import sys

from clusters.agent.cli import main

if __name__ == "__main__":
    sys.exit(main())
