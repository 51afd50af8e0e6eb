"""Creates, changes and deletes objects as the API server does: defaults, checks, generations, managers, finalizers.

Requests over HTTP and the controllers write through the same functions, each under its manager's name.
"""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from clusters.simulator.apiserver import defaults, managed_fields, statuses, validation
from clusters.simulator.apiserver.resources import Registry, Resource
from clusters.simulator.apiserver.store import Object, Store, copy_of
from clusters.simulator.clock import Clock, parse_stamp, stamp

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_TEMPLATE_NUMBER = "deprecated.daemonset.template.generation"
CLAIM_PROTECTION = "kubernetes.io/pvc-protection"
_FREE_OF_CLUSTERS_STATE = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
_KEPT_METADATA = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
# Kinds whose spec isn't versioned by a generation.
_WITHOUT_GENERATION = frozenset({
    "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims",
    "persistentvolumes", "resourcequotas", "secrets", "serviceaccounts", "services", "leases.coordination.k8s.io",
    "storageclasses.storage.k8s.io", "clusterroles.rbac.authorization.k8s.io", "controllerrevisions.apps",
    "clusterrolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io", "horizontalpodautoscalers.autoscaling",
})  # fmt: skip
_UNMANAGED = frozenset({"events"})  # too many and short-lived for their managers to be of use


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: the field manager, how, and through which subresource."""

    manager: str
    operation: str = "Update"
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """What a delete asks for; `grace` in seconds, None for the object's own."""

    grace: int | None = None
    propagation: str = "Background"
    uid: str = ""
    resource_version: str = ""
    dry_run: bool = False


@dataclass(slots=True)
class Writer:
    """The write side of the API server over one store."""

    store: Store
    registry: Registry
    clock: Clock
    random: random.Random
    _addresses: set[str] = field(default_factory=set)

    def uid(self) -> str:
        """A fresh uid, the same for the same seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def suffix(self, length: int = 5) -> str:
        """Random letters as generated names end with."""
        return "".join(self.random.choices(_SUFFIX_LETTERS, k=length))

    def create(self, resource: Resource, obj: Object, actor: Actor, *, dry_run: bool = False) -> Object:
        """Store a new object; `obj` is taken over.

        Raises ApiError: 404 for a missing namespace, 409 for a taken name, 422 for an invalid object.
        """
        with self.store.lock:
            self._prepare(resource, obj)
            name, namespace = obj["metadata"]["name"], obj["metadata"].get("namespace", "")
            if namespace:
                self._require_namespace(namespace, resource, name)
            if self.store.get(resource.storage, namespace, name) is not None:
                raise statuses.already_exists(resource, name)
            if resource.name not in _UNMANAGED:
                at = obj["metadata"]["creationTimestamp"]
                status = obj.pop("status", None)
                managed_fields.record(None, obj, manager=actor.manager, operation=actor.operation,
                                      subresource=actor.subresource, at=at)  # fmt: skip
                if status is not None:
                    obj["status"] = status
            if dry_run:
                return obj
            return self.store.write(resource.storage, obj)

    def update(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Object], Object],
        actor: Actor,
        *,
        dry_run: bool = False,
    ) -> Object:
        """Give a copy of the current object to `change` and store what it gives back.

        Raises ApiError: 404 if it isn't there, 409 if the result names another version or uid, 422 if it's invalid.
        """
        with self.store.lock:
            old = self.store.get(resource.storage, namespace, name)
            if old is None:
                raise statuses.not_found(resource, name)
            new = change(copy_of(old))
            self._check_identity(resource, old, new)
            new = self._restrict(resource, old, new, actor.subresource)
            if new == old:
                return old
            managed_fields.record(old, new, manager=actor.manager, operation=actor.operation,
                                  subresource=actor.subresource, at=stamp(self.clock.now()))  # fmt: skip
            if dry_run:
                return new
            leaving = "deletionTimestamp" in new["metadata"] and not new["metadata"].get("finalizers")
            if leaving and resource.storage not in ("pods", "namespaces"):
                return self.store.remove(resource.storage, namespace, name) or new
            return self.store.write(resource.storage, new)

    def edit(self, name: str, obj: Object, change: Callable[[Object], Any], actor: Actor) -> Object | None:
        """Change the current version of an object in place, as controllers do; None if it's gone by now."""
        metadata = obj["metadata"]

        def changed(copy: Object) -> Object:
            change(copy)
            return copy

        try:
            resource = self.registry.by_name(name)
            return self.update(resource, metadata.get("namespace", ""), metadata["name"], changed, actor)
        except statuses.ApiError as refused:
            if refused.code == 404:
                return None
            raise

    def delete(
        self, resource: Resource, namespace: str, name: str, options: DeleteOptions
    ) -> tuple[Object, bool]:
        """Delete, or begin to where a grace period or a finalizer asks for it; the object, and whether it's gone.

        Raises ApiError: 404 if it isn't there, 409 if a precondition fails.
        """
        with self.store.lock:
            old = self.store.get(resource.storage, namespace, name)
            if old is None:
                raise statuses.not_found(resource, name)
            self._check_preconditions(resource, old, options)
            grace = self._grace(resource, old, options)
            finalizers = self._finalizers(old, options)
            if grace == 0 and not finalizers and resource.storage != "namespaces":
                if not options.dry_run:
                    return self.store.remove(resource.storage, namespace, name) or old, True
                return old, True
            new = self._marked(resource, old, grace, finalizers)
            return (new if options.dry_run else self.store.write(resource.storage, new)), False

    def _prepare(self, resource: Resource, obj: Object) -> None:
        metadata = obj.setdefault("metadata", {})
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + self.suffix()
        for key in _FREE_OF_CLUSTERS_STATE:
            metadata.pop(key, None)
        metadata["uid"] = self.uid()
        metadata["creationTimestamp"] = stamp(self.clock.now())
        if not metadata.get("name"):
            validation.check_name(resource, "")
        self._fill_in(resource, obj)
        if resource.storage == "services":
            self._assign_address(obj["spec"])
        if resource.storage == "persistentvolumeclaims":
            metadata.setdefault("finalizers", []).append(CLAIM_PROTECTION)
        if resource.name not in _WITHOUT_GENERATION:
            metadata["generation"] = 1
        _count_templates(resource, obj, None)
        if resource.has_status:
            obj.pop("status", None)
            if (status := defaults.first_status(resource.name, obj)) or not resource.custom:
                obj["status"] = status
        validation.check(resource, obj)

    def _fill_in(self, resource: Resource, obj: Object) -> None:
        """Defaults; a body whose parts have the wrong shape is refused."""
        if resource.name in _UNMANAGED:
            return
        try:
            defaults.apply(resource.name, obj)
        except (AttributeError, KeyError, TypeError) as wrong:
            told = f'{resource.kind} in version "{resource.version}" cannot be handled as a {resource.kind}: {wrong}'
            raise statuses.bad_request(told) from wrong

    def _require_namespace(self, namespace: str, resource: Resource, name: str) -> None:
        found = self.store.get("namespaces", "", namespace)
        if found is None:
            raise statuses.not_found(self.registry.by_name("namespaces"), namespace)
        if "deletionTimestamp" in found["metadata"] and resource.storage != "events":
            message = (f'{resource.name} "{name}" is forbidden: unable to create new content in namespace {namespace} '
                       "because it is being terminated")  # fmt: skip
            raise statuses.forbidden(message, {"name": name, "kind": resource.plural})

    def _assign_address(self, spec: Object) -> None:
        if spec["type"] == "ExternalName":
            return
        if not spec.get("clusterIP"):
            free = f"10.96.{self.random.randrange(256)}.{self.random.randrange(2, 255)}"
            while free in self._addresses:
                free = f"10.96.{self.random.randrange(256)}.{self.random.randrange(2, 255)}"
            self._addresses.add(free)
            spec["clusterIP"] = free
        spec.setdefault("clusterIPs", [spec["clusterIP"]])

    def _check_identity(self, resource: Resource, old: Object, new: Object) -> None:
        metadata = new.setdefault("metadata", {})
        name = old["metadata"]["name"]
        for key in ("resourceVersion", "uid"):
            given = metadata.get(key)
            if given and given != old["metadata"][key]:
                if key == "resourceVersion":
                    raise statuses.conflict(resource, name)
                told = (f"Precondition failed: UID in precondition: {given}, UID in object meta: "
                        f"{old['metadata']['uid']}")  # fmt: skip
                raise statuses.conflict(resource, name, told)

    def _restrict(self, resource: Resource, old: Object, new: Object, subresource: str) -> Object:
        """What this write may change: through /status the status alone, otherwise everything but it."""
        if subresource == "status":
            status = new.get("status", {})
            labels = {k: new["metadata"][k] for k in ("annotations", "labels") if k in new["metadata"]}
            new = dict(old, status=status, metadata=dict(old["metadata"], **labels))
            return new
        if resource.has_status and "status" in old:
            new["status"] = old["status"]
        for key in _KEPT_METADATA:
            if key in old["metadata"]:
                new["metadata"][key] = old["metadata"][key]
            else:
                new["metadata"].pop(key, None)
        new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        new["metadata"].setdefault("managedFields", old["metadata"].get("managedFields", []))
        if not new["metadata"]["managedFields"]:
            del new["metadata"]["managedFields"]
        new["apiVersion"], new["kind"] = old["apiVersion"], old["kind"]
        self._fill_in(resource, new)
        _count_templates(resource, new, old)
        validation.check(resource, new, old)
        if "generation" in old["metadata"] and _intent(new) != _intent(old):
            new["metadata"]["generation"] = old["metadata"]["generation"] + 1
        return new

    def _check_preconditions(self, resource: Resource, old: Object, options: DeleteOptions) -> None:
        metadata = old["metadata"]
        if options.uid and options.uid != metadata["uid"]:
            told = (f"the UID in the precondition ({options.uid}) does not match the UID in record "
                    f"({metadata['uid']}). The object might have been deleted and then recreated")  # fmt: skip
            raise statuses.failed_precondition(resource, metadata["name"], told)
        if options.resource_version and options.resource_version != metadata["resourceVersion"]:
            told = (f"the ResourceVersion in the precondition ({options.resource_version}) does not match the "
                    f"ResourceVersion in record ({metadata['resourceVersion']}). The object might have been modified")  # fmt: skip
            raise statuses.failed_precondition(resource, metadata["name"], told)

    def _grace(self, resource: Resource, old: Object, options: DeleteOptions) -> int:
        if resource.storage != "pods" or not old["spec"].get("nodeName"):
            return 0
        if old.get("status", {}).get("phase") in ("Succeeded", "Failed") and options.grace is None:
            return 0
        own = old["spec"].get("terminationGracePeriodSeconds", 30)
        return int(own if options.grace is None else options.grace)

    def _finalizers(self, old: Object, options: DeleteOptions) -> list[str]:
        finalizers = [
            f for f in old["metadata"].get("finalizers", ()) if f not in ("foregroundDeletion", "orphan")
        ]
        if options.propagation == "Foreground":
            finalizers.append("foregroundDeletion")
        elif options.propagation == "Orphan" and self.store.owned_keys(old["metadata"]["uid"]):
            finalizers.append("orphan")
        return finalizers

    def _marked(self, resource: Resource, old: Object, grace: int, finalizers: list[str]) -> Object:
        new = copy_of(old)
        metadata = new["metadata"]
        now = self.clock.now()
        due = now + timedelta(seconds=grace)
        if "deletionTimestamp" not in metadata or due < parse_stamp(metadata["deletionTimestamp"]):
            metadata["deletionTimestamp"] = stamp(due)
            metadata["deletionGracePeriodSeconds"] = grace
            if "generation" in metadata:
                metadata["generation"] += 1
        if finalizers:
            metadata["finalizers"] = finalizers
        if resource.storage == "namespaces":
            new["status"]["phase"] = "Terminating"
        return new


def _count_templates(resource: Resource, new: Object, old: Object | None) -> None:
    """Number a DaemonSet's templates in its old annotation, which the API server still keeps."""
    if resource.name != "daemonsets.apps":
        return
    number = 1
    if old is not None:
        changed = new["spec"]["template"] != old["spec"]["template"]
        number = int(old["metadata"].get("annotations", {}).get(_TEMPLATE_NUMBER, 0)) + changed
    (new["metadata"].get("annotations") or new["metadata"].setdefault("annotations", {}))[
        _TEMPLATE_NUMBER
    ] = str(number)


def _intent(obj: Object) -> Object:
    return {key: value for key, value in obj.items() if key not in ("metadata", "status")}
