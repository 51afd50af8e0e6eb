"""A real Kubernetes API server for tests. Use it by importing the fixture `real_kubernetes` in a conftest.

It comes from the folder `shared/kubernetes` beside the project, one server a test process, or is the cluster that
`REAL_KUBECONFIG` names. Where neither is there, tests that ask for it are skipped with that reason.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from kubernetes import client, config

UP = Path(__file__).parents[2].parent / "shared" / "kubernetes" / "up"
ABSENT = "no real Kubernetes: shared/kubernetes isn't beside the project, and REAL_KUBECONFIG isn't set"
START_SECONDS = 120
AUDIT_POLICY = json.dumps({
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
})  # fmt: skip


@dataclass(frozen=True)
class Kubernetes:
    """A running API server: an administrator's kubeconfig, and its audit log if it is ours."""

    kubeconfig: Path
    audit_log: Path | None = None

    def admin(self) -> "Admin":
        return Admin(self.kubeconfig)

    def audited(self, username: str) -> list[dict[str, Any]]:
        """What this user asked for so far. Only of our own server."""
        assert self.audit_log is not None
        entries = [json.loads(line) for line in self.audit_log.read_text().splitlines() if line.endswith("}")]
        return [entry for entry in entries if entry["user"].get("username") == username]


class Admin:
    """Creates, changes and deletes objects by path, with the administrator's rights."""

    def __init__(self, kubeconfig: Path) -> None:
        configuration = client.Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=configuration)
        self.configuration = configuration
        self.api_client = client.ApiClient(configuration)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One call; asserts that it was answered with 2xx."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        token = self.configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
        if token:
            headers["Authorization"] = token
        answer = self.api_client.rest_client.pool_manager.request(
            method,
            self.configuration.host + path,
            body=None if body is None else json.dumps(body),
            headers=headers,
            timeout=urllib3.Timeout(20),
        )
        assert 200 <= answer.status < 300, f"{method} {path}: {answer.status} {answer.data[:500]!r}"
        return json.loads(answer.data)

    def get(self, path: str) -> dict[str, Any]:
        return self.request("GET", path)

    def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.request("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self.request("PATCH", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        return self.request("DELETE", path)


@contextmanager
def running(directory: Path, *, extra: str = "") -> Iterator[Kubernetes]:
    """An API server of its own in this folder, for as long as the block lasts."""
    audit_log, policy = directory / "audit.log", directory / "audit-policy.json"
    directory.mkdir(parents=True, exist_ok=True)
    policy.write_text(AUDIT_POLICY)
    (directory / "bin").symlink_to(_binaries(), target_is_directory=True)
    flags = f"--audit-policy-file={policy} --audit-log-path={audit_log} --audit-log-format=json {extra}"
    try:
        with _locked("ports"):
            kubeconfig = _start(directory, flags)
        yield Kubernetes(Path(kubeconfig), audit_log)
    finally:
        for name in ("kube-apiserver", "etcd"):
            _stop(directory, name)
        shutil.rmtree(directory, ignore_errors=True)


def _start(directory: Path, flags: str) -> str:
    port, etcd_port = _free_ports()
    environment = os.environ | {
        "RUN": str(directory),
        "PORT": str(port),
        "ETCD_PORT": str(etcd_port),
        "EXTRA": flags,
    }
    started = subprocess.run(
        [str(UP)], env=environment, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )
    assert started.returncode == 0, started.stderr
    return started.stdout.strip().splitlines()[-1]


def _binaries() -> Path:
    """The unpacked programs, once a machine and user: they are 200 MB."""
    archive = UP.parent / "bin.tar.xz"
    folder = Path(tempfile.gettempdir()) / f"srexpert-kubernetes-{os.getuid()}-{archive.stat().st_size}"
    with _locked("binaries"):
        if not folder.exists():
            draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=folder.name))
            subprocess.run(["tar", "-xJf", str(archive), "-C", str(draft)], check=True, timeout=START_SECONDS)
            draft.rename(folder)
    return folder


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Among the test processes of this user; released by the kernel if one dies."""
    with (Path(tempfile.gettempdir()) / f"srexpert-kubernetes-{os.getuid()}.{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _free_ports() -> tuple[int, int]:
    """One for the API server, and the first of two neighbours for etcd."""
    while True:
        with socket.socket() as first, socket.socket() as second, socket.socket() as third:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", 0))
            with suppress(OSError, OverflowError):
                third.bind(("127.0.0.1", second.getsockname()[1] + 1))
                return first.getsockname()[1], second.getsockname()[1]


def _stop(directory: Path, name: str) -> None:
    """End the process that `up` recorded, if it is still that one."""
    with suppress(OSError, ValueError):
        pid = int((directory / "pids" / name).read_text())
        command = Path(f"/proc/{pid}/cmdline")
        if str(directory) not in command.read_text():
            return
        os.kill(pid, signal.SIGTERM)
        for attempt in range(100):
            if not command.exists():
                return
            time.sleep(0.1)
            if attempt == 80:
                os.kill(pid, signal.SIGKILL)


@contextmanager
def provided(directory: Path, *, extra: str = "") -> Iterator[Kubernetes]:
    """The cluster of `REAL_KUBECONFIG`, else our own server; skips the test where there is neither."""
    named = os.environ.get("REAL_KUBECONFIG")
    if named:
        yield Kubernetes(Path(named))
    elif not UP.exists():
        pytest.skip(ABSENT)
    else:
        with running(directory, extra=extra) as server:
            yield server


@pytest.fixture(scope="session")
def real_kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubernetes]:
    """One real API server for the tests of this process."""
    with provided(tmp_path_factory.mktemp("kubernetes") / "run") as server:
        yield server
