"""What the API server fills in when a client leaves it out, kind by kind."""

from collections.abc import Callable
from typing import Any

Object = dict[str, Any]

_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")


def _fill(target: Object, **values: Any) -> None:
    for key, value in values.items():
        if target.get(key) is None:
            target[key] = value


def _probe(probe: Object) -> None:
    _fill(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    if "httpGet" in probe:
        _fill(probe["httpGet"], path="/", scheme="HTTP")


def _container(container: Object) -> None:
    tag = container.get("image", "").rpartition("/")[2].partition(":")[2]
    pull = "Always" if tag in ("", "latest") and "@" not in container.get("image", "") else "IfNotPresent"
    _fill(container, resources={}, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File",
          imagePullPolicy=pull)  # fmt: skip
    for port in container.get("ports") or ():
        _fill(port, protocol="TCP")
    for kind in ("readinessProbe", "livenessProbe", "startupProbe"):
        if container.get(kind):
            _probe(container[kind])
    resources = container["resources"]
    for name, value in (resources.get("limits") or {}).items():
        resources.setdefault("requests", {}).setdefault(name, value)


def pod_spec(spec: Object, restart: str = "Always") -> None:
    """Defaults of a pod or of a template's pod."""
    _fill(spec, restartPolicy=restart, terminationGracePeriodSeconds=30, dnsPolicy="ClusterFirst",
          securityContext={}, schedulerName="default-scheduler")  # fmt: skip
    if spec.get("serviceAccountName"):
        _fill(spec, serviceAccount=spec["serviceAccountName"])
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        _container(container)


def _template(obj: Object, restart: str = "Always") -> None:
    template = obj["spec"].setdefault("template", {})
    template.setdefault("metadata", {})
    pod_spec(template.setdefault("spec", {}), restart)


def _pod(obj: Object) -> None:
    spec = obj["spec"]
    pod_spec(spec)
    _fill(spec, enableServiceLinks=True, priority=0, preemptionPolicy="PreemptLowerPriority",
          serviceAccountName="default", serviceAccount=spec.get("serviceAccountName", "default"))  # fmt: skip
    tolerations = spec.setdefault("tolerations", [])
    for key in _TOLERATED:
        if not any(
            t.get("key") in (key, None) and t.get("effect") in ("NoExecute", None) for t in tolerations
        ):
            tolerations.append(
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            )


def _deployment(obj: Object) -> None:
    spec = obj["spec"]
    _fill(spec, replicas=1, strategy={}, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    _fill(spec["strategy"], type="RollingUpdate")
    if spec["strategy"]["type"] == "RollingUpdate":
        _fill(spec["strategy"], rollingUpdate={})
        _fill(spec["strategy"]["rollingUpdate"], maxUnavailable="25%", maxSurge="25%")
    _template(obj)


def _replica_set(obj: Object) -> None:
    _fill(obj["spec"], replicas=1)
    _template(obj)


def _stateful_set(obj: Object) -> None:
    spec = obj["spec"]
    _fill(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10, serviceName="",
          updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
          persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})  # fmt: skip
    for claim in spec.get("volumeClaimTemplates") or ():
        _fill(claim, apiVersion="v1", kind="PersistentVolumeClaim", status={"phase": "Pending"})
        _fill(claim["spec"], volumeMode="Filesystem")
    _template(obj)


def _daemon_set(obj: Object) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}
    _fill(obj["spec"], revisionHistoryLimit=10, updateStrategy=rolling)
    _template(obj)


def _job(obj: Object) -> None:
    spec = obj["spec"]
    _fill(spec, parallelism=1, completions=1, backoffLimit=6, completionMode="NonIndexed", suspend=False,
          manualSelector=False, podReplacementPolicy="TerminatingOrFailed")  # fmt: skip
    uid = obj["metadata"].get("uid", "")
    owner = {"batch.kubernetes.io/controller-uid": uid}
    labels = {**owner, "controller-uid": uid, "job-name": obj["metadata"]["name"],
              "batch.kubernetes.io/job-name": obj["metadata"]["name"]}  # fmt: skip
    if not spec["manualSelector"] and "selector" not in spec:
        spec["selector"] = {"matchLabels": owner}
        _template(obj, "Never")
        spec["template"]["metadata"].setdefault("labels", {}).update(labels)
    _template(obj, "Never")


def _cron_job(obj: Object) -> None:
    _fill(obj["spec"], concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3,
          failedJobsHistoryLimit=1)  # fmt: skip
    template = obj["spec"].get("jobTemplate", {})
    pod_spec(template.get("spec", {}).get("template", {}).setdefault("spec", {}), "Never")


def _service(obj: Object) -> None:
    spec = obj["spec"]
    _fill(spec, type="ClusterIP", sessionAffinity="None")
    for port in spec.get("ports") or ():
        _fill(port, protocol="TCP", targetPort=port.get("port"))
    if spec["type"] != "ExternalName":
        _fill(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")


def _claim(obj: Object) -> None:
    _fill(obj["spec"], volumeMode="Filesystem")


def _autoscaler(obj: Object) -> None:
    _fill(obj["spec"], minReplicas=1)
    resource = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
    _fill(obj["spec"], metrics=[{"type": "Resource", "resource": resource}])


def _namespace(obj: Object) -> None:
    obj["spec"] = {"finalizers": ["kubernetes"]}
    obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = obj["metadata"]["name"]


def _network_policy(obj: Object) -> None:
    egress = ["Egress"] if "egress" in obj["spec"] else []
    _fill(obj["spec"], policyTypes=["Ingress", *egress])


def _storage_class(obj: Object) -> None:
    _fill(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _role_binding(obj: Object) -> None:
    obj.get("roleRef", {}).setdefault("apiGroup", "rbac.authorization.k8s.io")
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            _fill(subject, apiGroup="rbac.authorization.k8s.io")


_BY_RESOURCE: dict[str, Callable[[Object], None]] = {
    "pods": _pod, "deployments.apps": _deployment, "replicasets.apps": _replica_set,
    "statefulsets.apps": _stateful_set, "daemonsets.apps": _daemon_set, "jobs.batch": _job,
    "cronjobs.batch": _cron_job, "services": _service, "persistentvolumeclaims": _claim,
    "horizontalpodautoscalers.autoscaling": _autoscaler, "namespaces": _namespace,
    "networkpolicies.networking.k8s.io": _network_policy, "storageclasses.storage.k8s.io": _storage_class,
    "rolebindings.rbac.authorization.k8s.io": _role_binding,
    "clusterrolebindings.rbac.authorization.k8s.io": _role_binding,
}  # fmt: skip
_WITH_SPEC = frozenset({"services", "persistentvolumeclaims", "pods"})

_STATUS: dict[str, Object] = {
    "namespaces": {"phase": "Active"}, "persistentvolumeclaims": {"phase": "Pending"},
    "persistentvolumes": {"phase": "Available"}, "services": {"loadBalancer": {}},
    "ingresses.networking.k8s.io": {"loadBalancer": {}},
}  # fmt: skip


def apply(resource: str, obj: Object) -> None:
    """Fill in the defaults of this kind, in place. A body of the wrong shape raises what the shape raises."""
    if resource in _BY_RESOURCE:
        if (
            resource in _WITH_SPEC
            or resource.endswith((".apps", ".batch", ".autoscaling"))
            or resource.startswith("network")
        ):
            obj.setdefault("spec", {})
        _BY_RESOURCE[resource](obj)


def first_status(resource: str, obj: Object) -> Object:
    """The status with which an object of this kind is born."""
    if resource == "pods":
        return {"phase": "Pending", "qosClass": quality(obj["spec"])}
    return dict(_STATUS.get(resource, {}))


def quality(spec: Object) -> str:
    """The quality-of-service class that the resources of a pod's containers give."""
    shares = [
        c.get("resources") or {} for c in [*spec.get("containers", ()), *(spec.get("initContainers") or ())]
    ]
    if not any(share.get("requests") or share.get("limits") for share in shares):
        return "BestEffort"
    both = ("cpu", "memory")
    guaranteed = all(
        (s.get("limits") or {}).get(name) and (s.get("requests") or {}).get(name) == s["limits"][name]
        for s in shares
        for name in both
    )
    return "Guaranteed" if guaranteed else "Burstable"
