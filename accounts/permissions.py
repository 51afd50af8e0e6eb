"""What one may do with an organization and its people."""

from srexpert.permissions import ADMINISTRATORS, EVERYONE, Permission

PERMISSIONS = [
    Permission("accounts.organization.view", "See the organization's name and settings", EVERYONE),
    Permission("accounts.organization.change", "Rename the organization", ADMINISTRATORS),
    Permission("accounts.member.view", "See the members and their roles", EVERYONE),
    Permission(
        "accounts.member.manage", "Invite, change and remove members, teams and grants", ADMINISTRATORS
    ),
]
