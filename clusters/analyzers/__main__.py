"""Runs the analyzers from the command line: `python -m clusters.analyzers PATH…`."""

import sys

from clusters.analyzers.main import main

sys.exit(main(sys.argv[1:]))
