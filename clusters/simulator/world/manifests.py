"""Manifests of the shop's services, as a GitOps repository would hold them."""

from typing import Any

from clusters.simulator.world.services import Service

Object = dict[str, Any]


def _container(service: Service, version: str) -> Object:
    env: list[Object] = [{"name": name, "value": value} for name, value in service.env.items()]
    for name, (secret, key) in service.secret_env.items():
        env.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}})
    container: Object = {
        "name": service.name, "image": service.image_of(version),
        "ports": [{"name": "http", "containerPort": 8080}],
        "resources": {"requests": {"cpu": service.cpu, "memory": service.memory},
                      "limits": {"cpu": service.cpu_limit, "memory": service.memory_limit}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "initialDelaySeconds": 10},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
                            "readOnlyRootFilesystem": True, "runAsNonRoot": True},
    }  # fmt: skip
    if env:
        container["env"] = env
    if service.args:
        container["args"] = list(service.args)
    return container


def template(service: Service, version: str) -> Object:
    """The pod template of a service at a version."""
    labels = {"app": service.name, "team": service.team, "app.kubernetes.io/name": service.name,
              "app.kubernetes.io/part-of": service.namespace}  # fmt: skip
    spec: Object = {
        "serviceAccountName": service.name, "automountServiceAccountToken": False,
        "containers": [_container(service, version)], "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
    }  # fmt: skip
    if service.kind == "StatefulSet":
        spec["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/var/lib/data"}]
    if service.kind == "DaemonSet":
        spec["tolerations"] = [{"operator": "Exists"}]
        spec["volumes"] = [{"name": "logs", "hostPath": {"path": "/var/log", "type": ""}}]
        spec["containers"][0]["volumeMounts"] = [{"name": "logs", "mountPath": "/var/log", "readOnly": True}]
    return {"metadata": {"labels": labels}, "spec": spec}


def workload(service: Service, version: str) -> Object:
    """The Deployment, StatefulSet or DaemonSet of a service at a version."""
    spec: Object = {
        "selector": {"matchLabels": {"app": service.name}},
        "template": template(service, version),
    }
    if service.kind != "DaemonSet":
        spec["replicas"] = service.replicas
    if service.kind == "StatefulSet":
        spec["serviceName"] = service.name
        spec["podManagementPolicy"] = "Parallel"
        spec["volumeClaimTemplates"] = [{
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3",
                     "resources": {"requests": {"storage": "20Gi"}}},
        }]  # fmt: skip
    if service.kind == "DaemonSet":
        spec["updateStrategy"] = {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 0},
        }
    annotations = {"argocd.argoproj.io/tracking-id": f"{service.namespace}:apps/{service.kind}:"
                                                     f"{service.namespace}/{service.name}"}  # fmt: skip
    metadata = {"name": service.name, "namespace": service.namespace, "annotations": annotations,
                "labels": {"app": service.name, "team": service.team, "app.kubernetes.io/version": version}}  # fmt: skip
    return {"apiVersion": "apps/v1", "kind": service.kind, "metadata": metadata, "spec": spec}


def companions(service: Service) -> list[Object]:
    """What stands beside the workload: account, service, autoscaler, disruption budget."""
    head = {"name": service.name, "namespace": service.namespace, "labels": {"app": service.name}}
    made: list[Object] = [{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": dict(head)}]
    if service.kind != "DaemonSet":
        port = {"name": "http", "port": 80 if service.kind == "Deployment" else 8080, "targetPort": "http"}
        spec: Object = {"selector": {"app": service.name}, "ports": [port]}
        if service.kind == "StatefulSet":
            spec["clusterIP"] = "None"
        made.append({"apiVersion": "v1", "kind": "Service", "metadata": dict(head), "spec": spec})
    if service.autoscaled:
        made.append(_autoscaler(service, head))
    if service.budget and service.kind != "DaemonSet":
        spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": service.name}}}
        made.append(
            {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": dict(head), "spec": spec}
        )
    return made


def _autoscaler(service: Service, head: Object) -> Object:
    low, high = service.autoscaled or (1, 1)
    target = {"apiVersion": "apps/v1", "kind": service.kind, "name": service.name}
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
    }
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high, "metrics": [metric]}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": dict(head),
        "spec": spec,
    }
