"""Adds members, changes their role and reach, removes them; the last owner stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.domain import rules
from accounts.domain.rules import Refused
from accounts.models import Grant, Membership, User
from srexpert.permissions import ADMINISTRATORS, Role


def lock_all() -> dict[object, Membership]:
    """All memberships of the organization by id, locked in the order of their ids.

    Two owners who demote each other at the same moment must not both succeed.
    """
    return {m.pk: m for m in Membership.objects.select_for_update().order_by("pk")}


def _locked(membership: Membership, by: User) -> tuple[Membership, Membership]:
    """The actor's membership and the one acted on, as they are now that nobody else can change them."""
    members = lock_all()
    if membership.pk not in members:
        raise Refused(_("That person is no longer a member."))
    acting = next((m for m in members.values() if m.user_id == by.pk), None)
    if acting is None or acting.role not in ADMINISTRATORS:
        raise Refused(_("Only owners and admins manage people."))
    return acting, members[membership.pk]


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> Membership:
    """Gives a member another role, from the next request on.

    Owners and admins reach the whole organization, so for them grants end. Raises Refused.
    """
    acting, member = _locked(membership, by)
    rules.check_may_manage(acting, member)
    rules.check_may_give(acting, role)
    if member.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(member)
    member.role = role
    if role in ADMINISTRATORS and not member.whole_organization:
        member.whole_organization = True
    member.save(update_fields=("role", "whole_organization"))
    if member.whole_organization:
        Grant.objects.filter(membership=member).delete()
    return member


@transaction.atomic
def set_reach(*, membership: Membership, whole_organization: bool, by: User) -> Membership:
    """Lets a member's role hold everywhere, or only for what the member and their teams are granted.

    Grants of their own end when the role holds everywhere. Raises Refused.
    """
    acting, member = _locked(membership, by)
    rules.check_may_manage(acting, member)
    if not whole_organization and member.role in ADMINISTRATORS:
        raise Refused(str(rules.ADMINISTRATORS_REACH_EVERYTHING))
    member.whole_organization = whole_organization
    member.save(update_fields=("whole_organization",))
    if whole_organization:
        Grant.objects.filter(membership=member).delete()
    return member


@transaction.atomic
def remove(*, membership: Membership, by: User) -> None:
    """Ends a membership at once, with its grants and places in teams. Raises Refused."""
    acting, member = _locked(membership, by)
    rules.check_may_manage(acting, member)
    _keep_an_owner(member)
    member.delete()


@transaction.atomic
def leave(*, by: User) -> None:
    """Ends one's own membership; the last owner can't. Raises Refused."""
    members = lock_all()
    own = next((m for m in members.values() if m.user_id == by.pk), None)
    if own is None:
        raise Refused(_("You are no longer a member of this organization."))
    _keep_an_owner(own)
    own.delete()


def _keep_an_owner(leaving: Membership) -> None:
    """Raises Refused when the organization would be left without an owner."""
    if leaving.role == Role.OWNER and not Membership.objects.owners().exclude(pk=leaving.pk).exists():
        raise Refused(_("An organization keeps at least one owner. Make somebody else an owner first."))
