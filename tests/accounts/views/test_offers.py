"""An invitation's way from the mail to the fleet, for all who may open its link."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.domain import invitations
from srexpert.outbox import dispatch
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from tests.accounts.views.test_entrance import link_of, log_in
from tests.factories import accounts

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast, inbox):
    accounts.invitation(cast.northwind, cast.owner, "nina.new@contoso.example", Role.RESPONDER)
    dispatch.drain()
    (mail,) = inbox
    assert mail["Subject"] == "Ana Ribeiro invites you to Northwind on SRExpert"
    assert "href" in mail.get_body(("html",)).get_content()
    return link_of(mail)


def test_somebody_new_signs_up_from_the_mail_and_joins_without_a_second_mail(cast, link, inbox):
    client = Client()
    page = client.get(link).content.decode()
    assert "Join Northwind" in page
    sign_up = f"/accounts/signup/?next={link}"
    assert sign_up in page
    assert 'value="nina.new@contoso.example"' in client.get(sign_up).content.decode()
    form = {"name": "Nina New", "email": "nina.new@contoso.example", "password1": "a-long-and-unusual-one-5"}
    assert client.post("/accounts/signup/", form | {"next": link}).headers["Location"] == link
    joined = client.post(link, follow=True)
    assert joined.redirect_chain == [("/o/northwind/open/", 302), ("/o/northwind/", 302)]
    assert "You are now a member of Northwind." in joined.content.decode()
    dispatch.drain()
    assert len(inbox) == 1


def test_signing_up_from_the_mail_with_another_address_has_to_be_verified(cast, link):
    client = Client()
    client.get(link)
    form = {"name": "Nina New", "email": "other@contoso.example", "password1": "a-long-and-unusual-one-5"}
    answer = client.post("/accounts/signup/", form | {"next": link})
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    (held,) = EmailAddress.objects.filter(user__name="Nina New")
    assert (held.email, held.verified) == ("other@contoso.example", False)


def test_somebody_known_logs_in_and_joins(cast, link):
    nina = accounts.person("Nina New", "contoso.example")
    client = Client()
    assert log_in(client, nina.email, QUERY_STRING=f"next={link}").headers["Location"] == link
    assert client.get("/start/").headers["Location"] == "/organizations/"
    client.post(link)
    assert accounts.membership_of(cast.northwind, nina).role == Role.RESPONDER
    assert client.get("/start/").headers["Location"] == "/o/northwind/"
    assert "This invitation is not valid" in client.get(link).content.decode()


def test_a_pending_invitation_shows_and_is_accepted_without_the_mail(cast, link, as_person):
    client = as_person(accounts.person("Nina New", "contoso.example"))
    page = client.get("/organizations/").content.decode()
    with acting_for(cast.northwind):
        invitation = accounts.Invitation.objects.get()
    accept = f"/invitations/{invitation.pk}/accept/"
    assert accept in page
    assert client.post(accept).headers["Location"] == "/o/northwind/open/"
    assert client.post(accept).status_code == 404


def test_another_person_is_told_so_and_cannot_join(cast, link, as_person):
    client = as_person(cast.outsider)
    assert "You are logged in as" in client.get(link).content.decode()
    assert client.post(link, follow=True).redirect_chain == [("/organizations/", 302)]
    with acting_for(cast.northwind):
        invitation = accounts.Invitation.objects.get()
        assert invitation.accepted_at is None
    assert client.post(f"/invitations/{invitation.pk}/accept/").status_code == 404
    assert client.get("/o/northwind/").status_code == 404


def end_invitation(cast, end):
    """Ends the one invitation in one of the ways that there are."""
    with acting_for(cast.northwind):
        invitation = accounts.Invitation.objects.get()
        held = type(invitation.token).objects.filter(pk=invitation.token_id)
        if end == "revoke":
            invitations.revoke(invitation=invitation, by=cast.admin)
        elif end == "replace":
            held.update(created_at="2020-01-01T00:00Z")
            invitations.resend(invitation=invitation, by=cast.admin)
        elif end == "expire":
            held.update(expires_at="2020-01-01T00:00Z")


@pytest.mark.parametrize("end", ["revoke", "replace", "expire"])
def test_an_invitation_that_ended_after_its_link_was_opened_verifies_no_address(cast, link, end):
    client = Client()
    client.get(link)
    end_invitation(cast, end)
    form = {"name": "Nina New", "email": "nina.new@contoso.example", "password1": "a-long-and-unusual-one-5"}
    assert client.post("/accounts/signup/", form).headers["Location"] == "/accounts/confirm-email/"
    (held,) = EmailAddress.objects.filter(user__name="Nina New")
    assert not held.verified


@pytest.mark.parametrize("end", ["revoke", "replace", "expire", "cut"])
def test_a_link_that_ended_says_so_to_everybody(cast, link, as_person, end, settings):
    end_invitation(cast, end)
    address = link[:-4] + "/" if end == "cut" else link
    for client in (Client(), as_person(accounts.person("Nina New", "contoso.example"))):
        for answer in (client.get(address), client.post(address)):
            assert "This invitation is not valid" in answer.content.decode()
            assert "Northwind" not in answer.content.decode()
