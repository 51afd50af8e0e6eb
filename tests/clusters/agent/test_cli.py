"""The command line as a user meets it: exit codes, one line for bad input, no Django."""

import subprocess
import sys
from pathlib import Path

import pytest

from clusters.agent.runner import Agent

ROOT = Path(__file__).parents[3]


def run(*arguments: str, blocked: bool = False) -> "subprocess.CompletedProcess[str]":
    """The agent in a process of its own; `blocked`: one in which Django can't be imported."""
    start = ["-m", "clusters.agent"]
    if blocked:
        block = (
            "import sys; sys.modules['django'] = None; from clusters.agent.cli import main; sys.exit(main())"
        )
        start = ["-c", block]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


@pytest.fixture
def kubeconfig(tmp_path: Path) -> str:
    """Of an API server that isn't there."""
    file = tmp_path / "kubeconfig"
    file.write_text(
        '{"apiVersion":"v1","kind":"Config","current-context":"a",'
        '"clusters":[{"name":"a","cluster":{"server":"http://127.0.0.1:9"}}],'
        '"contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],"users":[{"name":"a","user":{}}]}'
    )
    return str(file)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["preview", "--help"]])
def test_help_exits_0(arguments):
    done = run(*arguments)
    assert done.returncode == 0
    assert "usage:" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["watch"], "invalid choice"),
        (["run"], "--server, --token-file"),
        (["run", "--server", "http://a.example", "--token-file", "/nowhere"], "https is required"),
        (["run", "--server", "https://a.example", "--token-file", "/nowhere"], "No such file"),
        (["preview", "--kubeconfig", "/nowhere"], "No such file"),
        (["preview", "--kubeconfig", __file__], "kubeconfig"),
        (["preview", "--marker-key-file", "/nowhere"], "marker key"),
    ],
)
def test_bad_input_exits_2_with_one_line(arguments, said):
    done = run(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_preview_of_an_unreachable_cluster_exits_1(kubeconfig, tmp_path):
    done = run("preview", "--kubeconfig", kubeconfig, "--state-dir", str(tmp_path / "state"))
    assert done.returncode == 1
    assert "can't be reached" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_once_without_a_server_gives_up_and_says_why(make_options, server, simulated_kubernetes, capsys):
    server.close()
    assert Agent(make_options(simulated_kubernetes.kubeconfig, once=True, give_up_seconds=0.5)).run() == 1
    assert capsys.readouterr().err.splitlines()[-1] == "the server can't be reached (NewConnectionError)"


def test_once_without_an_api_server_gives_up_and_says_why(make_options, kubeconfig, capsys):
    assert Agent(make_options(Path(kubeconfig), once=True, give_up_seconds=0.5)).run() == 1
    assert capsys.readouterr().err.splitlines()[-1] == "the API server can't be reached (NewConnectionError)"


def test_once_with_a_refused_token_ends_at_once(
    make_options, server, simulated_kubernetes, token_file, capsys
):
    token_file.write_text("revoked")
    assert Agent(make_options(simulated_kubernetes.kubeconfig, once=True, give_up_seconds=600)).run() == 1
    assert capsys.readouterr().err == "the server refused the token\n"


def test_taken_health_port_exits_2(server, kubeconfig, token_file, tmp_path):
    files = [
        "--token-file",
        str(token_file),
        "--kubeconfig",
        kubeconfig,
        "--state-dir",
        str(tmp_path / "state"),
    ]
    done = run("run", "--server", server.url, *files, "--health-port", str(server.port))
    assert done.returncode == 2
    assert "--health-port" in done.stderr


def test_agent_runs_where_django_cannot_be_imported(kubeconfig, tmp_path):
    done = run("preview", "--kubeconfig", kubeconfig, "--state-dir", str(tmp_path / "state"), blocked=True)
    assert done.returncode == 1
    assert "can't be reached" in done.stderr


def test_every_module_of_the_agent_imports_without_django():
    names = [f"clusters.agent.{file.stem}" for file in (ROOT / "clusters" / "agent").glob("[a-z]*.py")]
    code = (
        "import sys, importlib\n"
        "for name in ('django', 'celery', 'srexpert', 'accounts'): sys.modules[name] = None\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert len(names) > 15
