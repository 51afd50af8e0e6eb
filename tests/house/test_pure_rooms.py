"""The pure rooms start where Django isn't installed: agents run them in a small image."""

import subprocess
import sys

import pytest

from tests.house import source

ROOMS = (
    "clusters.agent", "clusters.wire", "clusters.kubernetes", "clusters.analyzers", "clusters.simulator", "privacy.redaction",
)  # fmt: skip
PROGRAM = """
import importlib, pkgutil, sys
for absent in ("django", "celery", "psycopg", "allauth"):
    sys.modules[absent] = None  # importing it raises
room = importlib.import_module(sys.argv[1])
names = [m.name for m in pkgutil.walk_packages(room.__path__, room.__name__ + ".") if not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
ours = sorted(n for n in sys.modules if n.partition(".")[0] in {"srexpert", "accounts", "alerts"})
print(len(names), ours)
"""


@pytest.mark.parametrize("room", ROOMS)
def test_a_pure_room_imports_without_django(room):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, room],
        cwd=source.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, _, ours = done.stdout.strip().partition(" ")
    assert int(count) > 0
    assert ours == "[]"
