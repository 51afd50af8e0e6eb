"""Which tests share a process of xdist: those that share a deployment, and those that would starve each other.

xdist's own groups (`--dist loadgroup`) rewrite an attribute that pytest 9.2 no longer has, and do nothing.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

_TOGETHER = ("tests/e2e/", "tests/faults/")


class Together(LoadScopeScheduling):
    """Hands out tests one by one, but for the folders whose tests stay together; the largest group starts first."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in _TOGETHER if nodeid.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Together:
    """Called by xdist alone."""
    return Together(config, log)
