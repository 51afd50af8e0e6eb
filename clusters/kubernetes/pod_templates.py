"""Finds the pod template of any workload kind, and the containers in it.

Source: the Kubernetes API reference, workload resources.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clusters.kubernetes import fields
from clusters.kubernetes.fields import Object

_PATHS: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_USUAL = ("spec", "template")  # of Deployment, StatefulSet, Job, … and of most custom workloads
GROUPS = ("initContainers", "containers", "ephemeralContainers")
STATUSES = {
    "initContainers": "initContainerStatuses",
    "containers": "containerStatuses",
    "ephemeralContainers": "ephemeralContainerStatuses",
}


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod or template: its body, where it stands, and what it is for."""

    name: str
    group: str  # one of GROUPS
    path: str  # e.g. spec.template.spec.containers[0]
    body: Object

    @property
    def sidecar(self) -> bool:
        """Whether it is an init container that goes on running beside the others."""
        return self.group == "initContainers" and self.body.get("restartPolicy") == "Always"

    @property
    def init(self) -> bool:
        """Whether it must end before the others start."""
        return self.group == "initContainers" and not self.sidecar

    @property
    def image(self) -> str:
        """The image as written in the template."""
        return fields.text(self.body, "image")

    @property
    def title(self) -> str:
        """What to call it in a sentence."""
        return f"init container {self.name}" if self.init else f"container {self.name}"


def template_path(body: Object) -> tuple[str, ...] | None:
    """Return the steps to the template (empty for a Pod, which is its own), or None where there is none."""
    path = _PATHS.get(fields.text(body, "kind"), _USUAL)
    return path if isinstance(fields.dig(body, *path, "spec"), dict) else None


def template_of(body: Object) -> Object | None:
    """Return the pod template (a mapping with `metadata` and `spec`), or None where the object has none."""
    path = template_path(body)
    return None if path is None else fields.mapping(body, *path)


def template_labels(body: Object) -> dict[str, str]:
    """Return the labels that pods of this object get."""
    template = template_of(body)
    return {} if template is None else fields.string_pairs(template, "metadata", "labels")


def containers(body: Object) -> Iterator[Container]:
    """Yield the containers of the pod or template: init first, then the main ones, then ephemeral ones."""
    path = template_path(body)
    if path is None:
        return
    prefix = ".".join((*path, "spec"))
    for group in GROUPS:
        for index, entry in fields.indexed(body, *path, "spec", group):
            name = fields.text(entry, "name")
            yield Container(name, group, f"{prefix}.{group}[{index}]", entry)
