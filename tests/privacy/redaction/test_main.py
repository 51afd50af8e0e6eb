import io
import json
import sys
from types import SimpleNamespace

import pytest

from privacy.redaction import main


@pytest.fixture
def stdin(monkeypatch):
    def give(data):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    return give


def test_main_redacts_standard_input(stdin, capfdbinary):
    stdin("password: hunter2 é\n".encode())
    assert main([]) == 0
    assert capfdbinary.readouterr().out.decode() == "password: [redacted:password]\n"


def test_main_prints_spans_of_a_file(tmp_path, capsys):
    path = tmp_path / "log"
    path.write_text("é ana@exemplo.pt", encoding="utf-8")
    assert main([str(path), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"type": "email", "start": 2, "end": 16, "placeholder": "[redacted:email]"}
    ]


def test_main_gives_an_empty_list_for_clean_text(stdin, capsys):
    stdin(b"checkout is ready")
    assert main(["-", "--format=json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_main_tells_of_bad_input_in_one_line(tmp_path, stdin, capsys):
    stdin(b"\xff\xfe")
    for arguments in ([str(tmp_path / "none")], [str(tmp_path)], []):
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("redact: ")
        assert err.count("\n") == 1


def test_main_refuses_an_unknown_format(capsys):
    assert main(["--format", "xml"]) == 2
    assert "xml" in capsys.readouterr().err


def test_main_has_help(capsys):
    assert main(["--help"]) == 0
    assert "--format" in capsys.readouterr().out


def test_wrong_argument_is_told_in_one_line(capsys):
    assert main(["--format", "yaml"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("redact: ")
    assert told.count("\n") == 1
