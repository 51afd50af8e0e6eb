"""Grants of clusters and namespaces, to members and to teams alike."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.rules import Refused
from accounts.models import Grant, Membership, Team, User
from srexpert import discovery


@transaction.atomic
def grant(*, to: Membership | Team, cluster_id: UUID, namespace: str = "", by: User) -> Grant:
    """Lets a member or a team reach a cluster, or one namespace of it; twice is once.

    For a member whose role holds everywhere a grant would say nothing, so it is refused. Raises Refused.
    """
    acting = rules.managing(by)
    if cluster_id not in {cluster.id for cluster in discovery.grantable()}:
        raise Refused(_("That cluster is not one of this organization."))
    if isinstance(to, Membership):
        rules.check_may_manage(acting, to)
        if to.whole_organization:
            raise Refused(_("This member reaches the whole organization already."))
        given, _made = Grant.objects.get_or_create(membership=to, cluster_id=cluster_id, namespace=namespace)
    else:
        given, _made = Grant.objects.get_or_create(team=to, cluster_id=cluster_id, namespace=namespace)
    return given


@transaction.atomic
def revoke(*, grant: Grant, by: User) -> None:
    """Takes a grant back, from the next request on. Raises Refused."""
    acting = rules.managing(by)
    if grant.membership is not None:
        rules.check_may_manage(acting, grant.membership)
    grant.delete()


def described(
    grants: Iterable[Grant], clusters: Sequence[discovery.GrantableCluster]
) -> list[dict[str, object]]:
    """Grants with the names of their clusters, in the order of names; a cluster that is gone has none."""
    names = {cluster.id: cluster.name for cluster in clusters}
    rows = [
        {"grant": given, "cluster": names.get(given.cluster_id, ""), "namespace": given.namespace}
        for given in grants
    ]
    return sorted(rows, key=lambda row: (str(row["cluster"]), str(row["namespace"])))
