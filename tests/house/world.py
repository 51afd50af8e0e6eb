"""Two organizations with one of everything that an address can name, and everybody who may ask for it."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client

from accounts.models import Grant
from alerts.models import Incident
from clusters.models import AgentToken
from srexpert.permissions import Role
from srexpert.tenancy import acting_everywhere, acting_for
from srexpert.tenancy.base import tenant_models
from tests.factories import accounts, alerts, clusters


@dataclass
class Tenant:
    """An organization, and a value for each argument of an address that leads into it."""

    organization: Any
    values: dict[str, Any]
    agent_token: str


@dataclass
class World:
    """Northwind with a person a role; Elsewhere, whose owner is the outsider; clients for all of them."""

    northwind: Tenant
    elsewhere: Tenant
    roles: dict[Role, Client]
    outsider: Client
    # A responder of Northwind who was granted nothing.
    narrow: Client
    anonymous: Client
    agent: Client


def build() -> World:
    """Makes the world inside the current transaction."""
    northwind, elsewhere = accounts.organization("Northwind"), accounts.organization("Elsewhere")
    people = {role: accounts.person(f"{role.value.capitalize()} North") for role in Role}
    for role, person in people.items():
        accounts.member(northwind, person, role)
    outsider = accounts.person("Olga Out", "elsewhere.example")
    accounts.member(elsewhere, outsider, Role.OWNER)
    narrow = accounts.person("Narrow North")
    accounts.member(northwind, narrow, Role.RESPONDER, whole=False)
    ours, theirs = _tenant(northwind, people[Role.OWNER], 1), _tenant(elsewhere, outsider, 2)
    return World(
        northwind=ours,
        elsewhere=theirs,
        roles={role: _browser(person) for role, person in people.items()},
        outsider=_browser(outsider),
        narrow=_browser(narrow),
        anonymous=Client(),
        agent=Client(headers={"Authorization": f"Bearer {ours.agent_token}"}),
    )


def _browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _tenant(organization: Any, owner: Any, incidents: int) -> Tenant:
    """One of everything; with more incidents than the other, since they are numbered in each organization."""
    cluster, token = clusters.cluster(organization, f"cluster-{organization.slug}", by=owner)
    agent = clusters.Agent(token, cluster_uid=f"uid-{organization.slug}")
    agent.enrol()
    agent.delta(("pods", clusters.body("pods", f"cart-{organization.slug}")))
    domain = f"{organization.slug}.example"
    spare = accounts.member(organization, accounts.person("Spare Member", domain), whole=False)
    team = accounts.team(organization, "Platform", spare)
    with acting_for(organization):
        place = team.places.get()
        agent_token = AgentToken.objects.get(cluster=cluster)
        grant = Grant.objects.create(team=team, cluster_id=cluster.pk)
        alerts.policy([owner])
        for number in range(incidents):
            alerts.fire(f"pods/Pod/shop/cart-{number}", cluster=cluster.pk)
        webhook = alerts.webhook(owner)
        last = Incident.objects.order_by("number").last()
    invitation = accounts.invitation(organization, owner, f"nina@{domain}")
    values = {
        "organization": organization.slug,
        "cluster_id": cluster.pk,
        "agent_token_id": agent_token.pk,
        "kind": "Pod",
        "namespace": "shop",
        "name": f"cart-{organization.slug}",
        "number": last.number,  # type: ignore[union-attr]  # one was just made
        "webhook": webhook.pk,
        "membership_id": spare.pk,
        "team_id": team.pk,
        "place_id": place.pk,
        "grant_id": grant.pk,
        "invitation_id": invitation.pk,
        # Of addresses without an organization: secrets that are nobody's.
        "secret": "sre_invitation_nobody",
        "key": "nobody",
        "uidb36": "0",
    }
    return Tenant(organization, values, token)


def fingerprint() -> dict[str, tuple[int, int]]:
    """Count and digest of all rows of all tenant tables, organizations and people."""
    tables = [model._meta.db_table for model in tenant_models()]
    tables += ["accounts_organization", "accounts_user", "account_emailaddress"]
    parts = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {connection.ops.quote_name(table)} t"
        for table in dict.fromkeys(tables)
    )
    with acting_everywhere(reason="a test compares all rows"), connection.cursor() as cursor:
        cursor.execute(parts)
        return {table: (count, int(digest)) for table, count, digest in cursor.fetchall()}
