"""Connects clusters and opens sessions with their agents."""

import logging
from typing import Any

from django.db import IntegrityError, transaction

from clusters.domain.refusals import Disconnected, WrongCluster
from clusters.models import AgentSession, AgentToken, Cluster, KindStatus
from clusters.models.cluster import HEARTBEAT_SECONDS
from clusters.wire import messages
from srexpert import clock
from srexpert.tenancy import tokens

logger = logging.getLogger(__name__)

TOKEN_KIND = "agent"  # noqa: S105 -- a kind of token, not one


class NameTakenError(ValueError):
    """Another cluster of the organization has that name."""


@transaction.atomic
def connect(*, name: str, by: Any) -> tuple[Cluster, str]:
    """Registers a cluster; gives it and its agent's token, which is shown once and never again.

    Raises NameTakenError, also when the other one was registered at the same moment.
    """
    try:
        with transaction.atomic():
            cluster = Cluster.objects.create(name=name)
    except IntegrityError as error:
        raise NameTakenError(name) from error
    return cluster, issue_token(cluster=cluster, by=by)


@transaction.atomic
def issue_token(*, cluster: Cluster, by: Any) -> str:
    """A further token for a cluster's agent, for rotation."""
    token, plain = tokens.issue(kind=TOKEN_KIND)
    AgentToken.objects.create(cluster=cluster, token=token, created_by=by)
    return plain


@transaction.atomic
def revoke_token(*, agent_token: AgentToken, by: Any) -> None:
    """Ends a token: its next request is refused. A second call changes nothing."""
    tokens.revoke(agent_token.token)
    logger.info("agent token %s was revoked by %s", agent_token.pk, by.pk)


@transaction.atomic
def enrol(*, cluster: Cluster, message: messages.Enrolment) -> messages.Enrolled:
    """Opens a new session and closes the one before; whatever was under way in that one is void.

    Raises WrongCluster when the token is used from another Kubernetes cluster than before, Disconnected
    when a person disconnected the cluster.
    """
    cluster = Cluster.objects.select_for_update().get(pk=cluster.pk)
    if cluster.disconnected_at:
        raise Disconnected("this cluster was disconnected; connect it again to get a new token")
    if cluster.kubernetes_uid and cluster.kubernetes_uid != message.cluster_uid:
        raise WrongCluster("this token belongs to another cluster", field="cluster_uid")
    now = clock.now()
    cluster.kubernetes_uid = message.cluster_uid
    cluster.kubernetes_version = message.kubernetes_version[:64]
    cluster.agent_version = message.agent_version[:64]
    cluster.last_contact_at = now
    cluster.save(update_fields=("kubernetes_uid", "kubernetes_version", "agent_version", "last_contact_at"))
    AgentSession.objects.filter(cluster=cluster, closed_at=None).update(closed_at=now)
    session = AgentSession.objects.create(cluster=cluster, wire=message.wire, started_at=now)
    note_kinds(cluster=cluster, kinds=message.kinds)
    return messages.Enrolled(
        session=str(session.pk),
        cluster=str(cluster.pk),
        sequence=session.next_sequence,
        heartbeat_seconds=HEARTBEAT_SECONDS,
    )


def note_kinds(*, cluster: Cluster, kinds: list[messages.KindStatus]) -> None:
    """Records what the agent may see; when we last held all of a kind stays as it was.

    A kind that it no longer names isn't waited for.
    """
    named = {kind.resource: kind for kind in kinds}
    rows = [
        KindStatus(
            cluster=cluster,
            resource=kind.resource,
            group=kind.group,
            version=kind.version,
            kind=kind.kind,
            namespaced=kind.namespaced,
            status=kind.status,
            reason=kind.reason,
        )
        for _, kind in sorted(named.items())
    ]
    KindStatus.objects.filter(cluster=cluster).exclude(resource__in=named).update(
        status="not_served", reason="the agent no longer names it"
    )
    KindStatus.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["cluster", "resource"],
        update_fields=["group", "version", "kind", "namespaced", "status", "reason"],
    )
