"""A job that fails until its back-off limit: settlement-report 1.4.1."""

from clusters.simulator.cluster import ARGOCD, KUBECTL, Cluster
from clusters.simulator.images import Behaviour
from clusters.simulator.scenarios.registry import scenario
from clusters.simulator.world.maintenance import image, job_template

_NAMESPACE, _NAME = "payments", "settlement-report"
_GOOD, _BAD = "1.4.0", "1.4.1"
_RUN = f"{_NAME}-manual"


def _use(cluster: Cluster, version: str) -> None:
    template = job_template(_NAMESPACE, _NAME, version)
    cluster.change(
        "cronjobs.batch", _NAMESPACE, _NAME, lambda obj: obj["spec"].update(jobTemplate=template), ARGOCD
    )
    cluster.delete("jobs.batch", _NAMESPACE, _RUN)
    metadata = {
        "name": _RUN,
        "namespace": _NAMESPACE,
        "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
    }
    cluster.create(
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}, KUBECTL
    )


@scenario("failed-job")
class FailedJob:
    """settlement-report 1.4.1 exits with code 2 at each try: its Job fails with BackoffLimitExceeded."""

    def start(self, cluster: Cluster) -> None:
        """Move the CronJob to the bad version, and run it by hand."""
        cluster.images.describe(image(_NAMESPACE, _NAME, _BAD), Behaviour(runs_seconds=0.7, exit_code=2))
        _use(cluster, _BAD)

    def heal(self, cluster: Cluster) -> None:
        """Move back, and run it again."""
        _use(cluster, _GOOD)
