"""Whole situations for the analyzers' tests: sick ones with their one root, and healthy ones that look sick."""

import copy

from tests.clusters.analyzers import objects as make

NEW_IMAGE, OLD_IMAGE = "registry.example/shop/checkout:1.42.1", "registry.example/shop/checkout:1.42.0"


def _surroundings():
    """A healthy workload on healthy nodes, so that every kind is there."""
    return [
        make.node("n1"),
        make.node("n2"),
        *make.running_deployment("cart"),
        make.service("cart"),
        make.endpoints("cart", 2),
        make.storage_class("standard", default=True),
        make.claim("bound", phase="Bound", storage="standard"),
        make.job("seed", conditions=[make.condition("Complete")], succeeded=1),
        make.statefulset("queue"),
        make.pod("queue-0", owner=make.statefulset("queue"), labels={"app": "queue"}),
        make.daemonset("agent", desired=1),
        make.pod("agent-a", owner=make.daemonset("agent"), labels={"app": "agent"}),
    ]


def bad_rollout(status=None, *, spec=None):
    """Revision 58 of checkout fails while five pods of 57 still serve."""
    new_spec = spec or make.pod_spec(make.container("checkout", NEW_IMAGE))
    top = make.deployment(
        "checkout", replicas=6, available=4, spec=new_spec, revision="58", rolled_out=False, updatedReplicas=3
    )
    old = make.replicaset(
        top, "6d9c", replicas=5, revision="57", spec=make.pod_spec(make.container("checkout", OLD_IMAGE))
    )
    new = make.replicaset(top, "7f4b", replicas=3, revision="58", available=0, created=make.ago(minutes=16))
    status = status or make.crashed(1, "checkout")
    failing = [
        make.pod(
            f"checkout-7f4b-{letter}",
            status,
            owner=new,
            labels=new["metadata"]["labels"],
            spec=new_spec,
            created=make.ago(minutes=15),
        )
        for letter in "abc"
    ]
    good = make.pods_of(old, 5)
    return [*_surroundings(), top, old, new, *failing, *good, make.service("checkout")]


def crash_after_rollout():
    return bad_rollout(), ("Deployment", "shop", "checkout")


def image_pull():
    status = make.waiting("ImagePullBackOff", "checkout", message=f'Back-off pulling image "{NEW_IMAGE}"')
    return bad_rollout(status), ("Deployment", "shop", "checkout")


def memory():
    """Every pod of search is killed at its limit, so that its Service has nobody left."""
    spec = make.pod_spec(make.container("search", resources={"limits": {"memory": "256Mi"}}))
    top = make.deployment("search", available=0, spec=spec)
    top["status"]["conditions"][0] = make.condition("Available", "False", make.ago(minutes=5))
    owned = make.replicaset(top, available=0)
    labels = owned["metadata"]["labels"]
    killed = make.crashed(137, "search", "OOMKilled")
    pods = [make.pod(f"search-abc-{n}", killed, owner=owned, labels=labels, spec=spec) for n in "ab"]
    return [*_surroundings(), top, owned, *pods, make.service("search"), make.endpoints("search")], (
        "Deployment",
        "shop",
        "search",
    )


def unschedulable():
    top = make.deployment("big", replicas=1, available=0, rolled_out=False)
    owned = make.replicaset(top, replicas=1, available=0)
    refused = make.unscheduled(
        "big-abc-a",
        "0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: "
        "2 No preemption victims found for incoming pod.",
        owner=owned,
        labels=owned["metadata"]["labels"],
        since=make.ago(minutes=10),
    )
    return [*_surroundings(), top, owned, refused, make.service("big")], ("Deployment", "shop", "big")


def lost_node():
    """n3 ran short of memory and went silent; it took a Deployment, a whole StatefulSet and a DaemonSet pod."""
    nothing = [
        make.condition(kind, "Unknown", make.ago(minutes=4)) for kind in ("MemoryPressure", "DiskPressure")
    ]
    gone = make.lost_node(
        "n3", *nothing, taints=[{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}]
    )
    top = make.deployment("store", replicas=3, available=2)
    owned = make.replicaset(top, replicas=3, available=2)
    first, *others = make.pods_of(owned, 3)
    db = make.statefulset("ledger", ready=0)
    shipper = make.daemonset("log-shipper", desired=2, available=1)
    replaced = make.unscheduled(
        "store-abc-new",
        "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, "
        "2 Insufficient memory.",
        owner=owned,
        labels=owned["metadata"]["labels"],
        since=make.ago(minutes=2),
    )
    evicted = make.pod(
        "store-abc-old", owner=owned, labels=first["metadata"]["labels"], node="n3", phase="Failed"
    )
    evicted["status"].update(reason="Evicted", message="The node was low on resource: memory.")
    return [
        *_surroundings(),
        gone,
        make.event(gone, "NodeHasInsufficientMemory", "Node n3 status is now: NodeHasInsufficientMemory"),
        top,
        owned,
        make.on_lost_node(first),
        *others,
        replaced,
        evicted,
        db,
        make.on_lost_node(make.pod("ledger-0", owner=db, labels={"app": "ledger"})),
        shipper,
        make.pod("log-shipper-a", owner=shipper, labels={"app": "log-shipper"}),
        make.on_lost_node(make.pod("log-shipper-b", owner=shipper, labels={"app": "log-shipper"})),
        make.service("ledger"),
        make.service("store"),
    ], ("Node", "", "n3")


def pending_claim():
    db = make.statefulset("db", ready=0, spec=make.with_claim())
    refused = make.unscheduled(
        "db-0",
        "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
        owner=db,
        labels={"app": "db"},
        spec=make.with_claim(),
        since=make.ago(minutes=10),
    )
    waiting = make.claim(storage="fast", created=make.ago(minutes=10))
    return [*_surroundings(), db, refused, waiting, make.service("db")], (
        "PersistentVolumeClaim",
        "shop",
        "data-db-0",
    )


def failed_job():
    cron = make.cronjob("report")
    failed = make.job(
        "report-1",
        owner=cron,
        conditions=[make.condition("Failed", reason="BackoffLimitExceeded", message="Job has reached it")],
        failed=4,
        created=make.ago(hours=1),
    )
    spec = make.pod_spec(restartPolicy="Never")
    status = {**make.running(ready=False), "state": {"terminated": make.ended(2)}}
    pods = [
        make.pod(f"report-1-{n}", status, owner=failed, phase="Failed", spec=spec, created=make.ago(hours=1))
        for n in "ab"
    ]
    return [*_surroundings(), cron, failed, *pods], ("Job", "shop", "report-1")


def no_endpoints():
    return [
        *_surroundings(),
        *make.running_deployment("catalog"),
        make.service("catalog", {"app": "catalogue"}),
        make.endpoints("catalog"),
    ], ("Service", "shop", "catalog")


def wrong_port():
    return [*_surroundings(), *make.running_deployment("catalog"), make.service("catalog", target="web")], (
        "Service",
        "shop",
        "catalog",
    )


def quota():
    top = make.deployment("greedy", replicas=3, available=2, rolled_out=False)
    message = 'pods "greedy-abc-x" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=9, limited: cpu=10'
    failure = make.condition("ReplicaFailure", reason="FailedCreate", message=message)
    owned = make.replicaset(top, replicas=3, available=2)
    top["status"]["conditions"].append(failure)
    owned["status"]["conditions"] = [copy.deepcopy(failure)]
    return [*_surroundings(), top, owned, *make.pods_of(owned, 2), make.service("greedy")], (
        "Deployment",
        "shop",
        "greedy",
    )


SICK = {
    build.__name__: build
    for build in (
        crash_after_rollout,
        image_pull,
        memory,
        unschedulable,
        lost_node,
        pending_claim,
        failed_job,
        no_endpoints,
        wrong_port,
        quota,
    )
}


def surroundings():
    return _surroundings()


def rollout_under_way():
    top = make.deployment("web", replicas=3, available=2, rolled_out=False, revision="2")
    top["status"]["conditions"][0] = make.condition("Available", "False", make.ago(minutes=5))
    old = make.replicaset(top, "old", replicas=2, revision="1")
    new = make.replicaset(top, "new", replicas=1, revision="2", available=0, created=make.ago(seconds=20))
    young = make.pod(
        "web-new-0",
        make.waiting("ContainerCreating"),
        owner=new,
        labels=new["metadata"]["labels"],
        phase="Pending",
        created=make.ago(seconds=15),
    )
    return [*_surroundings(), top, old, new, *make.pods_of(old, 2), young, make.service("web")]


def scaled_to_zero():
    top = make.deployment("legacy", replicas=0)
    stopped = make.condition("ScalingActive", "False", reason="ScalingDisabled")
    return [
        *_surroundings(),
        top,
        make.replicaset(top, replicas=0),
        make.service("legacy"),
        make.endpoints("legacy"),
        make.autoscaler("legacy", "legacy", stopped),
    ]


def all_pods_starting():
    top = make.deployment("fresh", available=0, rolled_out=False)
    top["status"]["conditions"][0] = make.condition("Available", "False", make.ago(seconds=20))
    owned = make.replicaset(top, available=0, created=make.ago(seconds=20))
    pods = [
        make.pod(
            f"fresh-abc-{n}",
            make.running(ready=False, started=make.ago(seconds=5)),
            owner=owned,
            labels=owned["metadata"]["labels"],
            created=make.ago(seconds=15),
        )
        for n in "ab"
    ]
    return [*_surroundings(), top, owned, *pods, make.service("fresh"), make.endpoints("fresh", 0, 2)]


def restarted_and_recovered():
    last = make.ended(137, "OOMKilled", make.ago(hours=3))
    status = make.running(restarts=7, started=make.ago(hours=3), last=last)
    return [*_surroundings(), make.pod("scarred", status)]


def job_that_needed_a_retry():
    done = make.job("import", conditions=[make.condition("Complete")], failed=1, succeeded=1)
    spec = make.pod_spec(restartPolicy="Never")
    bad = {**make.running(ready=False), "state": {"terminated": make.ended(1)}}
    good = {**make.running(ready=False), "state": {"terminated": make.ended(0, "Completed")}}
    return [
        *_surroundings(),
        done,
        make.pod("import-a", bad, owner=done, phase="Failed", spec=spec),
        make.pod("import-b", good, owner=done, phase="Succeeded", spec=spec),
    ]


def job_that_retries():
    active = make.job("sync", active=1, failed=1)
    spec = make.pod_spec(restartPolicy="Never")
    bad = {**make.running(ready=False), "state": {"terminated": make.ended(1)}}
    return [
        *_surroundings(),
        active,
        make.pod("sync-a", bad, owner=active, phase="Failed", spec=spec),
        make.pod("sync-b", owner=active, spec=spec),
    ]


def claim_that_waits_for_its_first_pod():
    return [
        *_surroundings(),
        make.storage_class("local", mode="WaitForFirstConsumer"),
        make.claim("spare", storage="local"),
    ]


def cordoned_node():
    return [*_surroundings(), make.node("n9", unschedulable=True)]


def joining_node():
    young = make.condition("Ready", "False", make.ago(seconds=30), reason="KubeletNotReady")
    return [*_surroundings(), make.node("n9", young, created=make.ago(seconds=40))]


def gated_pod():
    return [*_surroundings(), make.unscheduled("gated", "gates", reason="SchedulingGated")]


def just_refused_pod():
    """A pod for which an autoscaler may be bringing a node."""
    message = "0/2 nodes are available: 2 Insufficient cpu."
    return [*_surroundings(), make.unscheduled("patient", message, since=make.ago(seconds=10))]


def pod_on_its_way_out():
    body = make.pod("leaving", make.running(ready=False))
    body["metadata"]["deletionTimestamp"] = make.ago(seconds=10)
    return [*_surroundings(), body]


def services_without_selector():
    return [
        *_surroundings(),
        make.service("outside", {}),
        make.service("alias", {"app": "x"}, type="ExternalName", externalName="db.example"),
        make.service("newborn", {"app": "soon"}, created=make.ago(seconds=20)),
    ]


def plain_manifests():
    """What a repository holds: no status, no uid, no age."""
    found = [
        make.deployment("web"), make.statefulset("db"), make.daemonset(), make.job(), make.cronjob(),
        make.service("web"), make.claim(), make.pod("one"), make.autoscaler(), make.storage_class("fast"),
    ]  # fmt: skip
    for body in found:
        body.pop("status", None)
        for key in ("uid", "creationTimestamp"):
            body["metadata"].pop(key)
    del found[7]["spec"]["nodeName"]
    return found


HEALTHY = {
    build.__name__: build
    for build in (
        surroundings,
        rollout_under_way,
        scaled_to_zero,
        all_pods_starting,
        restarted_and_recovered,
        job_that_needed_a_retry,
        job_that_retries,
        claim_that_waits_for_its_first_pod,
        cordoned_node,
        joining_node,
        gated_pod,
        just_refused_pod,
        pod_on_its_way_out,
        services_without_selector,
        plain_manifests,
    )
}
