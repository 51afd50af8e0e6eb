"""What a channel is given and what it may answer; CONTRIBUTING lists the steps for a new one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """What a recipient is told: plain values, so that no channel touches the database.

    `key` is the same for each try of the same page; `address` and `secret` are the recipient's.
    """

    key: str
    address: str
    secret: str
    incident: str
    url: str
    title: str
    severity: str
    state: str
    cluster: str
    cause: str
    advice: str
    affected: int
    opened_at: datetime
    step: int
    at: datetime


class Channel(Protocol):
    """Sends a page; raises srexpert.outbox.Undeliverable, permanent when no later try will do better."""

    def __call__(self, page: Page, /) -> None: ...


_channels: dict[str, Channel] = {}


def channel(name: str) -> Callable[[Channel], Channel]:
    """Registers a function as the channel of that name."""

    def register(function: Channel) -> Channel:
        if name in _channels:
            raise ValueError(f"there are two channels named {name}")
        _channels[name] = function
        return function

    return register


@cache
def load() -> dict[str, Channel]:
    """All channels by name; imports the `transport` of each folder here."""
    import alerts.channels as room  # noqa: PLC0415 -- the room imports this module

    for module in iter_modules(room.__path__):
        if module.ispkg:
            import_module(f"alerts.channels.{module.name}.transport")
    return _channels
