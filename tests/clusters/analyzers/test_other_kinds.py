"""Nodes, claims, Jobs, CronJobs, Services and autoscalers: failing, healthy, and what only looks like failing."""

import pytest

from clusters.analyzers import Cause, Severity, Status, diagnose, roots
from tests.clusters.analyzers import objects as make
from tests.clusters.analyzers.objects import NOW


def judged(kind, *objects, **options):
    return [f for f in diagnose(objects, NOW, **options) if f.kind == kind]


def only(kind, *objects, **options):
    (finding,) = judged(kind, *objects, **options)
    return finding


# Nodes


def test_a_node_without_word_from_its_kubelet_is_critical():
    finding = only("Node", make.lost_node())
    assert finding.title == "Node n3: not ready, its kubelet has stopped reporting"
    assert (finding.severity, finding.namespace) == (Severity.CRITICAL, "")


@pytest.mark.parametrize(
    "trace",
    [
        {"conditions": [make.condition("MemoryPressure", "True")]},
        {"taints": [{"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"}]},
    ],
)
def test_pressure_before_not_ready_is_one_root(trace):
    body = make.lost_node("n3", *trace.get("conditions", []), taints=trace.get("taints", []))
    assert only("Node", body).title.endswith("after running short of memory")


@pytest.mark.parametrize(
    ("kind", "severity"),
    [
        ("MemoryPressure", Severity.HIGH),
        ("DiskPressure", Severity.HIGH),
        ("PIDPressure", Severity.HIGH),
        ("NetworkUnavailable", Severity.HIGH),
        ("ReadonlyFilesystem", Severity.MEDIUM),
    ],
)
def test_a_node_condition_is_told(kind, severity):
    assert only("Node", make.node("n1", make.condition(kind))).severity is severity


def test_conditions_that_mean_well_and_nodes_on_their_way_out_are_healthy():
    assert (
        judged(
            "Node",
            make.node("n1", make.condition("EtcdIsVoter"), make.condition("NetworkUnavailable", "False")),
        )
        == []
    )
    assert judged("Node", make.lost_node(taints=[{"key": "ToBeDeletedByClusterAutoscaler"}])) == []


# PersistentVolumeClaims


def test_a_claim_of_a_missing_class_names_the_classes_there_are():
    finding = only("PersistentVolumeClaim", make.claim(), make.storage_class("standard"))
    assert finding.title == "PersistentVolumeClaim data-db-0: pending, storage class fast doesn't exist"
    assert "standard" in finding.detail


@pytest.mark.parametrize(
    ("storage", "why"),
    [
        ("fast", "has provisioned no volume"),
        (None, "no class is the default"),
        ("", "no PersistentVolume fits it"),
    ],
)
def test_a_claim_that_nothing_satisfies_says_why(storage, why):
    assert why in only("PersistentVolumeClaim", make.claim(storage=storage), make.storage_class("fast")).title


def test_a_provisioner_that_fails_is_quoted_at_once():
    young = make.claim(created=make.ago(seconds=5))
    assert judged("PersistentVolumeClaim", young, make.storage_class("fast")) == []
    failed = make.event(young, "ProvisioningFailed", "rpc error: no capacity")
    finding = only(
        "PersistentVolumeClaim", young, failed, make.storage_class("fast", mode="WaitForFirstConsumer")
    )
    assert finding.evidence[-1].value == "rpc error: no capacity"


def test_a_claim_without_classes_is_not_assessed_unless_the_scheduler_complains():
    assert only("PersistentVolumeClaim", make.claim()).status is Status.NOT_ASSESSED
    refused = make.unscheduled(
        "db-0",
        "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
        spec=make.with_claim(),
    )
    assert only("PersistentVolumeClaim", make.claim(), refused).status is Status.FAILING


def test_a_claim_that_waits_for_a_stuck_pod_follows_from_it():
    refused = make.unscheduled("db-0", "0/1 nodes are available: 1 Insufficient cpu.", spec=make.with_claim())
    local = make.storage_class("fast", mode="WaitForFirstConsumer")
    findings = diagnose([refused, make.claim(), local], NOW)
    assert [f.subject for f in roots(findings)] == [Cause("Pod", "shop", "db-0")]
    assert next(f for f in findings if f.kind == "PersistentVolumeClaim").severity is Severity.LOW


def test_a_lost_claim_is_critical():
    finding = only("PersistentVolumeClaim", make.claim(phase="Lost", volumeName="pv-1"))
    assert (finding.severity, "pv-1" in finding.title) == (Severity.CRITICAL, True)


# Jobs and CronJobs


@pytest.mark.parametrize(
    "reason", ["BackoffLimitExceeded", "DeadlineExceeded", "PodFailurePolicy", "Whatever"]
)
def test_a_failed_job_is_a_root(reason):
    finding = only("Job", make.job(conditions=[make.condition("Failed", reason=reason)]))
    assert finding.severity is Severity.HIGH
    assert finding.cause is None
    assert ("status.conditions[0].reason", reason) in finding.evidence


def test_a_job_whose_pod_cannot_start_fails_before_its_limit():
    active = make.job(active=1)
    pod = make.pod("migrate-a", make.waiting("ImagePullBackOff"), owner=active, phase="Pending")
    findings = diagnose([active, pod], NOW)
    assert [f.subject.kind for f in roots(findings)] == ["Job"]


def test_a_suspended_job_and_a_running_one_are_healthy():
    asleep = make.job("a")
    asleep["spec"]["suspend"] = True
    assert judged("Job", asleep, make.job("b", active=1)) == []


def test_a_failure_that_a_later_run_made_good_is_history():
    cron = make.cronjob()
    failed = make.job(
        "report-1",
        owner=cron,
        created=make.ago(days=2),
        conditions=[make.condition("Failed", reason="BackoffLimitExceeded")],
    )
    later = make.job(
        "report-2", owner=cron, created=make.ago(days=1), conditions=[make.condition("Complete")]
    )
    findings = diagnose([cron, failed, later], NOW)
    assert [(f.kind, f.severity) for f in findings] == [("Job", Severity.LOW)]


def test_a_cronjob_follows_from_its_latest_run_and_a_suspended_one_does_not():
    for suspend, kinds in ((False, ["Job", "CronJob"]), (True, ["Job"])):
        cron = make.cronjob(suspend=suspend)
        failed = make.job(
            "report-1", owner=cron, conditions=[make.condition("Failed", reason="DeadlineExceeded")]
        )
        findings = diagnose([cron, failed], NOW)
        assert [f.kind for f in findings] == kinds
        assert [f.subject.kind for f in roots(findings)] == ["Job"]


def test_a_schedule_that_cannot_be_read_is_told():
    cron = make.cronjob()
    broken = make.event(cron, "UnparseableSchedule", "unparseable schedule: 61 * * * *")
    assert "can't be read" in only("CronJob", cron, broken).title


# Services


def test_a_service_without_a_match_explains_the_near_miss():
    objects = [*make.running_deployment("catalog"), make.service("catalog", {"app": "catalogue"})]
    finding = only("Service", *objects)
    assert finding.title == "Service catalog: no endpoints, its selector app=catalogue matches no pod"
    assert "carries app=catalog, not app=catalogue" in finding.detail


def test_a_service_without_a_match_is_not_assessed_where_a_workload_may_be_scaled_to_zero():
    pods = [body for body in make.running_deployment("mail") if body["kind"] == "Pod"]
    service = make.service("catalog", {"app": "elsewhere"})
    finding = only("Service", service, *pods)
    assert (finding.status, "ReplicaSets" in finding.fix) == (Status.NOT_ASSESSED, True)
    assert only("Service", service, make.pod("naked", labels={"app": "mail"})).status is Status.FAILING


def test_a_service_of_failing_pods_follows_from_their_workload():
    top = make.deployment(available=0)
    owned = make.replicaset(top, available=0)
    sick = make.pod("web-abc-0", make.crashed(1), owner=owned, labels=owned["metadata"]["labels"])
    assert only("Service", top, owned, sick, make.service()).cause == Cause("Deployment", "shop", "web")
    naked = make.pod("alone", make.crashed(1), labels={"app": "web"})
    assert only("Service", naked, make.service()).cause == Cause("Pod", "shop", "alone")


def test_a_service_with_one_ready_pod_is_healthy():
    sick = make.pod("b", make.crashed(1), labels={"app": "web"})
    assert judged("Service", make.pod("a", labels={"app": "web"}), sick, make.service()) == []


def test_a_service_that_publishes_unready_addresses_is_healthy():
    sick = make.pod("b", make.crashed(1), labels={"app": "web"})
    assert judged("Service", sick, make.service(publishNotReadyAddresses=True)) == []


def test_endpoints_speak_where_pods_were_not_given():
    assert judged("Service", make.service(), make.endpoints("web", 2)) == []
    assert only("Service", make.service(), make.endpoints("web", 0, 2)).status is Status.NOT_ASSESSED
    ready = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": make.meta("web-1", labels={"kubernetes.io/service-name": "web"}),
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}],
    }
    assert judged("Service", make.service(), ready) == []


def test_a_numeric_target_port_needs_no_declaration_and_a_sidecar_may_serve_a_named_one():
    pod = make.pod("a", labels={"app": "web"})
    assert judged("Service", pod, make.service(target=9999)) == []
    pod["spec"]["initContainers"] = [
        {"name": "proxy", "restartPolicy": "Always", "ports": [{"name": "grpc"}]}
    ]
    assert judged("Service", pod, make.service(target="grpc")) == []
    assert only("Service", pod, make.service(target="nobody")).severity is Severity.HIGH


def test_a_monitoring_service_of_a_hidden_control_plane_is_low():
    hidden = make.service("kube-scheduler", {"component": "kube-scheduler"}, clusterIP="None")
    hidden["metadata"]["namespace"] = "kube-system"
    finding = only("Service", hidden, make.pod("a", labels={"app": "x"}))
    assert finding.severity is Severity.LOW


# HorizontalPodAutoscalers


def test_an_autoscaler_without_its_target_is_told_only_where_the_kind_is_known():
    scaler = make.autoscaler("web", "gone")
    assert judged("HorizontalPodAutoscaler", scaler) == []
    assert "doesn't exist" in only("HorizontalPodAutoscaler", scaler, make.deployment("web")).title


def test_an_autoscaler_without_metrics_is_told_after_a_grace_unless_switched_off():
    def shown(reason, since):
        return make.autoscaler("web", "web", make.condition("ScalingActive", "False", since, reason=reason))

    top = make.deployment("web")
    assert judged("HorizontalPodAutoscaler", top, shown("FailedGetResourceMetric", make.ago(minutes=1))) == []
    assert judged("HorizontalPodAutoscaler", top, shown("ScalingDisabled", make.LONG_AGO)) == []
    finding = only("HorizontalPodAutoscaler", top, shown("FailedGetResourceMetric", make.LONG_AGO))
    assert (finding.title, finding.severity) == (
        "HorizontalPodAutoscaler web: gets no metrics",
        Severity.MEDIUM,
    )


def test_an_autoscaler_of_failing_pods_follows_from_its_target():
    top = make.deployment(available=0)
    owned = make.replicaset(top, available=0)
    sick = make.pod("web-abc-0", make.crashed(1), owner=owned)
    scaler = make.autoscaler(
        "web", "web", make.condition("ScalingActive", "False", reason="FailedGetResourceMetric")
    )
    assert only("HorizontalPodAutoscaler", top, owned, sick, scaler).cause == Cause(
        "Deployment", "shop", "web"
    )


def test_an_autoscaler_at_its_maximum_is_low():
    scaler = make.autoscaler("web", "web", make.condition("ScalingLimited", reason="TooManyReplicas"))
    assert only("HorizontalPodAutoscaler", scaler, make.deployment("web")).severity is Severity.LOW
