"""The agent killed, and the web killed between commit and answer: the same end state, nothing twice."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from alerts.models import Incident
from clusters.models import KubernetesObject, ObjectChange
from srexpert.tenancy import acting_for
from tests import database
from tests.deployment import BOUND_SECONDS, Child, Simulated, until
from tests.faults.stage import Stage

LOST = 2


def _in_cluster(stage: Stage, cluster: Simulated) -> dict[str, Any]:
    """What the agent would send now, by uid: with the same key, so that even the markers are the same."""
    command = [sys.executable, "-m", "clusters.agent", "preview", "--kubeconfig", str(cluster.kubeconfig)]
    shown = subprocess.run(
        [*command, "--state-dir", str(stage.deployment.folder)],
        cwd=database.ROOT, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    objects = [json.loads(line) for line in shown.stdout.splitlines()]
    return {found["metadata"]["uid"]: found for found in objects}


def _held(stage: Stage) -> dict[str, Any]:
    with acting_for(stage.northwind):
        return dict(KubernetesObject.objects.values_list("uid", "projection"))


def _await_same(stage: Stage, cluster: Simulated) -> None:
    """The cluster goes on changing, so the two are compared until they meet."""
    deadline = time.monotonic() + 2 * BOUND_SECONDS
    while differing := _differing(_held(stage), _in_cluster(stage, cluster)):
        assert time.monotonic() < deadline, f"here and there differ: {differing}"
        time.sleep(0.5)


def _differing(here: dict[str, Any], there: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, name and how, of what isn't the same."""
    return [
        (found["kind"], found["metadata"]["name"], "both" if uid in here and uid in there else "one")
        for uid in here.keys() | there.keys()
        for found in [here.get(uid) or there[uid]]
        if here.get(uid) != there.get(uid)
    ]


def _broken_by_crash_loop(stage: Stage) -> bool:
    with acting_for(stage.northwind):
        return Incident.objects.open().filter(title__contains="checkout").exists()


def test_killed_agent_ends_in_the_same_state(stage: Stage):
    stage.page_by_webhooks(1)
    _, cluster = stage.deployment.simulator("simulator", "--speed", "4")
    stage.deployment.web()
    stage.deployment.worker()
    stage.deployment.scheduler()
    agent = stage.deployment.agent("agent", token=stage.token, kubeconfig=cluster.kubeconfig)
    chance = random.Random(20261124)
    happenings = iter([("start", "crash-loop"), ("start", "node-not-ready"), ("heal", "node-not-ready")])
    for _ in range(6):
        time.sleep(chance.uniform(0.2, 2.5))
        agent.kill()
        happening = next(happenings, None)
        if happening:
            {"start": cluster.start, "heal": cluster.heal}[happening[0]](happening[1])
        agent.start()
    until(lambda: _broken_by_crash_loop(stage), "the incident")
    cluster.heal("crash-loop")
    _await_same(stage, cluster)
    with acting_for(stage.northwind):
        until(lambda: not Incident.objects.open().exists(), "the end of all incidents")


def test_web_killed_after_its_commit_makes_nothing_twice(stage: Stage):
    stage.page_by_webhooks(1)
    _, cluster = stage.deployment.simulator("simulator", "--speed", "4")
    web = stage.deployment.web()
    stage.deployment.worker()
    stage.deployment.scheduler()
    with _loser(stage.deployment.url, web) as loser:
        stage.deployment.agent(
            "agent", token=stage.token, kubeconfig=cluster.kubeconfig, server=f"http://127.0.0.1:{loser.port}"
        )
        until(lambda: loser.lost(LOST), "the repeats of the first batches")
        _await_same(stage, cluster)
        loser.left = LOST
        cluster.start("crash-loop")
        until(lambda: loser.lost(2 * LOST), "the repeats of the changes")
        until(lambda: _broken_by_crash_loop(stage), "the incident")
        cluster.heal("crash-loop")
        _await_same(stage, cluster)
    with acting_for(stage.northwind):
        assert Incident.objects.filter(title__contains="checkout").count() == 1
        changes = ObjectChange.objects.order_by("uid", "id").values_list("uid", "verb", "before")
        added = Counter(uid for uid, verb, _ in changes if verb == "added")
        befores = Counter(
            (uid, json.dumps(before, sort_keys=True)) for uid, verb, before in changes if before
        )
    assert set(added.values()) == {1}
    assert set(befores.values()) == {1}
    assert set(stage.arrivals().values()) == {1}


class _Loser:
    """Stands between agent and web: of some batches it swallows the answer, and kills the web."""

    def __init__(self, url: str, web: Child) -> None:
        self.url, self.web = url, web
        self.left = LOST
        self.repeats = self.port = 0
        self.lock = threading.Lock()
        self.swallowed: set[bytes] = set()

    def swallows(self, path: str, body: bytes, answer: httpx.Response) -> bool:
        """Whether this answer is lost, with the web."""
        with self.lock:
            if body in self.swallowed:
                self.repeats += 1
                self.swallowed.discard(body)
                assert answer.json()["applied"] is False
                return False
            if not path.endswith("/sync") or answer.status_code != 200 or self.left == 0:
                return False
            self.left -= 1
            self.swallowed.add(body)
            self.web.kill()
            return True

    def lost(self, count: int) -> bool:
        """Starts the web again where it was killed (a thread of ours would take it along); whether so many were repeated."""
        with self.lock:
            if not self.web.lives:
                self.web.start()
            return self.repeats == count


@contextmanager
def _loser(url: str, web: Child) -> Iterator[_Loser]:
    loser = _Loser(url, web)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            passed = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            try:
                answer = httpx.post(
                    f"{url}{self.path}", content=body, headers=passed, trust_env=False, timeout=20
                )
            except httpx.TransportError:
                return  # the web is away; so are we
            if loser.swallows(self.path, body, answer):
                return
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Retry-After"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    loser.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield loser
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
