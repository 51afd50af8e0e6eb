"""Deployments, ReplicaSets, StatefulSets and DaemonSets: failing, healthy, and what only looks like failing."""

from clusters.analyzers import Cause, Severity, Status, diagnose, roots
from tests.clusters.analyzers import objects as make
from tests.clusters.analyzers.objects import NOW
from tests.clusters.analyzers.snapshots import bad_rollout


def judged(kind, *objects, **options):
    return [f for f in diagnose(objects, NOW, **options) if f.kind == kind]


def test_a_bad_rollout_names_revisions_images_and_the_way_back():
    (finding,) = judged("Deployment", *bad_rollout())
    assert finding.title == "Deployment checkout: new revision crash-loops with exit code 1"
    assert "57 → 58" in finding.detail
    assert "checkout:1.42.0 → registry.example/shop/checkout:1.42.1" in finding.detail
    assert "still serves with 5 ready pods" in finding.detail
    assert finding.fix.startswith(
        "Roll back: kubectl rollout undo deployment/checkout -n shop --to-revision=57"
    )
    assert finding.severity is Severity.HIGH
    assert (
        "ReplicaSet/shop/checkout-6d9c:spec.template.spec.containers[0].image",
        "registry.example/shop/checkout:1.42.0",
    ) in finding.evidence


def test_a_bad_rollout_is_told_without_replicasets_too():
    left = [body for body in bad_rollout() if body["kind"] != "ReplicaSet"]
    findings = diagnose(left, NOW)
    (root,) = roots(findings)
    assert root.title == "Deployment checkout: new revision crash-loops with exit code 1"
    assert {f.cause for f in findings if f.kind == "Pod"} == {root.subject}


def test_a_crash_long_after_the_rollout_is_not_blamed_on_it():
    top, owned, first, second = make.running_deployment("web")
    former = make.replicaset(top, "older", replicas=0, revision="0")
    sick = make.pod("web-abc-0", make.crashed(1), owner=owned, labels=first["metadata"]["labels"])
    (finding,) = judged("Deployment", top, owned, former, sick, second)
    assert finding.title == "Deployment web: container web crash-loops with exit code 1"
    assert "rollout undo" not in finding.fix


def test_a_deployment_with_its_own_fault_and_a_lost_node_stays_a_root():
    objects = bad_rollout()
    stray = next(body for body in objects if body["metadata"]["name"] == "checkout-6d9c-0")
    lost = make.on_lost_node(stray)
    objects = [lost if body is stray else body for body in objects] + [make.lost_node()]
    findings = diagnose(objects, NOW)
    assert [f.subject.name for f in roots(findings)] == ["n3", "checkout"]
    assert next(f for f in findings if f.name == "checkout-6d9c-0").cause == Cause("Node", "", "n3")


def test_a_missed_deadline_is_told_though_no_pods_are_known():
    late = make.condition("Progressing", "False", reason="ProgressDeadlineExceeded")
    top = make.deployment(available=1, conditions=[make.condition("Available"), late])
    (finding,) = judged("Deployment", top)
    assert finding.title == "Deployment web: rollout has exceeded its progress deadline"
    assert finding.severity is Severity.HIGH


def test_a_rollout_within_its_deadline_and_one_unseen_are_no_fault():
    assert judged("Deployment", make.deployment(available=0, rolled_out=False)) == []
    late = make.condition("Progressing", "False", reason="ProgressDeadlineExceeded")
    unseen = make.deployment(available=0, observedGeneration=1, conditions=[late])
    assert judged("Deployment", unseen) == []


def test_an_unavailable_deployment_is_told_after_a_grace():
    def shown(since):
        conditions = [
            make.condition("Available", "False", since),
            make.condition("Progressing", reason="NewReplicaSetAvailable"),
        ]
        return make.deployment(available=0, conditions=conditions)

    assert judged("Deployment", shown(make.ago(seconds=20))) == []
    (finding,) = judged("Deployment", shown(make.ago(minutes=5)))
    assert (finding.severity, finding.status) == (Severity.CRITICAL, Status.FAILING)


def test_a_short_deployment_is_not_assessed_without_pods():
    (finding,) = judged("Deployment", make.deployment(replicas=3, available=2))
    assert finding.status is Status.NOT_ASSESSED
    assert judged("Deployment", make.deployment(replicas=3, available=2), collected=["Pod"]) == []


def test_a_replicaset_that_cannot_create_pods_follows_its_deployment():
    top = make.deployment(available=0, rolled_out=False)
    message = (
        'pods "x" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found'
    )
    failure = make.condition("ReplicaFailure", reason="FailedCreate", message=message)
    owned = make.replicaset(top, available=0, conditions=[failure])
    (alone,) = judged("ReplicaSet", owned)
    assert alone.title == "ReplicaSet web-abc: can't create pods, ServiceAccount robot doesn't exist"
    assert alone.cause is None
    top["status"]["conditions"].append(failure)
    (both,) = judged("ReplicaSet", top, owned)
    assert both.cause == Cause("Deployment", "shop", "web")


def test_a_replicaset_without_deployment_is_judged_by_its_pods():
    owned = make.replicaset(make.deployment(), replicas=1)
    findings = diagnose([owned, make.pod("web-abc-0", make.crashed(2), owner=owned)], NOW)
    assert [f.subject.kind for f in roots(findings)] == ["ReplicaSet"]


def test_a_statefulset_whose_new_revision_fails_is_told_as_a_rollout():
    top = make.statefulset(replicas=2, ready=1, currentRevision="db-1", updateRevision="db-2")
    old = make.pod("db-0", owner=top, labels={"app": "db", "controller-revision-hash": "db-1"})
    new = make.pod(
        "db-1", make.crashed(1), owner=top, labels={"app": "db", "controller-revision-hash": "db-2"}
    )
    (finding,) = judged("StatefulSet", top, old, new)
    assert finding.title == "StatefulSet db: new revision crash-loops with exit code 1"
    assert "kubectl rollout undo statefulset/db" in finding.fix


def test_a_statefulset_whose_pods_are_refused_is_told_by_its_events():
    top = make.statefulset(replicas=2, ready=1)
    top["status"]["replicas"] = 1
    refused = make.event(
        top, "FailedCreate", 'create Pod db-1 failed: pods "db-1" is forbidden: exceeded quota: compute, x'
    )
    first = make.pod("db-0", owner=top, labels={"app": "db"})
    assert judged("StatefulSet", top, first) == []
    (finding,) = judged("StatefulSet", top, first, refused)
    assert finding.title == "StatefulSet db: can't create pods, quota compute is used up"


def test_sets_that_are_short_are_not_assessed_without_pods():
    (one,) = judged("StatefulSet", make.statefulset(ready=0))
    (other,) = judged("DaemonSet", make.daemonset(available=1))
    assert {one.status, other.status} == {Status.NOT_ASSESSED}


def test_a_daemonset_on_a_cordoned_node_is_healthy():
    top = make.daemonset(desired=1)
    objects = [
        top,
        make.node("n1", unschedulable=True),
        make.pod("log-shipper-a", owner=top, labels={"app": "log-shipper"}),
    ]
    assert judged("DaemonSet", *objects) == []


def test_a_daemonset_whose_pod_crashes_is_the_root():
    top = make.daemonset(desired=1, available=0)
    findings = diagnose([top, make.pod("log-shipper-a", make.crashed(1), owner=top)], NOW)
    assert [f.title for f in roots(findings)] == [
        "DaemonSet log-shipper: container web crash-loops with exit code 1"
    ]
    assert roots(findings)[0].severity is Severity.CRITICAL


def test_a_pod_of_a_lost_node_that_was_asked_to_go_still_holds_up_its_statefulset():
    top = make.statefulset(ready=0)
    stuck = make.on_lost_node(make.pod("db-0", owner=top, labels={"app": "db"}))
    stuck["metadata"]["deletionTimestamp"] = make.ago(seconds=5)
    findings = diagnose([make.lost_node(), top, stuck, make.service("db")], NOW)
    assert [(f.kind, f.cause) for f in findings] == [
        ("Node", None),
        ("Service", Cause("StatefulSet", "shop", "db")),
        ("StatefulSet", Cause("Node", "", "n3")),
        ("Pod", Cause("Node", "", "n3")),
    ]


def test_a_pod_of_a_lost_node_that_has_been_replaced_does_not_make_its_deployment_fail():
    top = make.deployment()
    owned = make.replicaset(top)
    stuck = make.on_lost_node(make.pod("old", owner=owned, labels=owned["metadata"]["labels"]))
    stuck["metadata"]["deletionTimestamp"] = make.ago(minutes=5)
    findings = diagnose([make.lost_node(), top, owned, stuck, *make.pods_of(owned), make.service()], NOW)
    assert [(f.kind, f.cause) for f in findings] == [("Node", None), ("Pod", Cause("Node", "", "n3"))]


def test_pods_are_joined_to_their_workload_by_name_or_selector_where_owners_are_not_given():
    top = make.deployment(available=0)
    owned = make.replicaset(top, available=0)
    labels = owned["metadata"]["labels"]
    for orphan in (
        make.pod("web-abc-0", make.crashed(1), owner=owned, labels=labels),
        make.pod("web-abc-0", make.crashed(1), owner=owned),
        make.pod("web-abc-0", make.crashed(1), labels={"app": "web"}),
    ):
        findings = diagnose([top, orphan], NOW)
        assert [(f.kind, f.cause) for f in findings] == [
            ("Deployment", None),
            ("Pod", Cause("Deployment", "shop", "web")),
        ]
