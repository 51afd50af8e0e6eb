"""Builds evidence from objects: the value that stands at a path, and readable paths to it."""

import re
from math import isfinite
from typing import Any

from clusters.analyzers.base import Cause, Evidence
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Resource

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)
LONGEST = 500  # characters of one value; a message beyond that helps nobody


def path_of(*steps: str | int) -> str:
    """Return a JSON path: `status.conditions[2].reason`, `metadata.labels['app.kubernetes.io/name']`."""
    written = ""
    for step in steps:
        if isinstance(step, int):
            written += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            written += f".{step}" if written else step
        else:
            quoted = step.replace("\\", "\\\\").replace("'", "\\'")
            written += f"['{quoted}']"
    return written


def seen(resource: Resource, *steps: str | int) -> list[Evidence]:
    """Return the value at a path of the finding's own object as evidence; nothing where it is absent."""
    return _entry("", resource.body, steps)


def seen_on(resource: Resource, *steps: str | int) -> list[Evidence]:
    """Return a value of another object as evidence, with that object named in the path."""
    return _entry(f"{label(resource)}:", resource.body, steps)


def _entry(prefix: str, body: object, steps: tuple[str | int, ...]) -> list[Evidence]:
    value = fields.dig(body, *steps)
    return [] if value is None else [Evidence(prefix + path_of(*steps), _short(value))]


def _short(value: Any) -> Any:  # a JSON value
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, dict):
        return fields.string_pairs(value)
    return str(value)[:LONGEST]


def label(resource: Resource) -> str:
    """Return `Kind/namespace/name`, without the namespace where there is none."""
    return "/".join(part for part in resource.identity if part)


def moved(entries: list[Evidence], resource: Resource) -> list[Evidence]:
    """Return evidence of this object in the form in which another object's finding quotes it."""
    prefix = f"{label(resource)}:"
    return [
        entry if ":" in entry.path.partition("[")[0] else Evidence(prefix + entry.path, entry.value)
        for entry in entries
    ]


def cause_of(resource: Resource) -> Cause:
    """Return the reference by which another finding names this object as its cause."""
    return Cause(*resource.identity)
