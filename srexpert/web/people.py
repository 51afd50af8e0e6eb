"""How a person is shown: initials, and a colour that stays the same for the same name."""

import zlib

COLOURS = 5
_SEED = 284  # with it the five people of the demo differ


def initials(name: str) -> str:
    """Two letters of a name (`Ana Ribeiro` → `AR`), or of an address before its @; `?` for nothing."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def colour(name: str) -> int:
    """A number from 1 to 5 for the avatar's colour."""
    return zlib.crc32(name.strip().casefold().encode(), _SEED) % COLOURS + 1
