import io
import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from clusters import analyzers
from clusters.analyzers import Severity, Status, diagnose, main
from clusters.analyzers.manifests import read
from tests.clusters.analyzers.objects import NOW

FIXTURES = Path(__file__).parents[2] / "fixtures" / "kubernetes"
CRASH = str(FIXTURES / "crash_loop.yaml")
SYSTEM = str(FIXTURES / "kube_system.yaml")
AT = ("--now", "2026-11-24T10:24:30Z")


def test_a_working_kube_system_has_nothing_above_low():
    findings = diagnose(read([SYSTEM]), NOW)
    assert [f.title for f in findings if f.severity is not Severity.LOW] == []
    assert [f.title for f in findings if f.status is Status.NOT_ASSESSED] == []


def test_text_tells_roots_first_with_what_follows(capsys):
    assert main([CRASH, *AT]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "CRITICAL  payments: Deployment api: container api crash-loops with exit code 127\n"
    )
    assert "From this follow 1:\n    medium    payments: Pod api-6d9c-2xk7p: " in told


def test_json_is_a_list_of_findings(capsys):
    assert main([CRASH, *AT, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(entry["kind"], entry["cause"]) for entry in found] == [
        ("Deployment", None),
        ("Pod", {"kind": "Deployment", "namespace": "payments", "name": "api"}),
    ]


def test_nothing_is_said_plainly(tmp_path, capsys):
    empty = tmp_path / "empty.yaml"
    empty.write_text("---\n")
    assert main([str(empty)]) == 0
    assert capsys.readouterr().out == "Nothing is failing.\n"
    assert main([str(empty), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(("severity", "code"), [("critical", 1), ("low", 1)])
def test_fail_on_gives_one_when_something_as_bad_was_found(severity, code):
    assert main([CRASH, *AT, "--fail-on", severity]) == code


def test_fail_on_gives_zero_when_nothing_as_bad_was_found():
    assert main([SYSTEM, *AT, "--fail-on", "medium"]) == 0
    assert main([SYSTEM, *AT, "--fail-on", "low"]) == 1


def test_a_folder_is_read_in_order_and_values_files_are_passed_over(tmp_path):
    (tmp_path / "b.yml").write_text("kind: Service\nmetadata: {name: b}\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.json").write_text('[{"kind": "Pod", "metadata": {"name": "c"}}]')
    (tmp_path / "a.yaml").write_text("replicas: 3\n")
    (tmp_path / "notes.txt").write_text("{")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "d.yaml").write_text("{")
    assert [body["metadata"]["name"] for body in read([str(tmp_path)])] == ["b", "c"]


@pytest.mark.parametrize(
    "content", [b'{"kind": "Pod", "metadata": {"name": "a"}}', b"{kind: Pod, metadata: {name: a}}\n"]
)
def test_standard_input_takes_json_and_yaml(content, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert [body["metadata"]["name"] for body in read(["-"])] == ["a"]


def test_json_may_come_one_object_a_line(tmp_path):
    file = tmp_path / "lines.json"
    file.write_text(
        '{"kind": "Pod", "metadata": {"name": "a"}}\n{"kind": "Pod", "metadata": {"name": "b"}}\n\n'
    )
    assert [body["metadata"]["name"] for body in read([str(file)])] == ["a", "b"]


def test_times_stay_text_so_that_evidence_is_what_was_written():
    body = next(body for body in read([CRASH]) if body["kind"] == "Pod")
    assert body["metadata"]["creationTimestamp"] == "2026-11-01T08:00:00Z"


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("a.yaml", b"kind: Pod\nmetadata:\n\tname: a\n", "line 3, column 1: "),
        ("a.yaml", b"kind: Pod\n---\nkind: {", "line 4, column 1: "),
        ("a.yaml", b"kind: Pod\nname: *nobody\n", "line 2, column 7: "),
        ("a.yaml", b"kind: Pod\nname: !Ref x\n", "line 2, column 7: "),
        ("a.yaml", b"kind: Pod\nname: \xff\n", "line 2: not UTF-8"),
        ("a.yaml", b"kind: Pod\nname: \x01\n", ""),
        ("a.yaml", b"replicas: 3\n", "document 1: has no kind"),
        ("a.yaml", b"kind: Pod\n---\n- 3\n", "document 2, entry 0: is a int"),
        ("a.json", b'{"kind": "Pod",\n}', "line 2, column 1: "),
        ("a.yaml", b"[" * 20_000, ""),
        ("a.yaml", b"a: " + b"{a: " * 5_000, ""),
    ],
)
def test_bad_input_is_one_line_with_file_and_place(name, content, place, tmp_path, capsys):
    file = tmp_path / name
    file.write_bytes(content)
    assert main([str(file)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"diagnose: {file}: {place}")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["/no/such/file"],
        [CRASH, "--now", "soon"],
        [CRASH, "--format", "xml"],
        [CRASH, "--fail-on", "bad"],
    ],
)
def test_wrong_arguments_are_one_line_too(arguments, capsys):
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_help_is_help(capsys):
    assert main(["--help"]) == 0
    assert "--fail-on" in capsys.readouterr().out


def test_the_module_runs():
    done = subprocess.run(
        [sys.executable, "-m", "clusters.analyzers", CRASH, *AT, "--fail-on", "high"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")


def test_main_is_a_function_of_the_package_and_a_module_for_manage_py():
    import_module("clusters.analyzers.main")
    assert analyzers.main is import_module("clusters.analyzers.main").main
    assert find_spec("clusters.analyzers.main") is not None


def test_gate_over_nothing_is_bad_input_and_over_an_empty_list_is_not(tmp_path, capsys):
    empty, listed = tmp_path / "empty.yaml", tmp_path / "list.yaml"
    empty.write_text("")
    listed.write_text("apiVersion: v1\nkind: List\nitems: []\n")
    assert main([str(empty), "--fail-on", "high"]) == 2
    assert capsys.readouterr().err == f"diagnose: no Kubernetes object in {empty}\n"
    assert main([str(listed), "--fail-on", "high"]) == 0
