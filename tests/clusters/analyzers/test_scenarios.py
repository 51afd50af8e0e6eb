"""The simulator's scenarios, in its own time: one root each, the same over projections, and healed ones are healthy."""

import json
from contextlib import contextmanager

import pytest

from clusters.analyzers import Severity, Status, diagnose, root_of, roots
from clusters.simulator.scenarios import SCENARIOS
from clusters.simulator.simulation import Options, Simulation
from clusters.wire.projection import project, resources

ROOTS = {
    "crash-loop": ("Deployment", "shop", "checkout"),
    "failed-job": ("Job", "payments", "settlement-report-manual"),
    "image-pull": ("Deployment", "shop", "recommendations"),
    "node-not-ready": ("Node", "", "n3"),
    "oom-kill": ("Deployment", "shop", "search"),
    "pvc-pending": ("PersistentVolumeClaim", "payments", "reporting-data"),
    "service-no-endpoints": ("Service", "shop", "orders"),
    "unschedulable": ("Deployment", "shop", "image-resizer"),
}
TROUBLES = sorted(name for name, scenario in SCENARIOS.items() if not scenario.always)
READ = frozenset(resources())  # what an agent is ever allowed to read


class World:
    """A simulated cluster whose clock is moved by hand, so that fifteen minutes take a moment."""

    def __init__(self):
        self.simulation = Simulation(Options(tls=False))
        self.cluster = self.simulation.cluster
        self.simulation._nodes.start()

    def after(self, seconds):
        self.cluster.engine.settle(seconds)

    def objects(self):
        return [
            (resource.name, body)
            for resource in self.cluster.registry
            if resource.name in READ
            for body in self.cluster.store.all(resource.name)
        ]

    def findings(self):
        return diagnose([body for _, body in self.objects()], self.cluster.clock.now())

    def findings_over_projections(self):
        left = [
            json.loads(project(name, json.dumps(body).encode(), marker_key=b"k" * 32).json)
            for name, body in self.objects()
        ]
        return diagnose(left, self.cluster.clock.now())


@contextmanager
def world():
    built = World()
    try:
        yield built
    finally:
        built.simulation._server.server_close()


def told(findings):
    return "\n".join(f"{f.severity} {f.status} {f.title} <- {f.cause}" for f in findings)


def test_the_healthy_shop_reads_healthy_whichever_kind_is_missing():
    with world() as shop:
        shop.after(120)
        assert shop.findings() == []
        objects = [body for _, body in shop.objects()]
        for kind in sorted({body["kind"] for body in objects}):
            left = diagnose([body for body in objects if body["kind"] != kind], shop.cluster.clock.now())
            failing = [f for f in left if f.status is Status.FAILING]
            assert failing == [], f"without {kind}: {told(failing)}"


def test_each_scenario_has_an_expected_root():
    assert sorted(ROOTS) == TROUBLES


@pytest.mark.parametrize("name", TROUBLES)
def test_a_scenario_has_one_root_throughout_and_heals(name):
    with world() as shop:
        assert shop.findings() == []
        shop.simulation.control.start(name)
        for seconds in (10, 50, 240, 600):
            shop.after(seconds)
            findings = shop.findings()
            found = roots(findings)
            assert [f.subject for f in found if f.subject != ROOTS[name]] == [], told(findings)
            assert all(root_of(f, findings) in found for f in findings), told(findings)
            assert shop.findings_over_projections() == findings
        assert [f.subject for f in found] == [ROOTS[name]], told(findings)
        assert found[0].severity.rank <= Severity.HIGH.rank
        assert [f for f in findings if f.status is Status.NOT_ASSESSED] == []
        shop.simulation.control.heal(name)
        shop.after(600)
        assert shop.findings() == []


def test_all_scenarios_at_once_keep_their_own_roots():
    with world() as shop:
        for name in TROUBLES:
            shop.simulation.control.start(name)
        shop.after(300)
        findings = shop.findings()
        assert sorted(f.subject for f in roots(findings)) == sorted(ROOTS.values()), told(findings)
        assert shop.findings_over_projections() == findings
