"""Invitations: who may send which, what a link is worth, and for how long."""

from datetime import timedelta

import pytest
import time_machine

from accounts.domain import invitations
from accounts.domain.rules import Refused
from accounts.models import Invitation, Membership
from accounts.models.invitation import InvitationQuerySet
from srexpert import clock
from srexpert.permissions import Role
from srexpert.tenancy import acting_for
from srexpert.tenancy.models import Token
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def secret_of(mail):
    return accounts.link_in(mail["text"]).rstrip("/").rpartition("/")[2]


def invited(cast, email="nina.new@northwind.example", role=Role.VIEWER, by=None):
    invitation = accounts.invitation(cast.northwind, by or cast.owner, email, role)
    return invitation, secret_of(accounts.mails()[-1])


@pytest.mark.parametrize("role", list(Role))
def test_invite_by_an_admin_offers_all_roles_but_owner(cast, role):
    if role == Role.OWNER:
        with pytest.raises(Refused, match="Only an owner"):
            accounts.invitation(cast.northwind, cast.admin, role=role)
        assert accounts.mails() == []
    else:
        assert accounts.invitation(cast.northwind, cast.admin, role=role).role == role


@pytest.mark.parametrize("role", [Role.RESPONDER, Role.VIEWER, Role.AUDITOR, Role.BILLING])
def test_invitations_are_for_administrators(cast, role):
    invitation, _ = invited(cast)
    by = cast.people[role]
    with acting_for(cast.northwind):
        for act in (
            lambda: invitations.invite(email="x@northwind.example", role=Role.VIEWER, by=by),
            lambda: invitations.resend(invitation=invitation, by=by),
            lambda: invitations.revoke(invitation=invitation, by=by),
        ):
            with pytest.raises(Refused):
                act()
        assert list(Invitation.objects.open()) == [invitation]
    assert len(accounts.mails()) == 1


def test_invite_mails_the_link_and_keeps_only_its_digest(cast):
    invitation, secret = invited(cast)
    (mail,) = accounts.mails()
    assert mail["to"] == "nina.new@northwind.example"
    assert mail["subject"] == "Ana Ribeiro invites you to Northwind on SRExpert"
    assert secret.startswith("sre_invitation_")
    assert secret in mail["html"]
    with acting_for(cast.northwind):
        assert secret.encode() not in bytes(Invitation.objects.get().token.digest)
    assert invitations.offer_of(secret).invitation == invitation.pk


def test_invite_refuses_members_in_whatever_case(cast):
    with pytest.raises(Refused, match="already"):
        accounts.invitation(cast.northwind, cast.owner, cast.viewer.email.upper())


def test_invite_replaces_an_open_invitation_to_the_address(cast):
    _, first = invited(cast)
    second, secret = invited(cast, "Nina.New@northwind.example", Role.RESPONDER)
    assert invitations.offer_of(first) is None
    assert invitations.offer_of(secret).role == Role.RESPONDER
    with acting_for(cast.northwind):
        assert list(Invitation.objects.open()) == [second]


def test_invite_stops_after_many_within_an_hour(cast, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_AN_HOUR", 2)
    for number in range(2):
        accounts.invitation(cast.northwind, cast.owner, f"n{number}@northwind.example")
    with pytest.raises(Refused, match="2 invitations"):
        accounts.invitation(cast.northwind, cast.owner, "n3@northwind.example")
    with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
        accounts.invitation(cast.northwind, cast.owner, "n3@northwind.example")


def test_invite_and_resend_count_together_within_an_hour(cast, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_AN_HOUR", 3)
    invitation, _ = invited(cast)
    invited(cast, "n1@northwind.example")
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        with acting_for(cast.northwind):
            invitations.resend(invitation=invitation, by=cast.owner)
        with pytest.raises(Refused, match="3 invitations"):
            invited(cast, "n2@northwind.example")
    later = clock.now() + timedelta(minutes=12)
    with (
        time_machine.travel(later),
        acting_for(cast.northwind),
        pytest.raises(Refused, match="3 invitations"),
    ):
        invitations.resend(invitation=invitation, by=cast.owner)
    assert len(accounts.mails()) == 3


def test_invite_counts_each_organization_by_itself_and_a_person_across_them(cast, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_AN_HOUR", 2)
    monkeypatch.setattr(invitations, "MOST_AN_HOUR_BY_PERSON", 3)
    second = accounts.organization("Fabrikam")
    accounts.member(second, cast.owner, Role.OWNER)
    accounts.member(second, cast.admin, Role.OWNER)
    for number in range(2):
        accounts.invitation(cast.northwind, cast.owner, f"n{number}@northwind.example")
    accounts.invitation(second, cast.owner, "n2@northwind.example")
    with pytest.raises(Refused, match="You invited 3 people"):
        accounts.invitation(second, cast.owner, "n3@northwind.example")
    accounts.invitation(second, cast.admin, "n3@northwind.example")


def test_invite_of_an_address_that_is_invited_at_the_same_moment_is_refused(cast, monkeypatch):
    monkeypatch.setattr(InvitationQuerySet, "to_address", lambda self, *_: self.none())  # not committed yet
    invited(cast)
    with pytest.raises(Refused, match="a moment ago"):
        invited(cast)
    with acting_for(cast.northwind):
        assert Invitation.objects.open().count() == Token.objects.filter(kind=invitations.KIND).count() == 1
    assert len(accounts.mails()) == 1


def test_resend_soon_after_a_mail_is_refused(cast):
    invitation, secret = invited(cast)
    for minutes in (0, 4):
        with (
            time_machine.travel(clock.now() + timedelta(minutes=minutes)),
            acting_for(cast.northwind),
            pytest.raises(Refused, match="less than 5 minutes ago"),
        ):
            invitations.resend(invitation=invitation, by=cast.owner)
    assert len(accounts.mails()) == 1
    assert invitations.offer_of(secret) is not None


def test_resend_makes_a_new_link_valid_from_now_and_ends_the_old(cast):
    invitation, first = invited(cast)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert invitations.offer_of(first) is None
        with acting_for(cast.northwind):
            invitations.resend(invitation=invitation, by=cast.admin)
        second = secret_of(accounts.mails()[-1])
        assert invitations.offer_of(second).invitation == invitation.pk
        assert invitations.offer_of(first) is None


def test_revoke_ends_the_link(cast):
    invitation, secret = invited(cast)
    with acting_for(cast.northwind):
        invitations.revoke(invitation=invitation, by=cast.admin)
        with pytest.raises(Refused, match="meanwhile"):
            invitations.revoke(invitation=invitation, by=cast.admin)
    assert invitations.offer_of(secret) is None


@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + "a", lambda s: s.replace("invitation", "agent"), lambda _: "x"]
)
def test_offer_of_a_wrong_secret_is_none(cast, change):
    _, secret = invited(cast)
    assert invitations.offer_of(change(secret)) is None


def test_offer_ends_after_seven_days(cast):
    _, secret = invited(cast)
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        assert invitations.offer_of(secret) is not None
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)):
        assert invitations.offer_of(secret) is None


def test_accept_makes_a_member_once(cast):
    _, secret = invited(cast)
    nina = accounts.person("Nina New")
    offer = invitations.offer_of(secret)
    assert [o.invitation for o in invitations.offers_to(nina)] == [offer.invitation]
    assert invitations.accept(offer=offer, by=nina) == cast.northwind
    assert accounts.membership_of(cast.northwind, nina).role == Role.VIEWER
    assert invitations.offer_of(secret) is None
    assert invitations.offers_to(nina) == []
    with pytest.raises(Refused, match="no longer valid"):
        invitations.accept(offer=offer, by=nina)


def test_accept_refuses_another_address_than_the_invited(cast):
    _, secret = invited(cast)
    with pytest.raises(Refused, match="another address"):
        invitations.accept(offer=invitations.offer_of(secret), by=cast.outsider)
    with acting_for(cast.northwind):
        assert Membership.objects.count() == 6
        assert Invitation.objects.open().count() == 1


def test_accept_refuses_an_address_that_was_not_proven(cast):
    _, secret = invited(cast)
    nina = accounts.person("Nina New")
    nina.emailaddress_set.update(verified=False)
    assert invitations.offers_to(nina) == []
    with pytest.raises(Refused, match="another address"):
        invitations.accept(offer=invitations.offer_of(secret), by=nina)


def test_accept_by_somebody_who_became_a_member_meanwhile_keeps_the_role(cast):
    _, secret = invited(cast, role=Role.ADMIN)
    nina = accounts.person("Nina New")
    accounts.member(cast.northwind, nina, Role.BILLING)
    invitations.accept(offer=invitations.offer_of(secret), by=nina)
    assert accounts.membership_of(cast.northwind, nina).role == Role.BILLING


def test_offers_to_somebody_are_only_for_their_addresses(cast):
    invited(cast)
    assert invitations.offers_to(cast.outsider) == []
    assert invitations.offer_to(cast.outsider, invited(cast, "z@z.example")[0].pk) is None
