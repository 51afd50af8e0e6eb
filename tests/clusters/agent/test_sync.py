"""The whole agent against a real API server and a server that keeps what it is sent."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.clusters.agent.fake_server import FakeServer
from tests.clusters.agent.manifests import deployment, pod
from tests.clusters.agent.waiting import until


def test_agent_sends_what_is_there_and_follows_changes(cluster, admin, space, server, start, synced):
    pods = f"/api/v1/namespaces/{space}/pods"
    for name in ("first", "second", "third"):
        admin.create(pods, pod(name))
    agent = start(cluster.kubeconfig)
    synced()
    until(lambda: server.names("pods") >= {"first", "second", "third"})

    admin.create(pods, pod("fourth"))
    admin.patch(f"{pods}/first", {"metadata": {"labels": {"tier": "web"}}})
    admin.delete(f"{pods}/second?gracePeriodSeconds=0")
    until(lambda: "fourth" in server.names("pods") and "second" not in server.names("pods"))
    until(lambda: any(b'"tier":"web"' in raw for raw in server.objects.values()))
    assert agent.stop() == 0


def test_agent_never_sends_values_or_reads_beyond_the_projection(
    cluster, admin, space, server, start, synced
):
    secret = "canary-Zx81qLm2-value"
    admin.create(f"/api/v1/namespaces/{space}/pods", pod("holder", value=secret))
    admin.create(f"/apis/apps/v1/namespaces/{space}/deployments", deployment("holder", value=secret))
    start(cluster.kubeconfig)
    synced()
    until(lambda: "holder" in server.names("pods") and "holder" in server.names("deployments.apps"))
    assert not [body for body in server.bodies if secret.encode() in body]
    assert any(b'"hmac"' in raw for raw in server.objects.values())


def test_agent_sends_the_bytes_that_preview_prints(cluster, admin, space, server, start, synced, tmp_path):
    admin.create(f"/api/v1/namespaces/{space}/pods", pod("shown", value="a value"))
    agent = start(cluster.kubeconfig)
    synced()
    until(lambda: "shown" in server.names("pods"))
    agent.stop()
    shown = by_version(_preview(cluster.kubeconfig, tmp_path / "state"))
    sent = by_version(server.objects.values())
    # A cluster lives on between the two: what didn't change meanwhile must be the same bytes.
    assert {key: shown[key] for key in shown.keys() & sent.keys()} == {
        key: sent[key] for key in shown.keys() & sent.keys()
    }
    assert len(shown.keys() & sent.keys()) > 0.8 * len(sent)
    assert "shown" in {json.loads(raw)["metadata"]["name"] for raw in shown.values()}


def by_version(objects: Iterable[bytes]) -> dict[tuple[str, str], bytes]:
    """Each projection by uid and resourceVersion."""
    metadata = {raw: json.loads(raw)["metadata"] for raw in objects}
    return {(meta["uid"], meta["resourceVersion"]): raw for raw, meta in metadata.items()}


def _preview(kubeconfig: Path, state_dir: Path) -> list[bytes]:
    command = [sys.executable, "-m", "clusters.agent", "preview", "--kubeconfig", str(kubeconfig)]
    done = subprocess.run(
        [*command, "--state-dir", str(state_dir)], capture_output=True, timeout=60, check=True
    )
    return done.stdout.splitlines()


def test_once_syncs_everything_and_exits(cluster, admin, space, server, token_file, tmp_path):
    admin.create(f"/api/v1/namespaces/{space}/pods", pod("single"))
    done = _run_once(cluster.kubeconfig, server, token_file, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "single" in server.names("pods")
    assert {m.resource for m in server.manifests} == {
        kind.resource for kind in server.enrolments[-1].kinds if kind.status == "watched"
    }


def test_second_sync_sends_only_what_changed_meanwhile(cluster, admin, space, server, token_file, tmp_path):
    admin.create(f"/api/v1/namespaces/{space}/pods", pod("same"))
    _run_once(cluster.kubeconfig, server, token_file, tmp_path)
    before, server.deltas = dict(server.objects), []
    _run_once(cluster.kubeconfig, server, token_file, tmp_path)
    sent = [item for delta in server.deltas for item in delta.upserts]
    assert [item.uid for item in sent if before.get((item.resource, item.uid)) == bytes(item.object)] == []
    assert len(sent) < 0.2 * len(before)


def _run_once(
    kubeconfig: Path, server: FakeServer, token_file: Path, folder: Path
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clusters.agent", "run", "--once", "--server", server.url]
    files = [
        "--token-file",
        str(token_file),
        "--kubeconfig",
        str(kubeconfig),
        "--state-dir",
        str(folder / "state"),
    ]
    return subprocess.run([*command, *files], capture_output=True, text=True, timeout=90, check=False)


def test_heartbeat_tells_each_kind_and_resyncs_on_demand(cluster, admin, space, server, start, synced):
    admin.create(f"/api/v1/namespaces/{space}/pods", pod("again"))
    start(cluster.kubeconfig)
    synced()
    until(lambda: "again" in server.names("pods"))
    until(lambda: server.heartbeats)
    statuses = {kind.resource: kind.status for kind in server.heartbeats[-1].kinds}
    assert statuses["pods"] == "watched"

    # The server lost an object and a resource, as after a restore from an older backup.
    for key in [key for key in server.objects if key[0] == "pods"]:
        del server.objects[key], server.hashes[key]
    server.resync = ["pods", "secrets", "no.such.kind"]
    until(lambda: "again" in server.names("pods"))
    assert json.loads(next(iter(server.objects.values())))["kind"]
