"""An index over a list of Kubernetes objects: by kind, namespace, name, uid, owner and label.

It also knows which kinds were given at all, so that 'not collected' is never taken for 'none exist'.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from clusters.kubernetes import fields, references
from clusters.kubernetes.fields import Object
from clusters.kubernetes.selectors import Selector

# A Knative Service or a custom Node is another kind: it is kept under `Kind.group`.
GROUPS: dict[str, tuple[str, ...]] = {
    "Pod": ("",), "Service": ("",), "Endpoints": ("",), "Node": ("",), "Namespace": ("",),
    "PersistentVolume": ("",), "PersistentVolumeClaim": ("",), "ReplicationController": ("",),
    "Event": ("", "events.k8s.io"),
    "Deployment": ("apps", "extensions"), "ReplicaSet": ("apps", "extensions"),
    "StatefulSet": ("apps",), "DaemonSet": ("apps", "extensions"),
    "Job": ("batch",), "CronJob": ("batch",),
    "HorizontalPodAutoscaler": ("autoscaling",),
    "EndpointSlice": ("discovery.k8s.io",),
    "StorageClass": ("storage.k8s.io",),
    "Ingress": ("networking.k8s.io", "extensions"),
}  # fmt: skip
CLUSTER_SCOPED = frozenset({"Node", "Namespace", "PersistentVolume", "StorageClass"})


class Resource:
    """One object with what is asked of it most: kind, namespace, name, uid, labels."""

    __slots__ = ("body", "kind", "labels", "name", "namespace", "uid")

    def __init__(self, kind: str, body: Object) -> None:
        metadata = fields.mapping(body, "metadata")
        self.kind = kind
        self.body = body
        self.name = fields.text(metadata, "name")
        self.namespace = "" if kind in CLUSTER_SCOPED else fields.text(metadata, "namespace")
        self.uid = fields.text(metadata, "uid")
        self.labels = fields.string_pairs(metadata, "labels")

    @property
    def identity(self) -> tuple[str, str, str]:
        """Kind, namespace and name: what a person calls it by, and what orders it."""
        return self.kind, self.namespace, self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def kind_of(body: Object) -> str:
    """Return the kind under which an object is filed, or an empty string for what is no object."""
    kind, version = body.get("kind"), body.get("apiVersion")
    if not isinstance(kind, str) or not kind:
        return ""
    if not isinstance(version, str) or not version:
        return kind
    group = version.rpartition("/")[0]
    known = GROUPS.get(kind)
    return kind if known is None or group in known else f"{kind}.{group}"


def expand(objects: Iterable[object]) -> Iterator[tuple[str, Object | None]]:
    """Yield (kind, object), with lists taken apart; an empty `PodList` yields ("Pod", None): given, but none."""
    for body in objects:
        if isinstance(body, list):
            yield from expand(body)
            continue
        if not isinstance(body, dict):
            continue
        kind = kind_of(body)
        if not kind.partition(".")[0].endswith("List") or not isinstance(body.get("items"), list):
            if kind:
                yield kind, body
            continue
        yield from _items(body)


def _items(body: Object) -> Iterator[tuple[str, Object | None]]:
    bare = fields.text(body, "kind").removesuffix("List")
    version = body.get("apiVersion")
    if bare:
        yield kind_of({"kind": bare, "apiVersion": version}), None
    for item in fields.sequence(body, "items"):
        if not isinstance(item, dict):
            continue
        if (
            not isinstance(item.get("kind"), str) and bare
        ):  # the API leaves kind out of the items of a typed list
            item = {"apiVersion": version, **item, "kind": bare}  # noqa: PLW2901 -- the same item, completed
        yield from expand([item])


class Inventory:
    """The objects of one cluster, indexed; `collected` names kinds known to be complete even if empty."""

    def __init__(self, objects: Iterable[object], collected: Iterable[str] | None = None) -> None:
        self._by_identity: dict[tuple[str, str, str], Resource] = {}
        self._given = set(collected or ())
        for kind, body in expand(objects):
            self._given.add(kind)
            if body is not None:
                resource = Resource(kind, body)
                if resource.name:
                    self._by_identity[resource.identity] = resource  # given twice: the later one is newer
        self._by_kind: dict[str, list[Resource]] = defaultdict(list)
        for identity in sorted(self._by_identity):
            self._by_kind[identity[0]].append(self._by_identity[identity])

    def given(self, *kinds: str) -> bool:
        """Say whether all these kinds were given, so that the absence of an object means something."""
        return all(kind in self._given for kind in kinds)

    def of(self, kind: str) -> list[Resource]:
        """Return the objects of a kind, ordered by namespace and name."""
        return self._by_kind.get(kind, [])

    def get(self, kind: str, namespace: str, name: str) -> Resource | None:
        """Return the object of that name, or None."""
        return self._by_identity.get((kind, "" if kind in CLUSTER_SCOPED else namespace, name))

    def within(self, kind: str, namespace: str) -> list[Resource]:
        """Return the objects of a kind in one namespace, ordered by name."""
        return self._by_namespace.get((kind, namespace), [])

    def owner_of(self, resource: Resource) -> Resource | None:
        """Return the object that manages this one, or None where it has none or wasn't given."""
        reference = references.controller(resource.body)
        if reference is None:
            return None
        owner = self.get(reference.kind, resource.namespace, reference.name)
        if owner is None or (reference.uid and owner.uid and reference.uid != owner.uid):
            return None  # another object has taken the name since
        return owner

    def owned_by(self, owner: Resource, kind: str) -> list[Resource]:
        """Return the objects of a kind that this one manages, ordered by name."""
        return self._children.get((owner.identity, kind), [])

    def select(self, kind: str, namespace: str, selector: Selector) -> list[Resource]:
        """Return the objects of a kind in a namespace that a selector matches, ordered by name."""
        candidates = self.within(kind, namespace)
        for pair in selector.exact.items():
            narrower = self._by_label(kind).get((namespace, *pair), [])
            if len(narrower) < len(candidates):
                candidates = narrower
        return [resource for resource in candidates if selector.matches(resource.labels)]

    @cached_property
    def absent_owner_kinds(self) -> frozenset[str]:
        """Kinds that are named as owners and so exist in the cluster, but were not given."""
        named = {
            owner.kind
            for resource in self._by_identity.values()
            for owner in references.owners(resource.body)
        }
        return frozenset(named - self._given)

    @cached_property
    def _by_namespace(self) -> dict[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for kind, resources in self._by_kind.items():
            for resource in resources:
                found[kind, resource.namespace].append(resource)
        return found

    @cached_property
    def _children(self) -> dict[tuple[tuple[str, str, str], str], list[Resource]]:
        found: dict[tuple[tuple[str, str, str], str], list[Resource]] = defaultdict(list)
        for kind, resources in self._by_kind.items():
            for resource in resources:
                owner = self.owner_of(resource)
                if owner is not None:
                    found[owner.identity, kind].append(resource)
        return found

    @cached_property
    def _label_indexes(self) -> dict[str, dict[tuple[str, str, str], list[Resource]]]:
        return {}

    def _by_label(self, kind: str) -> dict[tuple[str, str, str], list[Resource]]:
        index = self._label_indexes.get(kind)
        if index is None:
            index = defaultdict(list)
            for resource in self.of(kind):
                for key, value in resource.labels.items():
                    index[resource.namespace, key, value].append(resource)
            self._label_indexes[kind] = index
        return index
