"""Raw object in, projection out: the wall that everything passes before any queue, log or disk."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec

from clusters.agent.cluster_api import ClusterError
from clusters.agent.discovery import ServedKind
from clusters.agent.logs import places
from clusters.agent.metrics import Metrics
from clusters.agent.snapshots import ProjectedObject
from clusters.wire.errors import Malformed, UnknownKind
from clusters.wire.projection import project

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Projector:
    """Projects with this cluster's marker key."""

    marker_key: bytes
    metrics: Metrics

    def project(self, kind: ServedKind, raw: bytes | msgspec.Raw) -> ProjectedObject | None:
        """The projection, or None for an object that its type can't read; that one is left out and counted.

        Raises ClusterError for a fault of ours: a manifest without these objects would have them deleted, so the
        kind stops here, and the others go on.
        """
        try:
            projected = project(kind.resource, raw, marker_key=self.marker_key, api_version=kind.api_version)
        except (Malformed, UnknownKind) as error:
            self.metrics.unprojectable.labels(kind.resource).inc()
            # The error's own text names a field; even so only its class is logged.
            log.warning(
                "an object was left out", extra={"resource": kind.resource, "error": type(error).__name__}
            )
            return None
        except Exception as error:  # noqa: BLE001 -- whatever it is, its frames hold the raw object
            fault, where = type(error).__name__, places(error.__traceback__)
        else:
            return ProjectedObject(uid=projected.uid, hash=projected.hash, json=projected.json)
        # Raised out here, so that no chained exception carries those frames.
        log.error(
            "the projection failed", extra={"resource": kind.resource, "error": fault, "where": where[-3:]}
        )
        raise ClusterError(f"the projection failed ({fault})")
