"""Every address that the project serves, found by walking the URL configuration."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    """One pattern of the URL configuration, with the view behind it."""

    name: str
    route: str
    arguments: frozenset[str]
    view: Any

    @property
    def permission(self) -> str | None:
        """What `srexpert.web.guard` wrote on the view; None for views of libraries."""
        return getattr(self.view, "permission", None)

    def path(self, values: dict[str, Any]) -> str:
        """The address with its arguments filled in; KeyError for an argument that nobody makes."""
        missing = self.arguments - values.keys()
        if missing:
            raise KeyError(f"tests/house/world.py makes no value for {sorted(missing)} of {self.route}")
        return reverse(self.name, kwargs={name: values[name] for name in self.arguments})


def all_addresses() -> list[Address]:
    """Every address, in the order of the configuration."""
    return list(_walk(get_resolver(), "", []))


def _walk(resolver: Any, route: str, namespaces: list[str]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        whole = f"{route}{entry.pattern}"
        if isinstance(entry, URLPattern):
            name = ":".join([*namespaces, entry.name or ""])
            # Arguments of includes above are in the parents' routes.
            yield Address(name, whole, frozenset(_arguments(resolver, entry)), entry.callback)
        else:
            inner = [*namespaces, entry.namespace] if entry.namespace else namespaces
            entry.outer = (*getattr(resolver, "outer", ()), *entry.pattern.regex.groupindex)
            yield from _walk(entry, whole, inner)


def _arguments(resolver: Any, entry: URLPattern) -> set[str]:
    return {*getattr(resolver, "outer", ()), *entry.pattern.regex.groupindex}
