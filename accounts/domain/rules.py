"""Who may do what to whom in an organization, beyond what a role's permissions say."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, User
from srexpert.permissions import ADMINISTRATORS, Role


class Refused(Exception):
    """The act is against a rule; the message is a sentence for the person who tried."""


ADMINISTRATORS_REACH_EVERYTHING = gettext_lazy("Owners and admins always reach the whole organization.")


def actor(by: User) -> Membership:
    """The membership by which a person acts here; raises Refused for those who are no members any more."""
    membership = Membership.objects.filter(user=by).first()
    if membership is None:
        raise Refused(_("You are no longer a member of this organization."))
    return membership


def managing(by: User) -> Membership:
    """The same, for acts that only owners and admins may do."""
    membership = actor(by)
    if membership.role not in ADMINISTRATORS:
        raise Refused(_("Only owners and admins manage people."))
    return membership


def roles_to_give(role: str) -> Sequence[Role]:
    """The roles that somebody with `role` may give to others: an admin makes no owners."""
    if role == Role.OWNER:
        return tuple(Role)
    return tuple(r for r in Role if r != Role.OWNER) if role == Role.ADMIN else ()


def may_manage(actor_: Membership, member: Membership) -> bool:
    """Whether the actor may change or remove the member: not oneself, and owners only by owners."""
    if actor_.pk == member.pk or actor_.role not in ADMINISTRATORS:
        return False
    return actor_.role == Role.OWNER or member.role != Role.OWNER


def check_may_manage(actor_: Membership, member: Membership) -> None:
    """Raises Refused, with the reason, unless the actor may change or remove the member."""
    if actor_.pk == member.pk:
        raise Refused(_("Nobody changes their own role or reach. Ask another owner or admin."))
    if not may_manage(actor_, member):
        raise Refused(_("Only an owner can change or remove an owner."))


def check_may_give(actor_: Membership, role: str) -> None:
    """Raises Refused unless the actor may give the role."""
    if role not in roles_to_give(actor_.role):
        raise Refused(_("Only an owner can make somebody an owner."))
