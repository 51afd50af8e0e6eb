"""Applies what agents send: in order, whole or not at all, and twice with the effect of once."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from clusters.domain import inventory_sql as sql
from clusters.domain import staleness
from clusters.domain.enrolment import note_kinds
from clusters.domain.refusals import BrokenManifest, Gap, WrongSession
from clusters.models import AgentSession, Cluster, KindStatus, ManifestPart
from clusters.models.cluster import HEARTBEAT_SECONDS
from clusters.wire import messages
from clusters.wire.errors import MalformedObject, UnknownKind
from clusters.wire.projection import Projected, project
from srexpert import clock


class Batch:
    """A delta's objects behind the second wall, made before any lock is taken, since it costs the most."""

    def __init__(self, delta: messages.Delta) -> None:
        self.delta = delta
        self.objects: list[Projected] = []
        self.rejected: list[messages.Rejected] = []
        for item in delta.upserts:
            self._take(item)

    def _take(self, item: messages.Item) -> None:
        """Projects again: what an agent may not send doesn't exist from here on."""
        try:
            projected = project(item.resource, item.object, marker_key=None)
        except (UnknownKind, MalformedObject) as error:
            self.rejected.append(messages.Rejected(uid=item.uid, reason=str(error)[:200]))
            return
        if projected.uid != item.uid:
            self.rejected.append(messages.Rejected(uid=item.uid, reason="metadata.uid differs from uid"))
            return
        if projected.rejected:
            reason = "replaced: " + ", ".join(projected.rejected)[:180]
            self.rejected.append(messages.Rejected(uid=item.uid, reason=reason))
        self.objects.append(projected)


@transaction.atomic
def apply_delta(*, cluster: Cluster, batch: Batch) -> messages.Synced:
    """Applies a batch of changes; a repeated one answers the same and changes nothing.

    Raises WrongSession, Gap.
    """
    delta = batch.delta
    session = _session(cluster, delta.session)
    if delta.sequence < session.next_sequence:
        return messages.Synced(sequence=session.next_sequence, applied=False)
    _in_order(session, delta.sequence)
    now = clock.now()
    # An object that this batch itself deletes later must not come back: deletions are applied last.
    written = sql.upsert(cluster=cluster, now=now, objects=batch.objects, noted=_held_whole(cluster))
    written += sql.remove(
        cluster=cluster, now=now, gone=[(gone.resource, gone.uid) for gone in delta.deletes]
    )
    _complete(cluster, session, delta.completes)
    staleness.note(cluster=cluster, touched=written)
    _advance(cluster, session)
    return messages.Synced(sequence=session.next_sequence, applied=True, rejected=batch.rejected)


@transaction.atomic
def apply_manifest(*, cluster: Cluster, manifest: messages.Manifest) -> messages.Synced:
    """Compares a part of a manifest with what we hold; the last part removes what no part named.

    Gives the uids that we want. Nothing is removed before every part came in this session. Raises
    WrongSession, Gap, BrokenManifest.
    """
    session = _session(cluster, manifest.session)
    if manifest.sequence < session.next_sequence:
        want = sql.different(cluster=cluster.pk, pairs=manifest.pairs)
        return messages.Synced(sequence=session.next_sequence, applied=False, want=want)
    _in_order(session, manifest.sequence)
    named = _gather(session, manifest)
    want = sql.different(cluster=cluster.pk, pairs=manifest.pairs)
    if manifest.last:
        removed = sql.remove_unnamed(
            cluster=cluster,
            now=clock.now(),
            resource=manifest.resource,
            named=named,
        )
        staleness.note(cluster=cluster, touched=removed)
        if (not want and manifest.part == 0) or session.wire == messages.PREVIOUS:
            _complete(cluster, session, [manifest.resource])
    _advance(cluster, session)
    return messages.Synced(sequence=session.next_sequence, applied=True, want=want)


@transaction.atomic
def beat(*, cluster: Cluster, message: messages.Heartbeat) -> messages.Acknowledged:
    """Notes that the agent lives and what it may see."""
    _session(cluster, message.session)
    note_kinds(cluster=cluster, kinds=message.kinds)
    Cluster.objects.filter(pk=cluster.pk).update(last_contact_at=clock.now())
    return messages.Acknowledged(resync=[], heartbeat_seconds=HEARTBEAT_SECONDS)


def require_session(*, cluster: Cluster, session_id: str) -> None:
    """Raises WrongSession unless the session is the cluster's open one; without a lock, to refuse early."""
    if not AgentSession.objects.filter(pk=UUID(session_id), cluster=cluster, closed_at=None).exists():
        raise WrongSession("this session is over; enrol again")


def _session(cluster: Cluster, session_id: str) -> AgentSession:
    """The cluster's open session, locked: batches of one cluster are applied one after the other."""
    session = (
        AgentSession.objects.select_for_update()
        .filter(pk=UUID(session_id), cluster=cluster, closed_at=None)
        .first()
    )
    if session is None:
        raise WrongSession("this session is over; enrol again")
    return session


def _in_order(session: AgentSession, sequence: int) -> None:
    if sequence > session.next_sequence:
        raise Gap(f"expected {session.next_sequence}", expected=session.next_sequence)


def _advance(cluster: Cluster, session: AgentSession) -> None:
    session.next_sequence += 1
    session.save(update_fields=("next_sequence",))
    Cluster.objects.filter(pk=cluster.pk).update(last_contact_at=clock.now())


def _held_whole(cluster: Cluster) -> list[str]:
    """The resources of which we have held everything once."""
    return list(
        KindStatus.objects.filter(cluster=cluster, completed_at__isnull=False).values_list(
            "resource", flat=True
        )
    )


def _complete(cluster: Cluster, session: AgentSession, resources: Iterable[str]) -> None:
    """Notes that we hold all of these resources now; the first time, everything has to be judged."""
    fresh = KindStatus.objects.filter(cluster=cluster, resource__in=list(resources))
    if fresh.exclude(completed_session=session.pk).exists():
        staleness.note_all(cluster=cluster)
    fresh.update(completed_at=clock.now(), completed_session=session.pk)


def _gather(session: AgentSession, manifest: messages.Manifest) -> list[str]:
    """All uids that the parts named, once the last is here; keeps the earlier ones until then.

    A part is unique and only kept in order, so that their number tells which one is next.
    """
    own = [uid for uid, _ in manifest.pairs]
    if manifest.part == 0 and manifest.last:
        return own
    parts = ManifestPart.objects.filter(session=session, resource=manifest.resource)
    if manifest.part == 0:
        parts.delete()
    if manifest.part != parts.count():
        raise BrokenManifest("parts of a manifest come in order from 0", field="part")
    if not manifest.last:
        ManifestPart.objects.create(session=session, resource=manifest.resource, part=manifest.part, uids=own)
        return []
    earlier = [uid for uids in parts.values_list("uids", flat=True) for uid in uids]
    parts.delete()
    return earlier + own
