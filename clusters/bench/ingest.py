"""Figures of `manage.py bench ingest`: the inventory's write path over real HTTP, beside a bare COPY."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections

from accounts.models import Membership, Organization, User
from clusters.bench.speaker import Speaker, objects
from clusters.domain import enrolment
from clusters.models import Cluster, KubernetesObject
from clusters.wire.projection import Projected
from srexpert.benches import Figure, Options
from srexpert.embedded.state import free_port
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from srexpert.tenancy.removal import remove

_SIZE = 20_000
_LOOP_SAMPLE = 500
_POLL_SECONDS = 1.5
_COLUMNS = (
    "organization_id, cluster_id, uid, resource, api_version, kind, namespace, name, hash, node, owner_uid,"
    " received_at, projection"
)


def ingest(options: Options) -> list[Figure]:
    """First sync, all changed, unchanged resync, and a delta's way to the page, in objects a second."""
    size = options.size or _SIZE
    first, second = objects(size, "1.0.0"), objects(size, "1.0.1")
    with _organization() as organization, _server() as url:
        with acting_for(organization):
            cluster, token = enrolment.connect(name="bench", by=None)
        copies = [_bare_copy(cluster, first)]
        loop = _LOOP_SAMPLE / _per_object_loop(cluster, first[:_LOOP_SAMPLE])
        _warm(organization, url)
        speaker = Speaker(url, token)
        speaker.enrol()
        synced = size / _timed(lambda: speaker.sync(first))
        changed = size / _timed(lambda: speaker.sync(second))
        copies.append(_bare_copy(cluster, second))
        before = _newest_write(cluster)
        unchanged = size / _timed(lambda: speaker.sync(second))
        rows = _written_since(cluster, before)
        last = objects(1, "9.9.9")[0]
        page = f"/o/{organization.slug}/clusters/{cluster.pk}/objects/Pod/{last.namespace}/{last.name}/"
        with _reader(organization, url) as reader:
            alone, seen = _delta_to_page(speaker, reader, page, last)
        copies.append(_bare_copy(cluster, second))
    # The machine is not equally fast all the time: the reference is taken before, between and after.
    copy, unit = size / median(copies), "objects/s"
    return [
        Figure("first sync", size, synced, unit, "bare COPY", copy),
        Figure("all changed", size, changed, unit, "bare COPY", copy),
        Figure("all changed", size, changed, unit, "per-object loop", loop),
        Figure("unchanged resync", size, unchanged, unit, "bare COPY", copy),
        Figure("rows written by unchanged resync", size, float(rows), "rows", "rows held", float(size)),
        Figure("delta to page", size, seen, "s", "delta alone", alone),
    ]


def _warm(organization: Organization, url: str) -> None:
    """Lets the fresh server import and compile what it needs, on a cluster of its own."""
    with acting_for(organization):
        _, token = enrolment.connect(name="warm", by=None)
    speaker = Speaker(url, token)
    speaker.enrol()
    speaker.sync(objects(200, "1.0.0"))


def _timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _organization() -> Iterator[Organization]:
    """An organization of the bench's own, removed with everything in it."""
    organization = Organization(name="Bench", slug=f"bench-{secrets.token_hex(4)}")
    with acting_for(organization):
        organization.save(force_insert=True)
    try:
        yield organization
    finally:
        remove(organization, reason="the end of a bench")


@contextmanager
def _server() -> Iterator[str]:
    """The web process as it runs in production, on a free port of loopback."""
    port = free_port()
    program = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*program, "--workers", "1", "--blocking-threads", "2", "srexpert.wsgi:application"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SREXPERT_STATIC_FROM_SOURCE": "1", "SREXPERT_PROCESS": "web"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        Speaker.wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _bare_copy(cluster: Cluster, rows: list[Projected]) -> float:
    """Seconds to COPY the same rows, by the owner, into a table with the same indexes and no policies."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_copy (LIKE kubernetes_object INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
        )
        try:
            start = time.perf_counter()
            with cursor.copy(f"COPY bench_copy ({_COLUMNS}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(_values(cluster, row))
            return time.perf_counter() - start
        finally:
            cursor.execute("DROP TABLE bench_copy")


def _values(cluster: Cluster, row: Projected) -> tuple[Any, ...]:
    return (
        cluster.organization_id, cluster.pk, row.uid, row.resource, row.api_version, row.kind, row.namespace,
        row.name, row.hash, "n1", "", cluster.created_at, row.json.decode(),
    )  # fmt: skip


def _per_object_loop(cluster: Cluster, rows: list[Projected]) -> float:
    """Seconds of the naive way: one update_or_create an object; its rows are removed again."""
    with acting_for(cluster.organization_id):
        start = time.perf_counter()
        for row in rows:
            KubernetesObject.objects.update_or_create(
                cluster=cluster,
                uid=row.uid,
                defaults={
                    "resource": row.resource,
                    "api_version": row.api_version,
                    "kind": row.kind,
                    "namespace": row.namespace,
                    "name": row.name,
                    "hash": row.hash,
                    "received_at": cluster.created_at,
                    "projection": json.loads(row.json),
                },
            )
        seconds = time.perf_counter() - start
        KubernetesObject.objects.filter(cluster=cluster).delete()
    return seconds


def _newest_write(cluster: Cluster) -> int:
    """The latest transaction that wrote a row of the cluster."""
    return _scalar(
        cluster, "SELECT coalesce(max(xmin::text::bigint), 0) FROM kubernetes_object WHERE cluster_id = %s"
    )


def _written_since(cluster: Cluster, transaction: int) -> int:
    """How many rows of the cluster were written by later transactions."""
    statement = "SELECT count(*) FROM kubernetes_object WHERE cluster_id = %s AND xmin::text::bigint > %s"
    return _scalar(cluster, statement, transaction)


def _scalar(cluster: Cluster, statement: str, *parameters: int) -> int:
    with acting_for(cluster.organization_id), connection.cursor() as cursor:
        cursor.execute(statement, [cluster.pk, *parameters])
        return int(cursor.fetchone()[0])


@contextmanager
def _reader(organization: Organization, url: str) -> Iterator[httpx.Client]:
    """A browser in which a member of the organization is logged in."""
    person = User.objects.create_user(f"{organization.slug}@bench.example", name="Bench")
    with acting_for(organization):
        Membership.objects.create(user=person, role=Role.VIEWER)
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    try:
        cookies = {settings.SESSION_COOKIE_NAME: str(session.session_key)}
        with httpx.Client(base_url=url, cookies=cookies, trust_env=False, timeout=30) as client:
            yield client
    finally:
        session.delete()
        with acting_for(organization):
            person.delete()


def _delta_to_page(
    speaker: Speaker, reader: httpx.Client, page: str, changed: Projected
) -> tuple[float, float]:
    """(seconds of a delta of one object, seconds until its page shows it when it polls last).

    The page asks again every 1.5 s, so in the worst case that much comes on top of what was measured.
    """
    reader.get(page).raise_for_status()
    start = time.perf_counter()
    speaker.delta([changed])
    alone = time.perf_counter() - start
    while "9.9.9" not in reader.get(page).text:
        if time.perf_counter() - start > 30:
            raise TimeoutError("the change never reached its page")
    return alone, time.perf_counter() - start + _POLL_SECONDS
