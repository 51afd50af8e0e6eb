"""The demo's cluster: the simulator's, watched by a real agent whose token lies in the demo's folder."""

from clusters.domain import enrolment
from clusters.models import Cluster
from srexpert.demo import Demo
from srexpert.permissions import Role
from srexpert.tenancy import acting_for

_NAME = "prod-eu-west"


def seed(demo: Demo) -> None:
    """A connected cluster; a lost token file is replaced by a new token."""
    file = demo.directory / "agent.token"
    with acting_for(demo.organization):
        owner = demo.people[Role.OWNER]
        cluster = Cluster.objects.filter(name=_NAME).first()
        if cluster is None:
            cluster, token = enrolment.connect(name=_NAME, by=owner)
        elif file.exists():
            return
        else:
            token = enrolment.issue_token(cluster=cluster, by=owner)
    file.touch(mode=0o600)
    file.write_text(token, encoding="utf-8")
