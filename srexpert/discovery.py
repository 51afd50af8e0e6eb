"""Finds what the installed apps declare about themselves, as the admin finds its modules.

Each function gathers one kind of declaration; an app that has nothing of that kind has no such module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.conf import settings

from srexpert.permissions import Permission

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def modules(name: str) -> Iterator[ModuleType]:
    """The module `name` of each of our apps that has one, lowest layer first."""
    for config in reversed(list(apps.get_app_configs())):
        if config.name.split(".")[0] in settings.OUR_APPS and find_spec(f"{config.name}.{name}"):
            yield import_module(f"{config.name}.{name}")


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """An entry of the left navigation; `url_name` takes the organization, `permission` decides who sees it."""

    section: "StrOrPromise"
    label: "StrOrPromise"
    url_name: str
    icon: str
    permission: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class Panel:
    """What an app shows on another's page: a template, included with this panel as `panel`."""

    template: str
    context: dict[str, Any]
    order: int = 50


@dataclass(frozen=True, slots=True)
class GrantableCluster:
    """A cluster that may be granted to members and teams, whole or by namespace; accounts lies below clusters."""

    id: UUID
    name: str
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A task that runs by itself every so often, named and not imported."""

    task: str
    every: timedelta


@cache
def permissions() -> dict[str, Permission]:
    """All named permissions, by name."""
    found: dict[str, Permission] = {}
    for module in modules("permissions"):
        found |= {permission.name: permission for permission in module.PERMISSIONS}
    return found


@cache
def navigation() -> tuple[NavigationItem, ...]:
    """All entries of the navigation, in the order in which they show."""
    items = [item for module in modules("navigation") for item in module.NAVIGATION]
    return tuple(sorted(items, key=lambda item: (item.order, item.label)))


def panels(place: str, request: Any) -> list[Panel]:
    """What apps show at a place of a page: each `panels.py` lists functions of the request under its name.

    Such a function gives a Panel, or None where it has nothing to show to this person.
    """
    makers = [maker for module in modules("panels") for maker in getattr(module, place, ())]
    found = [panel for panel in (maker(request) for maker in makers) if panel is not None]
    return sorted(found, key=lambda panel: panel.order)


def grantable() -> list[GrantableCluster]:
    """What can be granted in the current organization: `GRANTABLE` in `panels.py` lists functions that tell."""
    makers = [maker for module in modules("panels") for maker in getattr(module, "GRANTABLE", ())]
    return sorted((cluster for maker in makers for cluster in maker()), key=lambda cluster: cluster.name)


def schedule() -> dict[str, dict[str, Any]]:
    """The beat's schedule."""
    return {
        scheduled.task: {"task": scheduled.task, "schedule": scheduled.every, "options": {"expires": 60}}
        for module in modules("schedule")
        for scheduled in module.SCHEDULE
    }


def load_handlers() -> None:
    """Imports each app's tasks, so that every process knows who subscribes to what."""
    for _ in modules("tasks"):
        pass
