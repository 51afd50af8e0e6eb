"""What accounts tells the apps above it."""

from uuid import UUID

from srexpert.events import Event


class OrganizationCreated(Event, frozen=True, kw_only=True):
    """An organization exists, with its first owner as a member; published in the organization's scope."""

    organization: UUID
    owner: UUID
