"""A request to the API and its answer, apart from HTTP: where it points, what it wants, what comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

from clusters.simulator.apiserver import statuses
from clusters.simulator.apiserver.access import ANONYMOUS, User
from clusters.simulator.apiserver.resources import Registry, Resource

JSON_TYPE = "application/json"
_TRUE = frozenset({"1", "true", "True"})


@dataclass(slots=True)
class Request:
    """What came in. `query` holds the first value of each parameter."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: User = ANONYMOUS

    def flag(self, name: str) -> bool:
        """Whether a boolean parameter is set."""
        return self.query.get(name, "") in _TRUE

    def number(self, name: str) -> int:
        """An integer parameter, 0 if it's absent.

        Raises ApiError (400) for anything else.
        """
        text = self.query.get(name, "")
        try:
            return int(text) if text else 0
        except ValueError:
            told = f'strconv.ParseInt: parsing "{text}": invalid syntax'
            raise statuses.bad_request(told) from None

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to be stored.

        Raises ApiError (422) for a value other than All.
        """
        value = self.query.get("dryRun", "")
        if value not in ("", "All"):
            cause = statuses.Cause("dryRun", "FieldValueNotSupported",
                                   f'Unsupported value: "{value}": supported values: "All"')  # fmt: skip
            raise statuses.invalid("PatchOptions", "meta.k8s.io", "", [cause])
        return value == "All"

    @property
    def content_type(self) -> str:
        """The body's media type, without parameters."""
        return self.headers.get("content-type", JSON_TYPE).partition(";")[0].strip() or JSON_TYPE

    def decoded(self) -> Any:
        """The body as JSON, or YAML where the media type says so.

        Raises ApiError: 400 for a broken body, 415 for protobuf and other formats.
        """
        kind = self.content_type
        try:
            if kind.endswith("yaml"):
                return yaml.safe_load(self.body)
            if kind.endswith("json") or kind == "application/x-www-form-urlencoded":
                return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, yaml.YAMLError) as wrong:
            raise statuses.bad_request(f"couldn't get version/kind; json parse error: {wrong}") from wrong
        raise statuses.unsupported_media_type()


@dataclass(slots=True)
class Answer:
    """What goes out; a `stream` is sent chunk by chunk instead of the body."""

    body: bytes = b""
    code: int = 200
    content_type: str = JSON_TYPE
    stream: Iterator[bytes] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def answer(value: Any, code: int = 200) -> Answer:
    """A value as a JSON answer."""
    return Answer(msgspec.json.encode(value), code)


@dataclass(frozen=True, slots=True)
class Target:
    """Which resource, object and subresource a path points to."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A path taken apart before it's known whether anything is served there."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    watch: bool = False


def place_of(path: str) -> Place | None:
    """The place in the API that a path names; None for paths beside the resources."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > 2 and parts[0] == "api":
        group, version, rest = "", parts[1], parts[2:]
    elif len(parts) > 3 and parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    watch = rest[0] == "watch" and len(rest) > 1  # the older way to ask for a watch
    rest = rest[1:] if watch else rest
    namespace = ""
    if (
        rest[0] == "namespaces"
        and len(rest) > 2
        and not (len(rest) == 3 and rest[2] in ("status", "finalize"))
    ):
        namespace, rest = rest[1], rest[2:]
    plural, name, subresource = [*rest[:3], "", ""][:3]
    return Place(group, version, plural, namespace, name, subresource, watch)


def target_of(place: Place, registry: Registry) -> Target:
    """The served resource at a place.

    Raises ApiError (404) if none is.
    """
    resource = registry.find(place.group, place.version, place.plural)
    if resource is None or (place.subresource and place.subresource not in resource.subresources):
        raise statuses.no_such_resource()
    if place.namespace and not resource.namespaced:
        raise statuses.no_such_resource()
    return Target(resource, place.namespace, place.name, place.subresource)
