"""Answers requests: authenticates, authorizes, and hands over to the part of the API that a path names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clusters.simulator.apiserver import access, discovery, reading, statuses, subresources, writing
from clusters.simulator.apiserver.access import Attributes, Authenticator
from clusters.simulator.apiserver.requests import Answer, Place, Request, Target, answer, place_of, target_of
from clusters.simulator.apiserver.resources import Registry
from clusters.simulator.apiserver.store import Store
from clusters.simulator.apiserver.watching import Rhythm, watch
from clusters.simulator.apiserver.writer import Writer

_OPEN_TO_ALL = ("/healthz", "/livez", "/readyz", "/version")
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_REVIEWS = frozenset({"authorization.k8s.io", "authentication.k8s.io"})

Handler = Callable[[Request, Target], Answer]
Metrics = Callable[[Request, Target], Answer]


@dataclass(frozen=True, slots=True)
class Version:
    """What /version tells: `1.35.4`."""

    git: str

    def told(self) -> dict[str, str]:
        major, minor, _ = self.git.split(".", 2)
        return {
            "major": major, "minor": minor, "emulationMajor": major, "emulationMinor": minor,
            "gitVersion": f"v{self.git}", "gitCommit": "0000000000000000000000000000000000000000",
            "gitTreeState": "clean", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.25.5",
            "compiler": "gc", "platform": "linux/amd64",
        }  # fmt: skip


@dataclass(slots=True)
class Api:
    """The API server without HTTP. `metrics` answers for metrics.k8s.io, whose figures aren't stored."""

    store: Store
    registry: Registry
    writer: Writer
    users: Authenticator
    rhythm: Rhythm
    version: Version
    metrics: Metrics
    address: str = ""

    def handle(self, request: Request) -> Answer:
        """Answer one request; an error is raised.

        Raises ApiError for every answer that isn't a success.
        """
        request.user = self.users.who(request.headers.get("authorization"))
        place = place_of(request.path)
        if place is None:
            return self._beside(request)
        access.require(self.store, request.user, _attributes(request, place))
        if place.group and place.version not in self.registry.groups().get(place.group, ()):
            return Answer(b"404 page not found\n", 404, "text/plain; charset=utf-8")
        return self._resource(request, target_of(place, self.registry), watched=_is_watch(request, place))

    def _beside(self, request: Request) -> Answer:
        """The paths beside the resources: health, version, discovery, OpenAPI."""
        path = request.path.rstrip("/") or "/"
        if not path.startswith(_OPEN_TO_ALL):
            verb = request.method.lower()
            access.require(self.store, request.user, Attributes(verb, path=request.path))
        if path.startswith(("/healthz", "/livez", "/readyz")):
            return Answer(b"ok", content_type="text/plain; charset=utf-8")
        if path == "/version":
            return answer(self.version.told())
        found = self._discovered(request, path)
        if found is None:
            paths = ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]
            return answer({"paths": paths}, 200 if path == "/" else 404)
        return found

    def _discovered(self, request: Request, path: str) -> Answer | None:
        parts = path.strip("/").split("/")
        if parts in (["api"], ["apis"]):
            return self._all_groups(request, core=parts == ["api"])
        groups = self.registry.groups()
        found: dict[str, Any] | None = None
        match parts:
            case ["api", "v1"]:
                found = discovery.resource_list(self.registry, "", "v1")
            case ["apis", name] if name in groups:
                found = {"kind": "APIGroup", "apiVersion": "v1"} | discovery.group(name, groups[name])
            case ["apis", name, version] if version in groups.get(name, ()):
                found = discovery.resource_list(self.registry, name, version)
            case ["openapi", "v3"]:
                found = discovery.openapi_index(self.registry)
            case ["openapi", "v3", "api", version]:
                found = discovery.openapi(self.registry, "", version)
            case ["openapi", "v3", "apis", name, version]:
                found = discovery.openapi(self.registry, name, version)
        return None if found is None else answer(found)

    def _all_groups(self, request: Request, *, core: bool) -> Answer:
        if "APIGroupDiscoveryList" in request.headers.get("accept", "").partition(",")[0]:
            told = answer(discovery.aggregated(self.registry, core=core))
            told.content_type = discovery.AGGREGATED
            return told
        return answer(discovery.core_versions(self.address) if core else discovery.group_list(self.registry))

    def _resource(self, request: Request, target: Target, *, watched: bool) -> Answer:
        if target.resource.group in _REVIEWS:
            return subresources.review(self.writer, self.users, request, target)
        if target.resource.group == "metrics.k8s.io":
            if request.method != "GET" or watched:
                raise statuses.method_not_allowed()
            return self.metrics(request, target)
        if target.subresource and target.subresource != "status":
            return self._subresource(request, target)
        if watched:
            return watch(self.store, request, target, self.rhythm)
        return self._plain(request, target)

    def _plain(self, request: Request, target: Target) -> Answer:
        handlers: dict[tuple[str, bool], Callable[[], Answer]] = {
            ("GET", True): lambda: reading.get(self.store, request, target),
            ("GET", False): lambda: reading.list_objects(self.store, request, target),
            ("POST", False): lambda: writing.create(self.writer, request, target),
            ("PUT", True): lambda: writing.update(self.writer, request, target),
            ("PATCH", True): lambda: writing.patch(self.writer, request, target),
            ("DELETE", True): lambda: writing.delete(self.writer, request, target),
            ("DELETE", False): lambda: writing.delete_collection(self.writer, request, target),
        }
        handler = handlers.get((request.method, bool(target.name)))
        if handler is None:
            raise statuses.method_not_allowed()
        return handler()

    def _subresource(self, request: Request, target: Target) -> Answer:
        match target.subresource, request.method:
            case "scale", "GET" | "PUT" | "PATCH":
                return subresources.scale(self.writer, request, target)
            case "eviction", "POST":
                return subresources.evict(self.writer, request, target)
            case "binding", "POST":
                return subresources.bind(self.writer, request, target)
            case "token", "POST":
                return subresources.request_token(self.writer, self.users, request, target)
        raise statuses.method_not_allowed()


def _is_watch(request: Request, place: Place) -> bool:
    return request.method == "GET" and (place.watch or request.flag("watch"))


def _attributes(request: Request, place: Place) -> Attributes:
    verb = _VERBS.get(request.method, "")
    if request.method in ("GET", "HEAD"):
        verb = "watch" if _is_watch(request, place) else "get" if place.name else "list"
    elif request.method == "DELETE":
        verb = "delete" if place.name else "deletecollection"
    return Attributes(verb, place.group, place.plural, place.subresource, place.namespace, place.name)


def told_error(error: statuses.ApiError) -> Answer:
    """An error as an answer: its Status, and when to try again."""
    made: Any = answer(error.status, error.code)
    if error.retry_after:
        made.headers["Retry-After"] = str(error.retry_after)
    told: Answer = made
    return told
