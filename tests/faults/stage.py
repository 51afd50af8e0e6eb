"""What every fault test needs: an organization that is paged, an agent over HTTP, and what became of it all."""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from alerts.models import Notification
from clusters.domain import enrolment
from clusters.models import Cluster, KubernetesObject
from srexpert import clock, events
from srexpert.events import ObjectReference, SignalRaised
from srexpert.outbox.models import OutboxMessage
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.alerts.sinks import Receiver, receiver
from tests.deployment import Deployment, deployment, until
from tests.factories import accounts, alerts
from tests.factories.clusters import Agent, body


@dataclass
class Caller:
    """Posts as Django's test client does, but over HTTP, and again until the server answers with less than 500."""

    http: httpx.Client
    statuses: list[int] = field(default_factory=list)
    unanswered: int = 0

    def post(
        self, path: str, content: bytes, *, content_type: str, headers: dict[str, str]
    ) -> httpx.Response:
        def attempt() -> httpx.Response | None:
            try:
                answer = self.http.post(
                    path, content=content, headers={"Content-Type": content_type, **headers}
                )
            except httpx.TransportError:
                self.unanswered += 1
                return None
            self.statuses.append(answer.status_code)
            return answer if answer.status_code < 500 else None

        answered: httpx.Response = until(attempt, f"an answer to {path}")
        return answered


class HttpAgent(Agent):
    """An agent that repeats the same bytes until they are answered, as the real one does."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(token)
        headers = {"Authorization": f"Bearer {token}"}
        self.client = Caller(httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=10))  # type: ignore[assignment]
        self.taken = 0

    @property
    def statuses(self) -> list[int]:
        return self.client.statuses  # type: ignore[attr-defined]

    def begin(self) -> None:
        """Enrol, and bring every first list, which is empty."""
        assert self.enrol().status_code == 200
        self.complete()

    def send(self, *pods: dict[str, Any]) -> None:
        """One batch of pods; whatever else it is, it is taken."""
        answer = self.delta(*(("pods", pod) for pod in pods))
        assert answer.status_code == 200, answer.text
        self.taken += len(pods)


def running_pod(number: int) -> dict[str, Any]:
    """A pod that is well."""
    return body("pods", f"well-{number}") | {"status": {"phase": "Running"}}


def crashing_pod(number: int) -> dict[str, Any]:
    """A pod in a crash loop, with nobody above it: an incident of its own."""
    name = f"crash-{number}"
    status = {
        "name": "app",
        "ready": False,
        "restartCount": 7,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
    }
    pod = body("pods", name, containers=[{"name": "app", "image": "registry.example/app:1"}], nodeName="n1")
    return pod | {"status": {"phase": "Running", "containerStatuses": [status]}}


@dataclass
class Stage:
    """Northwind with a connected cluster, whose first step pages webhooks that a receiver in this process takes."""

    deployment: Deployment
    hooks: Receiver
    northwind: Any
    people: dict[Role, Any]
    token: str
    cluster: Cluster
    agents: list[HttpAgent] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator["Stage"]:
        with receiver() as hooks:
            allowed = f"127.0.0.1:{hooks.port}"
            with deployment(folder, OUTBOUND_ALLOW=allowed, EMAIL_URL="smtp://127.0.0.1:1") as running:
                northwind = accounts.organization("Northwind")
                people = {Role.OWNER: accounts.person("Ana Ribeiro")}
                accounts.member(northwind, people[Role.OWNER], Role.OWNER)
                with acting_for(northwind):
                    cluster, token = enrolment.connect(name="prod-eu-west", by=people[Role.OWNER])
                opened = cls(running, hooks, northwind, people, token, cluster)
                try:
                    yield opened
                finally:
                    for agent in opened.agents:
                        agent.client.http.close()  # type: ignore[attr-defined]

    def page_by_webhooks(self, *steps: int, delay: int = 1) -> None:
        """A policy whose steps page so many webhooks each."""
        with acting_for(self.northwind):
            targets = [
                [alerts.webhook(self.people[Role.OWNER], self.hooks.url, f"{step}-{n}") for n in range(count)]
                for step, count in enumerate(steps, 1)
            ]
            alerts.policy(*targets, delay=delay)

    def raise_signals(self, count: int, *, start: int = 0) -> None:
        """So many conditions with a cause of their own, published in one transaction as health does it."""
        with acting_for(self.northwind):
            for number in range(start, start + count):
                name = f"pod-{number}"
                events.publish(
                    SignalRaised(
                        source="health", key=f"pods/Pod/shop/{name}", version=1, severity="high",
                        object=ObjectReference(self.cluster.pk, "Pod", "shop", name),
                        title=f"{name} fails", at=clock.now(),
                    )
                )  # fmt: skip

    def agent(self) -> HttpAgent:
        """The cluster's agent over HTTP, after its first lists."""
        agent = HttpAgent(self.deployment.url, self.token)
        self.agents.append(agent)
        agent.begin()
        return agent

    def pods_held(self) -> int:
        with acting_for(self.northwind):
            return KubernetesObject.objects.filter(kind="Pod").count()

    def sent(self) -> int:
        """How many notifications are told as sent."""
        with acting_for(self.northwind):
            return Notification.objects.sent().count()

    def unfinished(self) -> list[str]:
        """Due rows of the product's own topics that are not done."""
        with acting_for(self.northwind):
            rows = OutboxMessage.objects.waiting().filter(due_at__lte=clock.now())
            return [str(row) for row in rows if row.topic.split(".")[0] in {"alerts", "clusters", "srexpert"}]

    def arrivals(self) -> Counter[str]:
        """How often each webhook arrived, by its idempotency key."""
        return Counter(headers["webhook-id"] for headers, _ in list(self.hooks.requests))

    def keys(self) -> set[str]:
        """The idempotency keys of all notifications."""
        with acting_for(self.northwind):
            return {
                f"msg_{uuid.UUID(str(pk)).hex}" for pk in Notification.objects.values_list("pk", flat=True)
            }
