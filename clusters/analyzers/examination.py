"""One run over one cluster's objects: the inventory, the time, and facts that analyzers share."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Inventory, Resource

Value = TypeVar("Value")


class Examination:
    """What every analyzer is given."""

    def __init__(self, inventory: Inventory, now: datetime) -> None:
        self.inventory = inventory
        self.now = now
        self.facts: dict[str, Any] = {}

    def passed(self, grace: timedelta, since: datetime | None) -> bool:
        """Say whether a state has lasted longer than its grace; an unknown start counts as long ago."""
        return since is None or self.now - since >= grace

    def recent(self, window: timedelta, at: datetime | None) -> bool:
        """Say whether something happened within the window before now; an unknown time doesn't."""
        return at is not None and self.now - at < window

    def age_passed(self, grace: timedelta, resource: Resource) -> bool:
        """Say whether an object is older than a grace."""
        return self.passed(grace, fields.moment(resource.body, "metadata", "creationTimestamp"))


def fact(function: Callable[[Examination], Value]) -> Callable[[Examination], Value]:
    """Make a function of the examination run once in it, however many analyzers ask."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(examination: Examination) -> Value:
        if name not in examination.facts:
            examination.facts[name] = function(examination)
        return cast("Value", examination.facts[name])

    return remembered
