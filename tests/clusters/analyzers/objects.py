"""Kubernetes objects as a cluster shows them, for the analyzers' tests: each builder gives a healthy one."""

import copy
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 24, 10, 24, 30, tzinfo=UTC)
LONG_AGO = "2026-11-01T08:00:00Z"


def ago(**parts):
    """The time so long before NOW, as the API writes it."""
    return (NOW - timedelta(**parts)).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind, status="True", since=LONG_AGO, **more):
    return {"type": kind, "status": status, "lastTransitionTime": since, **more}


def meta(name, namespace="shop", owner=None, labels=None, created=LONG_AGO, **more):
    found = {
        "name": name,
        "uid": f"uid-{namespace}-{name}",
        "creationTimestamp": created,
        "labels": labels or {},
        **more,
    }
    if namespace:
        found["namespace"] = namespace
    if owner is not None:
        found["ownerReferences"] = [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "controller": True,
            }
        ]
    return found


def container(name="web", image="registry.example/web:1.0", **more):
    return {"name": name, "image": image, "ports": [{"name": "http", "containerPort": 8080}], **more}


def pod_spec(*containers, **more):
    return {"restartPolicy": "Always", "containers": list(containers) or [container()], **more}


def running(name="web", *, ready=True, restarts=0, started=LONG_AGO, last=None):
    return {
        "name": name,
        "ready": ready,
        "started": True,
        "restartCount": restarts,
        "image": "registry.example/web:1.0",
        "state": {"running": {"startedAt": started}},
        "lastState": {"terminated": last} if last else {},
    }


def waiting(reason, name="web", *, message=None, restarts=0, last=None):
    state = {"reason": reason, **({"message": message} if message else {})}
    return {
        "name": name,
        "ready": False,
        "started": False,
        "restartCount": restarts,
        "image": "registry.example/web:1.0",
        "state": {"waiting": state},
        "lastState": {"terminated": last} if last else {},
    }


def ended(code, reason="Error", at=None):
    return {
        "exitCode": code,
        "reason": reason,
        "startedAt": ago(minutes=2),
        "finishedAt": at or ago(minutes=1),
    }


def crashed(code=1, name="web", reason="Error", restarts=6):
    return waiting("CrashLoopBackOff", name, restarts=restarts, last=ended(code, reason))


def pod(
    name, *statuses, owner=None, labels=None, node="n1", phase="Running", spec=None, created=LONG_AGO, **more
):
    """A pod with these container statuses; it is ready when all of them are."""
    found = list(statuses) or [running()]
    ready = all(status["ready"] for status in found) and phase == "Running"
    because = {} if ready else {"reason": "ContainersNotReady"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(name, owner=owner, labels=labels, created=created),
        "spec": {**(spec or pod_spec()), "nodeName": node},
        "status": {
            "phase": phase,
            "startTime": created,
            "conditions": [
                condition("PodScheduled", since=created),
                condition("Ready", "True" if ready else "False", since=created, **because),
            ],
            "containerStatuses": found,
            **more,
        },
    }


def unscheduled(name, message, *, owner=None, labels=None, spec=None, since=LONG_AGO, reason="Unschedulable"):
    """A pod that the scheduler refuses."""
    body = pod(name, owner=owner, labels=labels, spec=spec, phase="Pending", created=since)
    del body["spec"]["nodeName"]
    body["status"] = {
        "phase": "Pending",
        "conditions": [condition("PodScheduled", "False", since=since, reason=reason, message=message)],
    }
    return body


def on_lost_node(body, node="n3"):
    """The pod as the node controller leaves it when its node is gone."""
    body = copy.deepcopy(body)
    body["spec"]["nodeName"] = node
    for entry in body["status"]["conditions"]:
        if entry["type"] == "Ready":
            entry.update(status="False", lastTransitionTime=ago(minutes=3))
    return body


def deployment(
    name="web", *, replicas=2, available=None, labels=None, spec=None, revision="1", rolled_out=True, **status
):
    labels = labels or {"app": name}
    count = replicas if available is None else available
    progress = (
        condition("Progressing", reason="NewReplicaSetAvailable")
        if rolled_out
        else condition("Progressing", since=ago(minutes=2), reason="ReplicaSetUpdated")
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta(
            name, labels=labels, generation=2, annotations={"deployment.kubernetes.io/revision": revision}
        ),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec or pod_spec()},
        },
        "status": {
            "observedGeneration": 2,
            "replicas": replicas,
            "readyReplicas": count,
            "availableReplicas": count,
            "conditions": [condition("Available"), progress],
            **status,
        },
    }


def replicaset(
    owner, suffix="abc", *, replicas=2, revision="1", spec=None, available=None, created=LONG_AGO, **status
):
    labels = {**owner["spec"]["template"]["metadata"]["labels"], "pod-template-hash": suffix}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": meta(
            f"{owner['metadata']['name']}-{suffix}",
            owner=owner,
            labels=labels,
            created=created,
            annotations={"deployment.kubernetes.io/revision": revision},
        ),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec or owner["spec"]["template"]["spec"]},
        },
        "status": {
            "replicas": replicas,
            "availableReplicas": replicas if available is None else available,
            **status,
        },
    }


def pods_of(owner, *bodies_or_count, node="n1"):
    """Healthy pods of a ReplicaSet or StatefulSet."""
    (count,) = bodies_or_count or (2,)
    labels = owner["spec"]["template"]["metadata"]["labels"]
    return [
        pod(f"{owner['metadata']['name']}-{index}", owner=owner, labels=labels, node=node)
        for index in range(count)
    ]


def running_deployment(name="web", replicas=2, node="n1"):
    """A Deployment with its ReplicaSet and pods, all well."""
    top = deployment(name, replicas=replicas)
    owned = replicaset(top, replicas=replicas)
    return [top, owned, *pods_of(owned, replicas, node=node)]


def statefulset(name="db", *, replicas=1, ready=None, spec=None, labels=None, **status):
    labels = labels or {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": meta(name, labels=labels),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec or pod_spec()},
        },
        "status": {"replicas": replicas, "readyReplicas": replicas if ready is None else ready, **status},
    }


def daemonset(name="log-shipper", *, desired=2, available=None, labels=None):
    labels = labels or {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": meta(name, labels=labels),
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec()},
        },
        "status": {
            "desiredNumberScheduled": desired,
            "currentNumberScheduled": desired,
            "updatedNumberScheduled": desired,
            "numberAvailable": desired if available is None else available,
        },
    }


def job(name="migrate", *, owner=None, created=LONG_AGO, conditions=(), **status):
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta(name, owner=owner, created=created),
        "spec": {
            "backoffLimit": 3,
            "template": {"metadata": {"labels": {"job-name": name}}, "spec": pod_spec()},
        },
        "status": {"startTime": created, "conditions": list(conditions), **status},
    }


def cronjob(name="report", *, suspend=False):
    template = {"spec": {"template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec()}}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": meta(name),
        "spec": {"schedule": "0 3 * * *", "suspend": suspend, "jobTemplate": template},
        "status": {"lastScheduleTime": ago(hours=7)},
    }


def service(name="web", selector=None, *, target="http", created=LONG_AGO, **spec):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(name, created=created),
        "spec": {
            "type": "ClusterIP",
            "selector": selector if selector is not None else {"app": name},
            "ports": [{"name": "http", "port": 80, "targetPort": target}],
            **spec,
        },
        "status": {"loadBalancer": {}},
    }


def endpoints(name="web", addresses=0, waiting_addresses=0):
    subset = {
        "addresses": [{"ip": f"10.0.0.{index}"} for index in range(addresses)],
        "notReadyAddresses": [{"ip": f"10.0.1.{index}"} for index in range(waiting_addresses)],
    }
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": meta(name),
        "subsets": [subset] if addresses or waiting_addresses else [],
    }


def node(name="n1", *conditions, created=LONG_AGO, **spec):
    found = {entry["type"]: entry for entry in (condition("Ready", reason="KubeletReady"), *conditions)}
    for kind in ("MemoryPressure", "DiskPressure", "PIDPressure"):
        found.setdefault(kind, condition(kind, "False"))
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": meta(name, namespace=None, created=created),
        "spec": spec,
        "status": {"conditions": list(found.values())},
    }


def lost_node(name="n3", *conditions, **spec):
    silent = condition(
        "Ready",
        "Unknown",
        ago(minutes=4),
        reason="NodeStatusUnknown",
        message="Kubelet stopped posting node status.",
    )
    return node(name, silent, *conditions, **spec)


def storage_class(name="standard", *, mode="Immediate", default=False):
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": meta(name, namespace=None, annotations=annotations),
        "provisioner": "csi.example.com",
        "volumeBindingMode": mode,
    }


def claim(name="data-db-0", *, phase="Pending", storage="fast", created=LONG_AGO, **spec):
    body = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta(name, created=created),
        "spec": {"accessModes": ["ReadWriteOnce"], **spec},
        "status": {"phase": phase},
    }
    if storage is not None:
        body["spec"]["storageClassName"] = storage
    return body


def with_claim(name="data-db-0"):
    return pod_spec(volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": name}}])


def event(about, reason, message, name="e1"):
    found = about["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": meta(f"{found['name']}.{name}", found.get("namespace", "default")),
        "involvedObject": {
            "kind": about["kind"],
            "name": found["name"],
            "namespace": found.get("namespace", ""),
            "uid": found["uid"],
        },
        "reason": reason,
        "message": message,
        "type": "Warning",
        "lastTimestamp": ago(minutes=1),
    }


def autoscaler(name="web", target="web", *conditions, kind="Deployment"):
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": meta(name),
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": target}, "maxReplicas": 5},
        "status": {"conditions": list(conditions)},
    }
