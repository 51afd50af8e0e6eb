"""What people change about themselves."""

from accounts.models import User


def change_profile(*, person: User, name: str, time_zone: str, theme: str) -> User:
    """Name, time zone and theme; all pages and mails from now on use them."""
    person.name, person.time_zone, person.theme = name, time_zone, theme
    person.save(update_fields=("name", "time_zone", "theme"))
    return person


def change_theme(*, person: User, theme: str) -> User:
    """The theme alone, from the menu of any page."""
    person.theme = theme
    person.save(update_fields=("theme",))
    return person
