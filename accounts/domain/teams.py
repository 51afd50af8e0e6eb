"""Makes, renames and deletes teams, and says who is in them."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy

from accounts.domain import rules
from accounts.domain.rules import Refused
from accounts.models import Membership, Team, TeamMember, User

_NAME_TAKEN = gettext_lazy("Another team has that name.")


@transaction.atomic
def create(*, name: str, by: User) -> Team:
    """A team without members. Raises Refused when another has the name."""
    rules.managing(by)
    try:
        with transaction.atomic():
            return Team.objects.create(name=name)
    except IntegrityError as error:
        raise Refused(str(_NAME_TAKEN)) from error


@transaction.atomic
def rename(*, team: Team, name: str, by: User) -> Team:
    """Another name for a team. Raises Refused when another has it."""
    rules.managing(by)
    team.name = name
    try:
        with transaction.atomic():
            team.save(update_fields=("name",))
    except IntegrityError as error:
        raise Refused(str(_NAME_TAKEN)) from error
    return team


@transaction.atomic
def delete(*, team: Team, by: User) -> None:
    """Ends a team with its grants; its members stay members."""
    rules.managing(by)
    team.delete()


@transaction.atomic
def add_member(*, team: Team, membership: Membership, by: User) -> TeamMember:
    """Puts a member into a team; twice is once."""
    rules.managing(by)
    place, _made = TeamMember.objects.get_or_create(team=team, membership=membership)
    return place


@transaction.atomic
def remove_member(*, place: TeamMember, by: User) -> None:
    """Takes a member out of a team, and with it what the team was granted."""
    rules.managing(by)
    place.delete()
