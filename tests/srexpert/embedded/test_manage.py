import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from srexpert.embedded import state
from tests.srexpert.embedded.conftest import processes_of


@pytest.fixture(scope="module")
def manage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manage_under_test", state.PROJECT / "manage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("command", "rest", "needs"),
    [
        ("migrate", [], True),
        ("shell", [], True),
        ("purge", ["--dry-run"], True),
        ("purge", ["--help"], False),
        ("check", [], False),
        ("check", ["--deploy"], False),
        ("check", ["--database", "default"], True),
        ("help", [], False),
        ("makemigrations", ["--check"], False),
        ("collectstatic", [], False),
    ],
)
def test_needs_services_for_what_asks_the_database(
    manage: ModuleType, command: str, rest: list[str], needs: bool
) -> None:
    assert manage.needs_services(command, rest) is needs


def test_pure_commands_import_no_django(manage: ModuleType, state_directory: Path) -> None:
    program = (
        "import runpy, sys\n"
        "sys.argv = ['manage.py', 'redact', '--format', 'json']\n"
        "try: runpy.run_path('manage.py', run_name='__main__')\n"
        "except SystemExit as stop: code = stop.code\n"
        "assert 'django' not in sys.modules and 'psycopg' not in sys.modules, 'too much'\n"
        "raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="mail ana@northwind.example", cwd=state.PROJECT,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert '"start": 5' in done.stdout
    assert not list(state_directory.iterdir())


def test_a_command_starts_migrates_and_stops_what_it_needs(state_directory: Path) -> None:
    def tables() -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c",
             "from django.db import connection as c; print('accounts_user' in c.introspection.table_names())"],
            cwd=state.PROJECT, capture_output=True, text=True, timeout=240, check=False, env=dict(os.environ),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert tables() == "True"
    assert processes_of(state_directory) == []
    log = state_directory / "log" / "migrate.log"
    size = log.stat().st_size
    assert tables() == "True"
    assert log.stat().st_size == size  # not migrated twice
    assert processes_of(state_directory) == []


def test_a_state_that_cannot_be_written_is_one_line(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state_directory / "file").write_text("")
    monkeypatch.setenv("SREXPERT_STATE_DIR", str(state_directory / "file" / "below"))
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=state.PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("migrate: ")
