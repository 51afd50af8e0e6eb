"""The entities of accounts."""

from accounts.models.grant import Grant
from accounts.models.invitation import Invitation
from accounts.models.membership import Membership
from accounts.models.organization import Organization
from accounts.models.team import Team, TeamMember
from accounts.models.user import User

__all__ = ["Grant", "Invitation", "Membership", "Organization", "Team", "TeamMember", "User"]
