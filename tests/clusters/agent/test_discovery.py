"""Discovery takes the preferred version if its type fits, else one that does, and never guesses."""

import json
from pathlib import Path
from typing import Any

import pytest

from clusters.agent.catalogue import catalogue
from clusters.agent.cluster_api import (
    BadConfiguration,
    ClusterApi,
    NotServed,
    load_configuration,
    without_person,
)
from clusters.agent.discovery import Discovery, ServedKind, cluster_uid, kubernetes_version
from clusters.agent.retries import Retryable


class Served:
    """An API server's discovery, from a dictionary of paths."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = {"/api": {"versions": ["v1"]}, "/apis": {"groups": []}} | answers
        self.asked: list[str] = []

    def get(self, path: str) -> bytes:
        self.asked.append(path)
        answer = self.answers.get(path)
        if answer is None:
            raise NotServed
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()


def group(name: str, *versions: str) -> dict[str, Any]:
    """The first version is the preferred one."""
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in sorted(versions)]
    return {"name": name, "versions": listed, "preferredVersion": {"version": versions[0]}}


def resources(*names: str, verbs: tuple[str, ...] = ("list", "watch")) -> dict[str, Any]:
    return {
        "resources": [
            {"name": name, "kind": name.title(), "namespaced": True, "verbs": verbs} for name in names
        ]
    }


def discovery(answers: dict[str, Any], known: dict[str, tuple[str, ...]]) -> Discovery:
    return Discovery(Served(answers), known)  # type: ignore[arg-type]


HPAS = "horizontalpodautoscalers.autoscaling"


def test_locate_takes_the_preferred_version_that_fits():
    found = discovery(
        {
            "/apis": {"groups": [group("autoscaling", "v1", "v2", "v2beta2")]},
            "/apis/autoscaling/v2": resources("horizontalpodautoscalers"),
            "/apis/autoscaling/v2beta2": resources("horizontalpodautoscalers"),
        },
        {HPAS: ("v2", "v2beta2")},
    )
    assert found.locate(HPAS) == ServedKind(
        HPAS, "autoscaling", "v2", "horizontalpodautoscalers", "Horizontalpodautoscalers", namespaced=True
    )
    assert found.locate(HPAS).path == "/apis/autoscaling/v2/horizontalpodautoscalers"


def test_locate_looks_into_other_versions_for_a_resource_that_the_preferred_lacks():
    answers = {
        "/apis": {"groups": [group("batch", "v1", "v1beta1")]},
        "/apis/batch/v1": resources("jobs"),
        "/apis/batch/v1beta1": resources("cronjobs"),
    }
    found = discovery(answers, {"jobs.batch": ("v1",), "cronjobs.batch": ("v1", "v1beta1")})
    assert (found.locate("jobs.batch").version, found.locate("cronjobs.batch").version) == ("v1", "v1beta1")


def test_locate_refuses_what_is_served_only_in_a_shape_that_does_not_fit():
    answers = {"/apis": {"groups": [group("autoscaling", "v1")]}, "/apis/autoscaling/v1": resources("other")}
    with pytest.raises(NotServed):
        discovery(answers, {HPAS: ("v2",)}).locate(HPAS)


def test_locate_refuses_what_cannot_be_watched():
    answers = {"/api/v1": resources("pods", verbs=("list", "get"))}
    with pytest.raises(NotServed):
        discovery(answers, {"pods": ("v1",)}).locate("pods")


def test_locate_watches_events_once():
    known = {"events": ("v1",), "events.events.k8s.io": ("v1",)}
    answers = {"/api/v1": resources("events")}
    assert discovery(answers, known).locate("events").version == "v1"
    answers |= {
        "/apis": {"groups": [group("events.k8s.io", "v1")]},
        "/apis/events.k8s.io/v1": resources("events"),
    }
    both = discovery(answers, known)
    assert both.locate("events.events.k8s.io").path == "/apis/events.k8s.io/v1/events"
    with pytest.raises(NotServed, match=r"events\.events\.k8s\.io"):
        both.locate("events")


def test_locate_tells_a_group_that_is_down_from_one_that_is_not_served():
    answers = {
        "/api/v1": resources("pods"),
        "/apis": {"groups": [group("policy", "v1")]},
        "/apis/policy/v1": Retryable("the API server answered 503"),
    }
    found = discovery(
        answers, {"pods": ("v1",), "poddisruptionbudgets.policy": ("v1",), "jobs.batch": ("v1",)}
    )
    assert found.locate("pods").kind == "Pods"
    with pytest.raises(Retryable, match="503"):
        found.locate("poddisruptionbudgets.policy")
    with pytest.raises(NotServed):
        found.locate("jobs.batch")


def test_locate_asks_once_for_many_and_again_when_old():
    now = 0.0
    served = Served({"/api/v1": resources("pods")})
    found = Discovery(served, {"pods": ("v1",), "nodes": ("v1",)}, clock=lambda: now)  # type: ignore[arg-type]
    found.locate("pods")
    with pytest.raises(NotServed):
        found.locate("nodes")
    asked = len(served.asked)
    served.answers["/api/v1"] = resources("pods", "nodes")
    now = 100.0
    assert found.locate("nodes").plural == "nodes"
    assert len(served.asked) == 2 * asked


@pytest.mark.real_kubernetes
def test_discovery_of_a_real_api_server(real_kubernetes):
    api = ClusterApi(load_configuration(str(real_kubernetes.kubeconfig)))
    found = Discovery(api, catalogue())
    assert found.locate("pods").path == "/api/v1/pods"
    assert found.locate("deployments.apps").path == "/apis/apps/v1/deployments"
    assert found.locate("cronjobs.batch").version in {"v1", "v1beta1"}
    assert found.locate("poddisruptionbudgets.policy").version in {"v1", "v1beta1"}
    assert found.locate(HPAS).version in {"v2", "v2beta2"}
    assert len(cluster_uid(api)) == 36
    assert kubernetes_version(api).startswith("v")
    with pytest.raises(NotServed):
        api.get("/apis/no.such.group/v1/things")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "kubeconfig"),
        ("apiVersion: v1\nkind: Config\n", "kubeconfig"),
        ("[1, 2]", "kubeconfig"),
        ("a: [", "kubeconfig"),
    ],
)
def test_load_configuration_tells_a_bad_kubeconfig_in_one_line(tmp_path: Path, content, said):
    file = tmp_path / "kubeconfig"
    file.write_text(content)
    with pytest.raises(BadConfiguration, match=said) as refusal:
        load_configuration(str(file))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ('User "jane@example.com" cannot list', 'User "…" cannot list'),
        ('User "system:serviceaccount:a:b" cannot list', 'User "system:serviceaccount:a:b" cannot list'),
        ("two\nlines", "two lines"),
    ],
)
def test_without_person_leaves_only_system_names(message, left):
    assert without_person(message) == left
