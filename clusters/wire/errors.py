"""The errors of the wire: each names the field at fault and never repeats a value that was sent."""

import re

_AT = re.compile(r" - at `(?:key in )?\$?\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `[^`]*`")
_VALUE = re.compile(r"Invalid (value|enum value) .*", re.DOTALL)


class UnknownKind(LookupError):
    """A resource that has no type: it is never projected, whatever it holds."""

    def __init__(self, resource: str) -> None:
        super().__init__(f"no projection for this resource ({len(resource)} characters)")
        self.resource = resource


class Malformed(ValueError):
    """Bytes that don't have the shape they should; `field` is a path like `upserts[0].uid`, maybe empty."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.field = field
        self.detail = detail


class MalformedObject(Malformed):
    """A Kubernetes object that can't be decoded by its type, or lacks kind, name or uid."""


class MalformedMessage(Malformed):
    """A request or an answer that can't be decoded."""


def field_and_detail(error: Exception) -> tuple[str, str]:
    """Path of the field and one plain sentence, from an error of msgspec.

    An unknown field's own name is left out of the sentence: a name can be data, too.
    """
    text = str(error) if isinstance(error, Exception) and type(error).__module__.startswith("msgspec") else ""
    if not text:
        return "", "the bytes can't be read as JSON text"
    found = _AT.search(text)
    path = found["path"] if found else ""
    detail = _UNKNOWN.sub("unknown field", text[: found.start()] if found else text)
    detail = _VALUE.sub(r"invalid \1", detail)
    missing = _MISSING.search(detail)
    if missing:
        path = f"{path}.{missing['field']}" if path else missing["field"]
        detail = "required field is missing"
    return path, detail
