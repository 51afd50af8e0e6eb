import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from kubernetes import client, config

COMMAND = [sys.executable, "-m", "clusters.simulator"]
START_SECONDS = 30


@contextmanager
def _started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program, and the kubeconfig that it printed."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            lines = []
            while not lines or "token:" not in lines[-1]:
                line = process.stdout.readline()
                assert line, "it ended before it had printed its kubeconfig"
                lines.append(line)
            yield process, "".join(lines)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def test_prints_a_kubeconfig_that_works_and_ends_on_a_signal(tmp_path: Path) -> None:
    out = tmp_path / "kubeconfig"
    with _started("--nodes", "3", "--name", "staging", "--kubeconfig-out", str(out)) as (process, printed):
        assert out.read_text() == printed
        assert out.stat().st_mode & 0o077 == 0
        api = client.CoreV1Api(config.new_client_from_config_dict(yaml.safe_load(printed)))
        assert [node.metadata.name for node in api.list_node().items] == ["n1", "n2", "n3"]
    assert process.returncode == 0


def test_starts_with_scenarios_and_tokens() -> None:
    with _started("--scenario", "service-no-endpoints", "--token", "root", "--speed", "20") as (_, printed):
        loaded = yaml.safe_load(printed)
        assert loaded["users"][0]["user"]["token"] == "root"
        answer = client.CoreV1Api(config.new_client_from_config_dict(loaded)).read_namespaced_service(
            "orders", "shop"
        )
        assert answer.spec.selector == {"app": "order"}


@pytest.mark.parametrize(
    "arguments",
    [["--nodes", "0"], ["--speed", "-1"], ["--scenario", "nonsense"], ["--port", "x"], ["--history", "0"]],
)
def test_bad_input_is_told_on_stderr_with_exit_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert done.returncode == 2
    assert done.stderr
    assert done.stdout == ""


def test_taken_port_is_told_with_exit_2() -> None:
    with _started() as (_, printed):
        port = yaml.safe_load(printed)["clusters"][0]["cluster"]["server"].rpartition(":")[2]
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_needs_no_django() -> None:
    code = "import sys; sys.modules['django'] = None; import clusters.simulator.cli; print('ok')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert (done.stdout, done.stderr) == ("ok\n", "")
