"""Invites people by e-mail, and lets the one who gets the mail become a member."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.rules import Refused
from accounts.models import Invitation, Membership, Organization, User
from srexpert import clock, mail
from srexpert.tenancy import acting_everywhere, acting_for, tokens
from srexpert.tenancy.models import Token

KIND = "invitation"
ACTIVITY = "accounts.invitation"
VALID_FOR = timedelta(days=7)
# Enough for a whole team at once, too little for somebody who wants to mail strangers through us.
MOST_AN_HOUR = 50
# A person may own many organizations, each with its own fifty.
MOST_AN_HOUR_BY_PERSON = 100
REST_BEFORE_RESEND = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation that can be accepted now, as the invited person sees it before they are a member."""

    invitation: UUID
    token: UUID
    organization: UUID
    organization_name: str
    email: str
    role: str
    invited_by: str
    expires_at: datetime | None


@transaction.atomic
def invite(*, email: str, role: str, by: User) -> Invitation:
    """Offers membership to an address, by mail; an open invitation to it is replaced.

    Raises Refused: the role isn't the person's to give, the address is a member's, or there were too many.
    """
    acting = rules.managing(by)
    rules.check_may_give(acting, role)
    email = email.strip().lower()
    if Membership.objects.filter(user__email__iexact=email).exists():
        raise Refused(_("That person is a member already."))
    _check_pace(by)
    for earlier in Invitation.objects.select_for_update().open().to_address(email):
        _end(earlier)
    token, secret = _issue()
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(email=email, role=role, token=token, invited_by=by)
    except IntegrityError as error:
        raise Refused(_("That address was invited a moment ago.")) from error
    _post(invitation, secret, by)
    return invitation


@transaction.atomic
def resend(*, invitation: Invitation, by: User) -> Invitation:
    """Sends a new link that is valid from now; the earlier one ends.

    Raises Refused: the role isn't the person's to give, it isn't open, or there were mails enough.
    """
    acting = rules.managing(by)
    current = _open(invitation)
    rules.check_may_give(acting, current.role)
    if current.token.created_at > clock.now() - REST_BEFORE_RESEND:
        minutes = REST_BEFORE_RESEND // timedelta(minutes=1)
        raise Refused(
            _("A link was sent to %(email)s less than %(minutes)d minutes ago. Try again later.")
            % {"email": current.email, "minutes": minutes}
        )
    _check_pace(by)
    tokens.revoke(current.token)
    current.token, secret = _issue()
    current.save(update_fields=("token",))
    _post(current, secret, by)
    return current


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> None:
    """Withdraws an invitation; its link ends at once. Raises Refused when it was accepted meanwhile."""
    rules.managing(by)
    _end(_open(invitation))


def offer_of(secret: str) -> Offer | None:
    """What the secret of a mail offers, or None for a wrong, expired, revoked or used one."""
    resolved = tokens.resolve(kind=KIND, plain=secret)
    if resolved is None:
        return None
    return offer_by(resolved.organization_id, resolved.token_id)


def offer_by(organization: UUID, token: UUID) -> Offer | None:
    """What a secret that was resolved before offers still, by its token; None once it ended or was replaced."""
    with acting_for(organization):
        return _first_offer(Invitation.objects.valid().filter(token_id=token))


def offers_to(person: User) -> list[Offer]:
    """What is open for the person's verified addresses, in any organization."""
    addresses = verified_addresses(person)
    if not addresses:
        return []
    with acting_everywhere(reason="invitations to a person who is no member there yet", by=person.pk):
        found = (
            Invitation.objects.valid().to_address(*addresses).with_senders().select_related("organization")
        )
        return [_as_offer(invitation) for invitation in found]


def offer_to(person: User, invitation_id: UUID) -> Offer | None:
    """One of the person's open offers, by the invitation's id."""
    return next((offer for offer in offers_to(person) if offer.invitation == invitation_id), None)


def accept(*, offer: Offer, by: User) -> Organization:
    """Makes the person a member and uses the invitation up; who is a member already keeps their role.

    The mail's link alone isn't enough: it may have been forwarded, so the address must be the person's,
    and verified. Raises Refused.
    """
    if offer.email.lower() not in verified_addresses(by):
        raise Refused(_("This invitation was sent to another address than yours."))
    with acting_for(offer.organization):
        invitation = (
            Invitation.objects.select_for_update(of=("self",)).valid().filter(pk=offer.invitation).first()
        )
        if invitation is None:
            raise Refused(_("This invitation is no longer valid."))
        Membership.objects.get_or_create(user=by, defaults={"role": invitation.role})
        invitation.accepted_at = clock.now()
        invitation.save(update_fields=("accepted_at",))
        tokens.revoke(invitation.token)
        return Organization.objects.get(pk=offer.organization)


def verified_addresses(person: User) -> set[str]:
    """The person's addresses that they have proven to be theirs, in lower case."""
    held = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {address.lower() for address in held}


def _open(invitation: Invitation) -> Invitation:
    found = Invitation.objects.select_for_update(of=("self",)).open().filter(pk=invitation.pk).first()
    if found is None:
        raise Refused(_("This invitation was accepted or withdrawn meanwhile."))
    return found


def _end(invitation: Invitation) -> None:
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=("revoked_at",))
    tokens.revoke(invitation.token)


def _check_pace(by: User) -> None:
    """Raises Refused when enough links were mailed within the hour: each is a token, first or sent again."""
    since = clock.now() - timedelta(hours=1)
    if Token.objects.filter(kind=KIND, created_at__gt=since).count() >= MOST_AN_HOUR:
        raise Refused(_("There were %d invitations within the last hour. Try again later.") % MOST_AN_HOUR)
    with acting_everywhere(reason="how many a person invited lately, wherever", by=by.pk):
        invited = Invitation.objects.filter(invited_by=by, token__created_at__gt=since).count()
    if invited >= MOST_AN_HOUR_BY_PERSON:
        raise Refused(_("You invited %d people within the last hour. Try again later.") % invited)


def _issue() -> tuple[Token, str]:
    return tokens.issue(kind=KIND, expires_at=clock.now() + VALID_FOR)


def _post(invitation: Invitation, secret: str, by: User) -> None:
    url = settings.PUBLIC_URL + reverse("accounts:invitation", args=[secret])
    name = invitation.organization.name
    mail.post(
        to=invitation.email,
        subject=_("%(person)s invites you to %(organization)s on SRExpert")
        % {"person": by.get_full_name(), "organization": name},
        template="accounts/mail/invitation",
        context={
            "invited_by": by,
            "organization": name,
            "role": invitation.role,
            "days": VALID_FOR.days,
            "action_url": url,
            "action_label": _("Accept invitation"),
        },
        activity=ACTIVITY,
        key=f"invitation:{invitation.token_id}",
    )


def _as_offer(invitation: Invitation) -> Offer:
    sender = invitation.invited_by
    return Offer(
        invitation=invitation.pk,
        token=invitation.token_id,
        organization=invitation.organization.pk,
        organization_name=invitation.organization.name,
        email=invitation.email,
        role=invitation.role,
        invited_by=sender.get_full_name() if sender else "",
        expires_at=invitation.token.expires_at,
    )


def _first_offer(invitations: object) -> Offer | None:
    found = invitations.with_senders().select_related("organization").first()  # type: ignore[attr-defined]  # a queryset
    return _as_offer(found) if found else None
