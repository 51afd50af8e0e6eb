"""What this API server serves, of the kinds that can be projected. Asked, never guessed from a version number."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from clusters.agent.catalogue import SERVED_TWICE
from clusters.agent.cluster_api import ClusterApi, NotServed
from clusters.agent.retries import Retryable

# Watchers that find their kind gone ask again together; one round of discovery answers them all.
T = TypeVar("T")

FRESH_SECONDS = 20.0


@dataclass(frozen=True)
class ServedKind:
    """A kind at the version that will be watched. `resource` is `deployments.apps`, in the core group `pods`."""

    resource: str
    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool

    @property
    def path(self) -> str:
        """The path of its list over all namespaces."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/{self.plural}"

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


class _Version(msgspec.Struct):
    version: str


class _Group(msgspec.Struct, rename="camel"):
    name: str
    versions: list[_Version]
    preferred_version: _Version | None = None


class _Groups(msgspec.Struct):
    groups: list[_Group]


class _CoreVersions(msgspec.Struct):
    versions: list[str]


class _Resource(msgspec.Struct):
    name: str
    kind: str
    namespaced: bool = False
    verbs: list[str] = []


class _Resources(msgspec.Struct):
    resources: list[_Resource]


def split(resource: str) -> tuple[str, str]:
    """Plural and group of `deployments.apps`; the core group is empty."""
    plural, _, group = resource.partition(".")
    return plural, group


class Discovery:
    """Finds each resource of the catalogue, which maps it to the versions that can be projected."""

    def __init__(
        self,
        api: ClusterApi,
        catalogue: Mapping[str, Collection[str]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.catalogue = catalogue
        self._api = api
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[str, ServedKind] = {}
        self._failing: dict[str, Retryable] = {}
        self._asked_at: float | None = None

    @property
    def answered(self) -> bool:
        """Whether the API server ever said what it serves."""
        return self._asked_at is not None

    def locate(self, resource: str) -> ServedKind:
        """Where the resource is served now. Raises NotServed, or Retryable when the API server can't say."""
        with self._lock:
            if self._asked_at is None or self._clock() - self._asked_at > FRESH_SECONDS:
                self._ask()
                self._asked_at = self._clock()
            twin = SERVED_TWICE.get(resource)
            if twin in self._found:
                raise NotServed(f"the same objects are watched as {twin}")
            if resource in self._found:
                return self._found[resource]
            _, group = split(resource)
            if group in self._failing:
                raise self._failing[group]
        raise NotServed("the API server doesn't serve it in a version that can be projected")

    def _ask(self) -> None:
        found: dict[str, ServedKind] = {}
        failing: dict[str, Retryable] = {}
        offers = self._offered_versions()
        for group in {split(resource)[1] for resource in self.catalogue}:
            for version in offers.get(group, []):
                wanted = self._wanted(group, version) - found.keys()
                if not wanted:
                    continue
                try:
                    found |= self._in_version(group, version, wanted)
                except Retryable as error:
                    # An aggregated API may be down while the rest of the cluster is well.
                    failing[group] = error
        self._found, self._failing = found, failing

    def _wanted(self, group: str, version: str) -> set[str]:
        return {
            resource
            for resource, versions in self.catalogue.items()
            if split(resource)[1] == group and version in versions
        }

    def _offered_versions(self) -> dict[str, list[str]]:
        core = _read(self._api.get("/api"), _CoreVersions)
        groups = _read(self._api.get("/apis"), _Groups)
        offers = {"": core.versions}
        for group in groups.groups:
            preferred = [group.preferred_version.version] if group.preferred_version else []
            others = [offer.version for offer in group.versions if offer.version not in preferred]
            offers[group.name] = preferred + others
        return offers

    def _in_version(self, group: str, version: str, wanted: set[str]) -> dict[str, ServedKind]:
        root = f"/apis/{group}" if group else "/api"
        try:
            answer = _read(self._api.get(f"{root}/{version}"), _Resources)
        except NotServed:
            return {}
        served = {}
        for offer in answer.resources:
            name = f"{offer.name}.{group}" if group else offer.name
            if name in wanted and {"list", "watch"} <= set(offer.verbs):
                served[name] = ServedKind(name, group, version, offer.name, offer.kind, offer.namespaced)
        return served


def _read(raw: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError:
        raise Retryable("the API server's discovery can't be read") from None


class _Metadata(msgspec.Struct):
    uid: str


class _Namespace(msgspec.Struct):
    metadata: _Metadata


class _GitVersion(msgspec.Struct, rename="camel"):
    git_version: str = ""


def cluster_uid(api: ClusterApi) -> str:
    """What tells this cluster from others: the uid of kube-system. Raises as `ClusterApi.get`."""
    return _read(api.get("/api/v1/namespaces/kube-system"), _Namespace).metadata.uid


def kubernetes_version(api: ClusterApi) -> str:
    """The API server's own name of its version, such as v1.33.2. Raises as `ClusterApi.get`."""
    return _read(api.get("/version"), _GitVersion).git_version
