"""Which resource has which type: the kinds of the agent's default rights, and no others."""

from typing import Final, NamedTuple

from clusters.wire.kinds import apps, pods
from clusters.wire.kinds.meta import Root


class Kind(NamedTuple):
    """A resource's kind, its group (core: empty), the version to assume where a list leaves it out."""

    kind: str
    group: str
    version: str
    type: type[Root]


def _resource(plural: str, group: str, version: str, kind: type[Root]) -> tuple[str, Kind]:
    return f"{plural}.{group}" if group else plural, Kind(kind.__name__, group, version, kind)


KINDS: Final[dict[str, Kind]] = dict(
    [
        _resource("pods", "", "v1", pods.Pod),
        _resource("replicationcontrollers", "", "v1", apps.ReplicationController),
        _resource("daemonsets", "apps", "v1", apps.DaemonSet),
        _resource("deployments", "apps", "v1", apps.Deployment),
        _resource("replicasets", "apps", "v1", apps.ReplicaSet),
        _resource("statefulsets", "apps", "v1", apps.StatefulSet),
    ]
)
