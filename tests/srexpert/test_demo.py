"""The demo: whole after the first seed, the same after the second, and usable by its people."""

import pytest

from accounts.models import Membership, Organization
from clusters.models import AgentToken, Cluster
from srexpert import demo
from srexpert.permissions import Role
from srexpert.tenancy import acting_everywhere, acting_for, tokens

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    with acting_everywhere(reason="test"):
        return (
            Organization.objects.count(),
            sorted(Membership.objects.values_list("role", flat=True)),
            Cluster.objects.count(),
            AgentToken.objects.count(),
        )


def test_seed_makes_one_person_a_role_and_a_connected_cluster(tmp_path):
    seeded = demo.seed(tmp_path)
    assert rows() == (1, sorted(role.value for role in Role), 1, 1)
    token = (tmp_path / "agent.token").read_text()
    assert tokens.resolve(kind="agent", plain=token).organization_id == seeded.organization.pk
    assert (tmp_path / "agent.token").stat().st_mode & 0o077 == 0


def test_seed_again_changes_nothing(tmp_path):
    demo.seed(tmp_path)
    before, token = rows(), (tmp_path / "agent.token").read_text()
    demo.seed(tmp_path)
    assert rows() == before
    assert (tmp_path / "agent.token").read_text() == token


def test_lost_token_is_replaced(tmp_path):
    seeded = demo.seed(tmp_path)
    (tmp_path / "agent.token").unlink()
    demo.seed(tmp_path)
    with acting_for(seeded.organization):
        assert AgentToken.objects.count() == 2


def test_people_of_the_demo_log_in_and_see_the_fleet(tmp_path, client):
    demo.seed(tmp_path)
    line = (tmp_path / "login").read_text().strip()
    password = line.rpartition(" ")[2]
    response = client.post(
        "/accounts/login/", {"login": "viewer@northwind.example", "password": password}, follow=True
    )
    assert response.status_code == 200
    assert "prod-eu-west" in response.content.decode()
