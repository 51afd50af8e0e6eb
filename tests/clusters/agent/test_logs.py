"""Nothing that an object holds comes out in a log, a crash or a metric."""

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from clusters.agent.discovery import ServedKind
from clusters.agent.logs import JsonFormatter, RedactingFilter
from clusters.agent.metrics import Metrics
from clusters.agent.projector import Projector

ROOT = Path(__file__).parents[3]
# In two pieces, so that no scanner takes this file for a leak.
CANARY = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


@pytest.fixture
def logger() -> tuple[logging.Logger, io.StringIO]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(JsonFormatter())
    named = logging.Logger("test")  # noqa: LOG001 -- of its own, so that no other handler sees it
    named.addHandler(handler)
    return named, out


def test_filter_redacts_message_arguments_and_fields(logger):
    log, out = logger
    log.warning("token %s refused", CANARY, extra={"reason": f"with {CANARY}", "count": 3})
    line = json.loads(out.getvalue())
    assert CANARY not in out.getvalue()
    assert line["count"] == 3
    assert line["level"] == "warning"


def test_filter_keeps_places_of_an_exception_and_not_its_text(logger):
    log, out = logger
    try:
        int(f"held {CANARY}")
    except ValueError:
        log.exception("failed")
    line = json.loads(out.getvalue())
    assert CANARY not in out.getvalue()
    assert line["error"] == "ValueError"
    assert line["where"][0].startswith("test_logs.py:")


def test_crash_of_a_thread_tells_class_and_place_only():
    code = (
        "import threading, sys\n"
        "from clusters.agent import logs\n"
        "logs.set_up('info')\n"
        f"def fail(): raise ValueError('held {CANARY} plain-canary-words')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "fail()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert "canary" not in done.stderr
    assert done.returncode == 1


def test_unreadable_object_is_left_out_counted_and_not_repeated(caplog):
    metrics = Metrics()
    kind = ServedKind("pods", "", "v1", "pods", "Pod", namespaced=True)
    raw = json.dumps({"metadata": {"name": "x", "uid": {"canary": CANARY}}}).encode()
    with caplog.at_level(logging.DEBUG):
        assert Projector(b"k" * 32, metrics).project(kind, raw) is None
    assert (
        metrics.registry.get_sample_value("srexpert_agent_unprojectable_objects_total", {"resource": "pods"})
        == 1
    )
    assert CANARY not in caplog.text
    assert "canary" not in caplog.text
