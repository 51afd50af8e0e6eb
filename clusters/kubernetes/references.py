"""What an object refers to by name: its owners, and the claims, classes, Secrets and ConfigMaps of a pod template.

Source: the Kubernetes API reference (ownerReferences, volumes, env).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clusters.kubernetes import fields
from clusters.kubernetes.fields import Object
from clusters.kubernetes.pod_templates import GROUPS, template_of


@dataclass(frozen=True, slots=True)
class Owner:
    """One ownerReference."""

    kind: str
    name: str
    uid: str
    controller: bool


def owners(body: Object) -> list[Owner]:
    """Return the owners of an object, in the order written."""
    return [
        Owner(
            kind=fields.text(entry, "kind"),
            name=fields.text(entry, "name"),
            uid=fields.text(entry, "uid"),
            controller=entry.get("controller") is True,
        )
        for _, entry in fields.indexed(body, "metadata", "ownerReferences")
        if fields.text(entry, "kind") and fields.text(entry, "name")
    ]


def controller(body: Object) -> Owner | None:
    """Return the owner that manages the object; a sole owner counts even where it isn't marked as controller."""
    found = owners(body)
    marked = [owner for owner in found if owner.controller]
    if marked:
        return marked[0]
    return found[0] if len(found) == 1 else None


def claims(body: Object) -> list[str]:
    """Return the names of the PersistentVolumeClaims that a pod (or template) mounts.

    A generic ephemeral volume has the claim `<pod>-<volume>`, so it counts for pods only.
    """
    template = template_of(body) or {}
    found = []
    for _, volume in fields.indexed(template, "spec", "volumes"):
        name = fields.text(volume, "persistentVolumeClaim", "claimName")
        if name:
            found.append(name)
        elif isinstance(volume.get("ephemeral"), dict) and body.get("kind") == "Pod":
            found.append(f"{fields.text(body, 'metadata', 'name')}-{fields.text(volume, 'name')}")
    return found


def secrets(body: Object) -> set[str]:
    """Return the names of the Secrets that a pod or template refers to."""
    spec = fields.mapping(template_of(body) or {}, "spec")
    found = {fields.text(entry, "name") for _, entry in fields.indexed(spec, "imagePullSecrets")}
    for _, volume in fields.indexed(spec, "volumes"):
        found.add(fields.text(volume, "secret", "secretName"))
        for _, source in fields.indexed(volume, "projected", "sources"):
            found.add(fields.text(source, "secret", "name"))
    found.update(_from_environment(spec, "secretKeyRef", "secretRef"))
    return found - {""}


def config_maps(body: Object) -> set[str]:
    """Return the names of the ConfigMaps that a pod or template refers to."""
    spec = fields.mapping(template_of(body) or {}, "spec")
    found = set(_from_environment(spec, "configMapKeyRef", "configMapRef"))
    for _, volume in fields.indexed(spec, "volumes"):
        found.add(fields.text(volume, "configMap", "name"))
        for _, source in fields.indexed(volume, "projected", "sources"):
            found.add(fields.text(source, "configMap", "name"))
    return found - {""}


def _from_environment(spec: Object, one: str, whole: str) -> Iterator[str]:
    for group in GROUPS:
        for _, container in fields.indexed(spec, group):
            for _, entry in fields.indexed(container, "env"):
                yield fields.text(entry, "valueFrom", one, "name")
            for _, entry in fields.indexed(container, "envFrom"):
                yield fields.text(entry, whole, "name")
