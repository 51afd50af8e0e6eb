"""Simulated clusters for tests: twenty times as fast as a real one."""

from collections.abc import Iterator

import pytest
import yaml
from kubernetes import client, config

from clusters.simulator.simulation import Options, Simulation, running
from tests.clusters.real_kubernetes import real_kubernetes  # noqa: F401 -- a fixture, used by its name
from tests.clusters.simulator.calling import Caller

SPEED = 20.0


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    """One cluster for the tests of a module; each keeps to objects of its own."""
    tokens = {"admin-token": "", "plain-token": "plain"}
    with running(Options(speed=SPEED, tokens=tokens, bookmark_seconds=0.3)) as simulation:
        yield simulation


@pytest.fixture(scope="module")
def admin(simulation: Simulation) -> Caller:
    return Caller(simulation)


@pytest.fixture(scope="module")
def plain(simulation: Simulation) -> Caller:
    """A user without any right of its own."""
    return Caller(simulation, "plain-token")


@pytest.fixture(scope="module")
def kubernetes_client(simulation: Simulation) -> client.ApiClient:
    """The official Python client, configured by the printed kubeconfig."""
    return config.new_client_from_config_dict(yaml.safe_load(simulation.kubeconfig()))
