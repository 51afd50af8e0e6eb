"""Runs the simulated cluster: ``python -m clusters.simulator``."""

import sys

from clusters.simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
