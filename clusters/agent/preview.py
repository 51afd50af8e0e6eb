"""Prints exactly what would leave the cluster: one projected object a line, the bytes that a batch would carry."""

from __future__ import annotations

import sys
from typing import BinaryIO

from clusters.agent.catalogue import catalogue
from clusters.agent.cluster_api import (
    ClusterApi,
    ClusterError,
    Expired,
    NotPermitted,
    NotServed,
    load_configuration,
)
from clusters.agent.discovery import Discovery, ServedKind
from clusters.agent.metrics import Metrics
from clusters.agent.projector import Projector
from clusters.agent.retries import Patience, Retryable

PATIENCE_SECONDS = 10.0


def preview(kubeconfig: str | None, key: bytes, out: BinaryIO) -> int:
    """Write all kinds that are served and permitted; what isn't is told on stderr. The exit code.

    Raises BadConfiguration.
    """
    api = ClusterApi(
        load_configuration(kubeconfig), patience=Patience(give_up_after_seconds=PATIENCE_SECONDS)
    )
    found = Discovery(api, catalogue())
    projector = Projector(key, Metrics())
    failed = False
    for resource in catalogue():
        try:
            kind = found.locate(resource)
            _write(api, projector, kind, out)
        except NotServed:
            continue
        except NotPermitted as refusal:
            _tell(f"{resource}: not permitted: {refusal}")
        except (Retryable, ClusterError, Expired) as failure:
            failed = True
            _tell(f"{resource}: {failure or 'the list expired'}")
            if not found.answered:
                break  # nothing can be learnt from the other kinds
    return 1 if failed else 0


def _write(api: ClusterApi, projector: Projector, kind: ServedKind, out: BinaryIO) -> None:
    for page in api.pages(kind.path):
        for raw in page.items:
            projected = projector.project(kind, raw)
            if projected is not None:
                out.write(projected.json + b"\n")


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 -- the command's own answer
