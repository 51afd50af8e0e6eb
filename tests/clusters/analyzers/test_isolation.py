"""An analyzer that fails silences itself only."""

import dataclasses

from clusters.analyzers import catalogue, diagnose
from clusters.analyzers.base import Status
from clusters.analyzers.diagnosis import UNJUDGED_KIND


def test_error_of_one_analyzer_leaves_the_others(monkeypatch):
    def fail(_examination):
        raise RuntimeError("canary")

    all_of_them = catalogue.analyzers()
    first = dataclasses.replace(all_of_them[0], judge=fail)
    monkeypatch.setattr(catalogue, "analyzers", lambda: [first, *all_of_them[1:]])
    lost = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "status": {"phase": "Lost"},
    }
    found = diagnose([lost])
    told = [finding for finding in found if finding.kind == UNJUDGED_KIND]
    assert [(finding.analyzer, finding.status) for finding in told] == [(first.name, Status.NOT_ASSESSED)]
    assert "canary" not in told[0].detail
    assert any(finding.name == "data" for finding in found)
