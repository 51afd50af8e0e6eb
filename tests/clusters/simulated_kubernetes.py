"""The simulated cluster as a process of its own, for tests. Use it by importing `simulated_kubernetes` in a conftest."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.clusters.real_kubernetes import Kubernetes

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@contextmanager
def simulated(folder: Path, *arguments: str) -> Iterator[Kubernetes]:
    """A simulator on a free port, for as long as the block lasts."""
    kubeconfig = folder / "simulated.kubeconfig"
    command = [sys.executable, "-m", "clusters.simulator", "--port", "0", "--kubeconfig-out", str(kubeconfig)]
    process = subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not kubeconfig.exists() or not kubeconfig.read_bytes():
            assert process.poll() is None, "the simulator ended"
            assert time.monotonic() < deadline, "the simulator did not start in time"
            time.sleep(0.05)
        yield Kubernetes(kubeconfig)
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def simulated_kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubernetes]:
    """One simulated cluster for the tests of this process."""
    with simulated(tmp_path_factory.mktemp("simulator"), "--nodes", "2") as server:
        yield server
