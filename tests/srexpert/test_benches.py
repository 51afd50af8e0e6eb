"""The report of a bench has the form that others read."""

import json

import pytest
from django.core.management import CommandError, call_command

from srexpert import benches
from srexpert.benches import Figure, Options


def measured(options):
    return [Figure("writes", options.size or 10, 20.0, "rows/s", "bare COPY", 40.0)]


@pytest.fixture(autouse=True)
def _one_bench(monkeypatch):
    monkeypatch.setattr(benches, "benches", lambda: {"writes": measured})


def test_run_gives_figures_with_their_ratio():
    report = benches.run("writes", Options(size=7))
    assert set(report) == {"bench", "machine", "at", "figures"}
    assert report["figures"] == [
        {
            "figure": "writes",
            "size": 7,
            "value": 20.0,
            "unit": "rows/s",
            "reference": "bare COPY",
            "reference_value": 40.0,
            "ratio": 0.5,
        }
    ]


def test_command_prints_json(capsys):
    call_command("bench", "writes", "--format", "json")
    assert json.loads(capsys.readouterr().out)["bench"] == "writes"


@pytest.mark.parametrize("arguments", [["nothing"], ["writes", "--size", "-1"]])
def test_command_refuses_bad_input_with_2(arguments):
    with pytest.raises(CommandError) as refused:
        call_command("bench", *arguments)
    assert refused.value.returncode == 2
