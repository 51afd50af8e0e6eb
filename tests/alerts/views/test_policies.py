"""The pages of escalation: who is paged, changed by those who may, and addresses that stay hidden."""

import pytest

from accounts.models import Membership, Team
from alerts.forms import WebhookForm
from alerts.models import EscalationPolicy, EscalationTarget, WebhookTarget
from srexpert.outbox import dispatch
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.alerts import sinks
from tests.factories import alerts as make

PAGE = "/o/northwind/escalation/"
MANAGERS = [Role.OWNER, Role.ADMIN]


@pytest.fixture
def webhook(cast):
    with acting_for(cast.northwind):
        return make.webhook(cast.owner, "https://hooks.example/a-secret-path")


def member(cast, role: Role) -> str:
    return str(Membership.objects.get(user=cast.people[role]).pk)


def test_page_shows_steps_and_webhooks_but_no_address(cast, webhook, as_person):
    with acting_for(cast.northwind):
        make.policy([cast.responder], [cast.admin, webhook])

    page = as_person(cast.viewer).get(PAGE).content.decode()

    for words in ("Rui Costa", "Ivo Mendes", "Chat", "hooks.example/…", "5 min"):
        assert words in page, words
    assert "a-secret-path" not in page
    assert "Edit policy" not in page


def test_page_without_a_policy_says_who_is_paged(cast, as_person):
    assert "the owners are paged" in as_person(cast.viewer).get(PAGE).content.decode()


@pytest.mark.parametrize("role", MANAGERS)
def test_edit_by_a_manager_replaces_the_steps(cast, webhook, as_person, role):
    with acting_for(cast.northwind):
        make.policy([cast.owner])
        team = Team.objects.create(name="Platform")
        data = {
            "first_members": [member(cast, Role.RESPONDER)],
            "first_teams": [str(team.pk)],
            "second_minutes": "7",
            "second_webhooks": [str(webhook.pk)],
        }
    client = as_person(cast.people[role])
    assert client.get(f"{PAGE}edit/").status_code == 200

    assert client.post(f"{PAGE}edit/", data).status_code == 302

    with acting_for(cast.northwind):
        policy = EscalationPolicy.objects.get()
        steps = [
            (step.position, step.delay_seconds, sorted(str(target) for target in step.targets.all()))
            for step in policy.steps.order_by("position")
        ]
        assert steps == [(1, 0, ["Platform", "Rui Costa as responder"]), (2, 420, ["Chat"])]
        assert policy.changed_by == cast.people[role]


def test_edit_without_anybody_in_the_first_step_is_refused_and_changes_nothing(cast, as_person):
    with acting_for(cast.northwind):
        make.policy([cast.responder])

    answer = as_person(cast.admin).post(f"{PAGE}edit/", {"second_minutes": "5"})

    assert answer.status_code == 422
    assert "The first step needs somebody to page." in answer.content.decode()
    with acting_for(cast.northwind):
        assert EscalationTarget.objects.get().membership.user == cast.responder


def test_edit_cannot_name_a_member_of_another_organization(cast, as_person):
    with acting_for(cast.elsewhere):
        foreign = str(Membership.objects.get().pk)

    answer = as_person(cast.admin).post(f"{PAGE}edit/", {"first_members": [foreign], "second_minutes": "5"})

    assert answer.status_code == 422
    with acting_for(cast.northwind):
        assert not EscalationPolicy.objects.exists()


def test_webhook_is_added_and_its_secret_shown_once(cast, as_person, settings):
    with sinks.receiver() as got:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{got.port}"]
        client = as_person(cast.admin)

        answer = client.post(f"{PAGE}webhooks/add/", {"name": "Ops", "address": got.url})

        with acting_for(cast.northwind):
            webhook = WebhookTarget.objects.get()
            secret = webhook.secret
            assert (webhook.host, webhook.address, webhook.created_by) == ("127.0.0.1", got.url, cast.admin)
        assert secret.startswith("whsec_")
        assert secret in answer.content.decode()
        assert answer.headers["Cache-Control"].count("no-store") == 1
        assert secret not in client.get(PAGE).content.decode()
        client.post(f"{PAGE}webhooks/{webhook.pk}/test/")
        assert got.requests == []  # nothing leaves the server inside of the request's transaction
        assert "on its way" in client.get(PAGE).content.decode()
        dispatch.drain()
        assert len(got.requests) == 1
    page = client.get(PAGE).content.decode()
    assert "Last test" in page
    assert ": delivered" in page


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/",
        "ftp://example.com",
        "nonsense",
        "https://xn--a/",
    ],
)
def test_webhook_at_an_address_that_may_not_be_called_is_refused(cast, as_person, address):
    answer = as_person(cast.admin).post(f"{PAGE}webhooks/add/", {"name": "Ops", "address": address})

    assert answer.status_code == 422
    assert "This address can&#x27;t be called." in answer.content.decode()
    with acting_for(cast.northwind):
        assert not WebhookTarget.objects.exists()


def test_webhook_of_a_name_that_was_taken_a_moment_ago_is_refused_at_the_field(
    cast, webhook, as_person, monkeypatch
):
    # Both of two requests find the name free before either of them writes it.
    monkeypatch.setattr(WebhookForm, "clean_name", lambda form: form.cleaned_data["name"])
    monkeypatch.setattr(WebhookForm, "clean_address", lambda form: form.cleaned_data["address"])

    answer = as_person(cast.admin).post(
        f"{PAGE}webhooks/add/", {"name": "Chat", "address": "https://hooks.example/other"}
    )

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"] == ["Another webhook has this name."]
    with acting_for(cast.northwind):
        assert WebhookTarget.objects.get().address == "https://hooks.example/a-secret-path"


def test_test_page_tells_when_it_was_not_taken(cast, as_person, settings):
    client = as_person(cast.admin)
    with sinks.receiver() as got:
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{got.port}"]
        with acting_for(cast.northwind):
            webhook = make.webhook(cast.owner, got.url)
        got.statuses = [404]
        client.post(f"{PAGE}webhooks/{webhook.pk}/test/")
        dispatch.drain()

    assert ": failed, the webhook answered 404" in client.get(PAGE).content.decode()
    assert not client.get(PAGE, headers={"HX-Request": "true", "HX-Target": "webhooks-live"}).content.count(
        b"<html"
    )


def test_remove_asks_first_and_then_forgets_the_address(cast, webhook, as_person, caplog):
    client = as_person(cast.admin)
    url = f"{PAGE}webhooks/{webhook.pk}/remove/"

    assert "can&#x27;t be undone" in client.get(url).content.decode()
    with acting_for(cast.northwind):
        assert WebhookTarget.objects.exists()
    with caplog.at_level("INFO", logger="alerts.domain.policies"):
        client.post(url)

    with acting_for(cast.northwind):
        assert not WebhookTarget.objects.exists()
    assert f"webhook {webhook.pk} was removed by {cast.admin.pk}" in caplog.text


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.VIEWER, Role.AUDITOR, Role.BILLING])
@pytest.mark.parametrize("path", ["edit/", "webhooks/add/", "test", "remove"])
def test_role_without_permission_changes_nothing(cast, webhook, as_person, role, path):
    full = path if path.endswith("/") else f"webhooks/{webhook.pk}/{path}/"

    answer = as_person(cast.people[role]).post(
        f"{PAGE}{full}", {"name": "Mine", "address": "https://example.com"}
    )

    assert answer.status_code == 403
    with acting_for(cast.northwind):
        assert list(WebhookTarget.objects.values_list("name", flat=True)) == ["Chat"]
        assert not EscalationPolicy.objects.exists()


@pytest.mark.parametrize("path", ["", "edit/", "webhooks/add/", "test", "remove"])
@pytest.mark.parametrize("organization", ["northwind", "elsewhere"])
def test_outsider_reaches_no_webhook_of_another_organization(cast, webhook, as_person, path, organization):
    full = path if path.endswith("/") or not path else f"webhooks/{webhook.pk}/{path}/"
    answer = as_person(cast.outsider).post(f"/o/{organization}/escalation/{full}", {"name": ""})

    own = organization == "elsewhere" and path in {"", "edit/", "webhooks/add/"}
    assert answer.status_code == ({"": 405}.get(path, 422) if own else 404)
    with acting_for(cast.northwind):
        assert WebhookTarget.objects.count() == 1
