import copy
import itertools
import json
import random
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from clusters.analyzers import Cause, Severity, Status, diagnose, root_of, roots
from clusters.kubernetes import fields
from tests.clusters.analyzers import objects as make
from tests.clusters.analyzers.objects import NOW
from tests.clusters.analyzers.snapshots import HEALTHY, SICK


def failing(findings, worse_than=Severity.LOW):
    return [f for f in findings if f.status is Status.FAILING and f.severity.rank < worse_than.rank]


def told(findings):
    return "\n".join(f"{f.severity} {f.key} {f.title} <- {f.cause}" for f in findings)


@pytest.mark.parametrize("name", SICK)
def test_a_sick_cluster_has_one_root_and_all_else_points_to_it(name):
    objects, root = SICK[name]()
    findings = diagnose(objects, NOW)
    found = roots(findings)
    assert [f.subject for f in found] == [Cause(*root)], told(findings)
    assert len(findings) > 1 or root[0] == "Service"
    assert all(root_of(f, findings) == found[0] for f in findings if f.status is Status.FAILING), told(
        findings
    )


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_cluster_has_nothing_above_low(name):
    findings = diagnose(HEALTHY[name](), NOW)
    assert failing(findings) == [], told(findings)
    assert [f for f in findings if f.status is Status.NOT_ASSESSED and name != "plain_manifests"] == []


def kinds_of(objects):
    return sorted({body["kind"] for body in objects})


@pytest.mark.parametrize("name", [*HEALTHY, *SICK])
def test_taking_kinds_away_never_makes_a_healthy_object_fail(name):
    objects = HEALTHY[name]() if name in HEALTHY else SICK[name]()[0]
    before = {f.subject for f in failing(diagnose(objects, NOW))}
    kinds = kinds_of(objects)
    for gone in itertools.chain(((kind,) for kind in kinds), itertools.combinations(kinds, 2)):
        left = [body for body in objects if body["kind"] not in gone]
        after = diagnose(left, NOW)
        new = [f for f in failing(after) if f.subject not in before]
        assert new == [], f"without {gone}: {told(new)}"
        if name in HEALTHY:
            assert failing(after) == [], f"without {gone}: {told(after)}"


@pytest.mark.parametrize("name", SICK)
def test_findings_do_not_depend_on_the_order_of_objects(name):
    objects, _ = SICK[name]()
    expected = diagnose(objects, NOW)
    for seed in range(3):
        shuffled = list(objects)
        random.Random(seed).shuffle(shuffled)
        assert diagnose(shuffled, NOW) == expected


@pytest.mark.parametrize("name", SICK)
def test_findings_stay_word_for_word_the_same_as_time_passes(name):
    objects, _ = SICK[name]()
    first = diagnose(objects, NOW)
    assert diagnose(objects, NOW + timedelta(seconds=7)) == first
    assert diagnose(objects, NOW + timedelta(minutes=1)) == first


@pytest.mark.parametrize("name", SICK)
def test_evidence_is_what_stands_at_its_path(name):
    objects, _ = SICK[name]()
    by_label = {}
    for body in objects:
        parts = (body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"])
        by_label["/".join(part for part in parts if part)] = body
    for finding in diagnose(objects, NOW):
        assert finding.evidence, finding.key
        own = "/".join(part for part in finding.subject if part)
        for path, value in finding.evidence:
            label, colon, rest = path.partition(":")
            body, steps = (by_label[label], rest) if colon and label in by_label else (by_label[own], path)
            assert resolve(body, steps) == value, path


def resolve(body, path):
    """What stands at a JSON path, read independently of how the analyzers write it."""
    for name, quoted, index in re.findall(r"([A-Za-z_][\w-]*)|\['((?:[^'\\]|\\.)*)'\]|\[(\d+)\]", path):
        body = body[int(index)] if index else body[name or quoted]
    return body


@pytest.mark.parametrize("name", SICK)
def test_findings_are_plain_json_with_the_published_fields(name):
    objects, _ = SICK[name]()
    for entry in json.loads(json.dumps([f.as_json() for f in diagnose(objects, NOW)])):
        assert list(entry) == [
            "analyzer", "status", "severity", "kind", "namespace", "name", "title", "detail", "evidence", "fix", "cause",
        ]  # fmt: skip
        assert entry["severity"] in ("critical", "high", "medium", "low")
        assert entry["title"].startswith(f"{entry['kind']} {entry['name']}: ")
        assert entry["detail"].endswith(".")
        assert entry["fix"]
        assert all(set(evidence) == {"path", "value"} for evidence in entry["evidence"])


def test_keys_are_unique_and_causes_always_have_a_finding():
    everything = [body for build in SICK.values() for body in build()[0]]
    findings = diagnose(everything, NOW)
    assert len({f.key for f in findings}) == len(findings)
    subjects = {f.subject for f in findings}
    assert all(f.cause in subjects for f in findings if f.cause)


def test_objects_are_not_changed():
    objects, _ = SICK["lost_node"]()
    before = copy.deepcopy(objects)
    diagnose(objects, NOW)
    assert objects == before


def test_a_snapshot_from_a_clock_that_is_ahead_is_judged_at_its_own_time():
    objects, root = SICK["crash_after_rollout"]()
    assert [f.subject for f in roots(diagnose(objects))] == [Cause(*root)]


def test_a_collected_kind_without_objects_counts_as_given():
    unknown = diagnose([make.service("lonely")], NOW)
    assert [(f.status, f.severity) for f in unknown] == [(Status.NOT_ASSESSED, Severity.LOW)]
    known = diagnose([make.service("lonely")], NOW, collected=["Pod", "Deployment"])
    assert [(f.status, f.severity) for f in known] == [(Status.FAILING, Severity.HIGH)]


def test_what_is_no_kubernetes_object_is_passed_over():
    assert diagnose([], NOW) == []
    assert diagnose([None, 3, "text", [], {}, {"kind": "Pod"}], NOW) == []


def test_the_analyzers_start_without_django():
    code = (
        "import sys; sys.modules['django'] = None; import clusters.analyzers, clusters.kubernetes.selectors\n"
        "assert clusters.analyzers.main(['--help']) == 0\n"
        "heavy = {'httpx', 'kubernetes', 'celery', 'psycopg', 'srexpert'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_fields_readers_are_what_the_paths_rely_on():
    assert fields.dig({"a": [{"b": 1}]}, "a", 0, "b") == resolve({"a": [{"b": 1}]}, "a[0].b")
