"""Deployments that are broken on purpose: real processes, an own broker, intervals scaled down to seconds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import database
from tests.deployment import show_logs
from tests.faults.stage import Stage
from tests.srexpert.embedded.conftest import state_directory

__all__ = ["state_directory"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.faults)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    report = yield
    show_logs(report)
    return report


@pytest.fixture
def stage(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[Stage]:
    """Northwind on this process's database, a receiver of webhooks, and a deployment with nothing running yet."""
    with django_db_blocker.unblock():
        try:
            with Stage.open(tmp_path) as opened:
                yield opened
        finally:
            database.empty()
