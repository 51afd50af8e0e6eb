"""Jobs that run beside the services: nightly and hourly ones, with a finished run each."""

from datetime import UTC, datetime, timedelta
from typing import Any

from clusters.simulator.cluster import ARGOCD, Cluster
from clusters.simulator.controllers.cronjobs import CronJobs, next_after
from clusters.simulator.images import Behaviour
from clusters.simulator.world.services import REGISTRY

Object = dict[str, Any]

_JOBS: tuple[tuple[str, str, str, str], ...] = (
    ("payments", "settlement-report", "15 2 * * *", "1.4.0"),
    ("shop", "sitemap", "0 * * * *", "0.8.2"),
)


def image(namespace: str, name: str, version: str) -> str:
    """The image of a maintenance job."""
    return f"{REGISTRY}/{namespace}/{name}:{version}"


def job_template(namespace: str, name: str, version: str) -> Object:
    """What a run of the job asks for."""
    container = {
        "name": name, "image": image(namespace, name, version), "command": ["/usr/bin/run", "--once"],
        "env": [{"name": "REPORT_TOKEN", "value": "rpt-71c0f5e2a9"}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
    }  # fmt: skip
    template = {"metadata": {"labels": {"app": name}},
                "spec": {"restartPolicy": "Never", "serviceAccountName": "default", "containers": [container]}}  # fmt: skip
    return {"spec": {"backoffLimit": 2, "template": template}}


def build(cluster: Cluster, cron_jobs: CronJobs) -> None:
    """Add them, each with its last run."""
    now = datetime.now(UTC)
    for namespace, name, schedule, version in _JOBS:
        cluster.images.describe(image(namespace, name, version), Behaviour(runs_seconds=2.0))
        cluster.clock.travel(now - timedelta(days=90))
        metadata = {"name": name, "namespace": namespace, "labels": {"app": name}}
        spec = {"schedule": schedule, "jobTemplate": job_template(namespace, name, version)}
        made = cluster.create(
            {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": spec}, ARGOCD
        )
        period = timedelta(days=1) if " 2 " in schedule else timedelta(hours=1)
        due = next_after(schedule, now - period) or now
        cluster.clock.travel(due)
        cron_jobs.run(made, due)
        cluster.engine.settle(30.0)
