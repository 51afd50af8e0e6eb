"""Signals, incidents and policies for tests."""

import uuid
from datetime import UTC, datetime
from typing import Any

from accounts.models import Membership, User
from alerts.domain import intake, policies
from alerts.domain.policies import StepPlan
from alerts.models import EscalationPolicy, Incident, WebhookTarget
from srexpert.events import ObjectReference, SignalCleared, SignalRaised

CLUSTER = uuid.UUID("11111111-1111-4111-8111-111111111111")
AT = datetime(2026, 11, 24, 10, 21, 8, tzinfo=UTC)
SECRET = "whsec_" + "c3JleHBlcnQtdGVzdC1zZWNyZXQtMzItYnl0ZXMh"


def raised(key: str = "pods/Pod/shop/cart-1", version: int = 1, **fields: Any) -> SignalRaised:
    """A signal about a pod of the shop, unless told otherwise."""
    namespace = fields.pop("namespace", "shop")
    place = ObjectReference(fields.pop("cluster", CLUSTER), fields.pop("kind", "Pod"), namespace, key[-40:])
    given: dict[str, Any] = {"source": "health", "object": place, "severity": "high", "title": f"{key} fails"}
    given |= {"labels": {"cluster": "prod-eu-west"}, "at": AT}
    return SignalRaised(key=key, version=version, **(given | fields))


def cleared(key: str = "pods/Pod/shop/cart-1", version: int = 2, **fields: Any) -> SignalCleared:
    """The end of it."""
    return SignalCleared(key=key, version=version, **({"source": "health", "at": AT} | fields))


def fire(key: str = "pods/Pod/shop/cart-1", version: int = 1, **fields: Any) -> Incident:
    """Takes a signal in; gives the incident that its alert is in."""
    intake.take_raised(signal=raised(key, version, **fields))
    return Incident.objects.get(alerts__key=key, alerts__version=version)


def clear(key: str = "pods/Pod/shop/cart-1", version: int = 2, **fields: Any) -> None:
    """Takes the end of a signal in."""
    intake.take_cleared(signal=cleared(key, version, **fields))


def policy(*steps: list[User | WebhookTarget], delay: int = 300) -> EscalationPolicy:
    """The default policy: each argument is a step, the first at once, the others after `delay` seconds."""
    plans = []
    for position, targets in enumerate(steps):
        people = [target for target in targets if isinstance(target, User)]
        plans.append(
            StepPlan(
                delay_seconds=delay if position else 0,
                members=list(Membership.objects.filter(user__in=people)),
                webhooks=[target for target in targets if isinstance(target, WebhookTarget)],
            )
        )
    return policies.plan(policy=None, steps=plans, by=None)


def webhook(by: User, address: str = "https://hooks.example/srexpert", name: str = "Chat") -> WebhookTarget:
    """A webhook with a known secret."""
    return WebhookTarget.objects.create(
        name=name, host="hooks.example", address=address, secret=SECRET, created_by=by
    )
