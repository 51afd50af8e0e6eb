import pytest

from clusters.analyzers import Cause, Severity, Status, diagnose
from tests.clusters.analyzers import objects as make
from tests.clusters.analyzers.objects import NOW


def judged(*objects, kind="Pod", **options):
    return [f for f in diagnose(objects, NOW, **options) if f.kind == kind]


def only(*objects, **options):
    (finding,) = judged(*objects, **options)
    return finding


@pytest.mark.parametrize(
    ("reason", "message", "title"),
    [
        ("ImagePullBackOff", "Back-off", "container web can't pull image registry.example/web:1.0"),
        ("ErrImagePull", "not found", "container web can't pull image registry.example/web:1.0"),
        ("InvalidImageName", "", "container web can't pull image registry.example/web:1.0"),
        ("ErrImageNeverPull", "", "container web can't pull image registry.example/web:1.0"),
        (
            "CreateContainerConfigError",
            'secret "db" not found',
            'container web can\'t be configured: secret "db" not found',
        ),
        ("CreateContainerError", "x", "container web can't start: the runtime can't create it"),
        ("RunContainerError", "x", "container web can't start: the runtime can't start it"),
        ("StartError", "x", "container web can't start: the runtime can't start it"),
        ("PostStartHookError", "x", "container web can't start: its postStart hook failed"),
    ],
)
def test_each_waiting_reason_is_told_at_once(reason, message, title):
    body = make.pod("a", make.waiting(reason, message=message), phase="Pending", created=make.ago(seconds=5))
    finding = only(body)
    assert finding.title == f"Pod a: {title}"
    assert finding.severity is Severity.HIGH
    assert ("status.containerStatuses[0].state.waiting.reason", reason) in finding.evidence


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (make.crashed(1), "container web crash-loops with exit code 1"),
        (make.crashed(0, reason="Completed"), "container web keeps ending with exit code 0"),
        (make.crashed(137, reason="OOMKilled"), "container web is killed for memory (OOMKilled) at the node's memory, as it has no limit"),
        (make.waiting("CrashLoopBackOff"), "container web crash-loops"),
        (make.running(ready=False, restarts=4, started=make.ago(seconds=3), last=make.ended(3)), "container web crash-loops with exit code 3"),
        ({**make.running(ready=False, restarts=2), "state": {"terminated": make.ended(3)}}, "container web crash-loops with exit code 3"),
    ],
)  # fmt: skip
def test_a_crash_loop_reads_the_same_in_each_of_its_moments(status, title):
    assert only(make.pod("a", status)).title == f"Pod a: {title}"


@pytest.mark.parametrize(
    "status",
    [
        make.running(restarts=9, last=make.ended(1, at=make.ago(days=2))),
        make.running(restarts=1, started=make.ago(seconds=20), last=make.ended(1)),
        make.running(restarts=3, started=make.ago(minutes=3), last=make.ended(1, at=make.ago(minutes=3))),
        {**make.running(ready=False, started=make.ago(seconds=3)), "state": {"terminated": make.ended(1)}},
        make.running(
            restarts=5, started=make.ago(seconds=9), last={**make.ended(1), "startedAt": make.ago(days=9)}
        ),
    ],
)
def test_a_container_that_has_recovered_or_only_just_fallen_is_not_in_a_loop(status):
    assert judged(make.pod("a", status)) == []


def test_an_exit_code_is_explained_and_a_failed_liveness_probe_named():
    body = make.pod("a", make.crashed(137))
    killing = make.event(body, "Killing", "Container web failed liveness probe, will be restarted")
    finding = only(body, killing)
    assert "SIGKILL" in finding.detail
    assert "liveness probe fails" in finding.detail
    assert finding.fix == "Read its last output: kubectl logs a -n shop -c web --previous"


def test_an_init_container_is_named_as_one_and_a_sidecar_is_not():
    spec = make.pod_spec()
    spec["initContainers"] = [
        {"name": "migrate", "image": "m"},
        {"name": "proxy", "image": "p", "restartPolicy": "Always"},
    ]
    body = make.pod("a", make.waiting("PodInitializing"), spec=spec, phase="Pending")
    body["status"]["initContainerStatuses"] = [
        make.crashed(1, "migrate"),
        make.waiting("PodInitializing", "proxy"),
    ]
    assert only(body).title == "Pod a: init container migrate crash-loops with exit code 1"
    body["status"]["initContainerStatuses"] = [
        {**make.running("migrate"), "state": {"terminated": make.ended(0, "Completed")}},
        make.crashed(1, "proxy"),
    ]
    assert only(body).title == "Pod a: container proxy crash-loops with exit code 1"


def test_an_init_container_at_work_is_not_stuck():
    spec = make.pod_spec()
    spec["initContainers"] = [{"name": "migrate", "image": "m"}]
    body = make.pod("a", make.waiting("PodInitializing"), spec=spec, phase="Pending")
    body["status"]["initContainerStatuses"] = [make.running("migrate", ready=False)]
    assert judged(body) == []


def test_memory_on_a_node_that_is_short_of_it_is_the_nodes_fault_unless_there_is_a_limit():
    short = make.node("n1", make.condition("MemoryPressure"))
    killed = make.crashed(137, reason="OOMKilled")
    assert only(short, make.pod("a", killed)).cause == Cause("Node", "", "n1")
    limited = make.pod_spec(make.container(resources={"limits": {"memory": "64Mi"}}))
    assert only(short, make.pod("a", killed, spec=limited)).cause is None


def test_a_pod_stuck_in_creation_is_told_after_its_grace_and_sooner_with_an_event():
    created = make.ago(minutes=2)
    body = make.pod("a", make.waiting("ContainerCreating"), phase="Pending", created=created)
    assert judged(body) == []
    mount = make.event(body, "FailedMount", 'MountVolume.SetUp failed: secret "tls" not found')
    assert only(body, mount).title == "Pod a: stuck in ContainerCreating: FailedMount"
    old = make.pod("a", make.waiting("ContainerCreating"), phase="Pending")
    assert only(old).title == "Pod a: stuck in ContainerCreating"


def test_a_disk_that_a_lost_node_holds_is_the_nodes_fault():
    held = make.on_lost_node(make.pod("db-old", spec=make.with_claim("data")))
    held["metadata"]["deletionTimestamp"] = make.ago(seconds=30)
    new = make.pod("db-new", make.waiting("ContainerCreating"), spec=make.with_claim("data"), phase="Pending")
    findings = judged(make.lost_node(), held, new)
    assert [(f.name, f.cause) for f in findings] == [
        ("db-new", Cause("Node", "", "n3")),
        ("db-old", Cause("Node", "", "n3")),
    ]


@pytest.mark.parametrize("started", [make.ago(minutes=10), None])
def test_a_pod_whose_readiness_probe_fails_is_told(started):
    status = make.running(ready=False, started=started)
    body = make.pod("a", status, created=make.ago(minutes=11))
    unhealthy = make.event(
        body, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"
    )
    finding = only(body, unhealthy)
    assert finding.title == "Pod a: container web runs but isn't ready, its readiness probe fails"
    assert finding.severity is Severity.MEDIUM
    assert finding.evidence[-1].value.endswith("503")


def test_a_slow_start_that_its_probes_allow_is_no_fault():
    probe = {"failureThreshold": 60, "periodSeconds": 10}
    spec = make.pod_spec(make.container(startupProbe=probe))
    status = {**make.running(ready=False, started=make.ago(minutes=8)), "started": False}
    assert judged(make.pod("a", status, spec=spec, created=make.ago(minutes=8))) == []
    late = {**make.running(ready=False, started=make.ago(minutes=15)), "started": False}
    finding = only(make.pod("a", late, spec=spec, created=make.ago(minutes=15)))
    assert "its startup probe fails" in finding.title


def test_an_unmet_readiness_gate_is_told():
    body = make.pod("a")
    body["status"]["conditions"][1].update(status="False", reason="ReadinessGatesNotReady")
    assert "readiness gate" in only(body).title


def test_a_pod_cut_off_from_its_node_is_not_assessed_without_nodes():
    body = make.on_lost_node(make.pod("a"))
    assert only(body).status is Status.NOT_ASSESSED
    assert only(body, make.lost_node()).cause == Cause("Node", "", "n3")


def test_an_evicted_pod_matters_by_who_else_does():
    owner = make.deployment("web")
    owned = make.replicaset(owner)
    gone = make.pod(
        "a", owner=owned, phase="Failed", reason="Evicted", message="The node was low on resource: memory."
    )
    assert only(owner, owned, gone, *make.pods_of(owned)).severity is Severity.LOW
    naked = make.pod("a", phase="Failed", reason="Evicted")
    assert only(naked).severity is Severity.MEDIUM
    short = make.node("n1", make.condition("MemoryPressure"))
    assert only(short, gone).cause == Cause("Node", "", "n1")


def test_a_failed_pod_of_an_unknown_job_is_not_assessed():
    lost = make.pod("a", make.crashed(1), owner=make.job("j"), phase="Failed")
    assert only(lost).status is Status.NOT_ASSESSED


def test_a_pod_that_does_not_go_is_told_by_what_holds_it():
    body = make.pod("a")
    body["metadata"].update(deletionTimestamp=make.ago(minutes=10), finalizers=["example.com/guard"])
    finding = only(body)
    assert finding.title == "Pod a: stuck terminating"
    assert "example.com/guard" in finding.detail
    body["metadata"]["deletionTimestamp"] = make.ago(seconds=30)
    assert judged(body) == []


def test_a_completed_pod_is_healthy():
    assert judged(make.pod("a", make.running(ready=False), phase="Succeeded")) == []


def test_a_refused_pod_points_to_its_claim_or_its_workload():
    message = "0/2 nodes are available: 2 Insufficient cpu."
    assert only(make.unscheduled("a", message)).title == "Pod a: can't be scheduled: not enough cpu left"
    spec = make.with_claim("data")
    volume = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims."
    waiting = make.claim("data", storage="none")
    finding = only(make.unscheduled("a", volume, spec=spec), waiting, make.storage_class())
    assert finding.cause == Cause("PersistentVolumeClaim", "shop", "data")


def test_names_are_quoted_for_the_shell():
    finding = only(make.pod("a; rm -rf /", make.crashed(1)))
    assert "kubectl logs 'a; rm -rf /' -n shop" in finding.fix


def test_a_refusal_that_only_an_event_tells_counts_too():
    body = make.unscheduled("a", "x")
    body["status"] = {"phase": "Pending"}
    assert judged(body) == []
    refused = make.event(body, "FailedScheduling", "0/2 nodes are available: 2 Insufficient memory.")
    assert only(body, refused).title == "Pod a: can't be scheduled: not enough memory left"


def test_a_container_killed_for_memory_lately_is_told_though_it_is_back():
    last = {**make.ended(137, "OOMKilled"), "startedAt": make.ago(days=2)}
    finding = only(make.pod("a", make.running(restarts=1, started=make.ago(minutes=1), last=last)))
    assert (finding.severity, "OOMKilled" in finding.title) == (Severity.MEDIUM, True)
    old = make.ended(137, "OOMKilled", make.ago(hours=2))
    assert judged(make.pod("a", make.running(restarts=1, started=make.ago(hours=2), last=old))) == []
