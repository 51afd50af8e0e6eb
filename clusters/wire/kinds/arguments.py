"""Command lines: each argument becomes a marker, a flag's name stays."""

from typing import Annotated

from clusters.wire import control_plane, markers
from clusters.wire.markers import Marker
from clusters.wire.rules import (
    Rule,
)
from clusters.wire.session import Session


def _arguments(arguments: list[str | Marker], session: Session) -> list[str | Marker]:
    """Markers of a command line; a flag's name stays, and tells about the value that follows it."""
    left: list[str | Marker] = []
    before = ""
    for each in arguments:
        kept = control_plane.argument(each) if session.component and isinstance(each, str) else None
        left.append(kept if kept is not None else _argument(each, before, session))
        last = left[-1]
        before = (isinstance(last, Marker) and last.flag) or ""
    return left


def _argument(argument: str | Marker, before: str, session: Session) -> Marker:
    if isinstance(argument, Marker):
        if markers.is_valid(argument):
            return argument
        session.rejected.append("command")
        return markers.replacement(argument)
    if session.key is None:
        session.rejected.append("command")
    return markers.mark(argument, key=session.key, name=before, flag=markers.flag_of(argument))


Arguments = Annotated[list[str | Marker], Rule("mark", clean=_arguments)]
