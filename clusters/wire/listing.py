"""The published list of what leaves: paths and dispositions, generated from the types."""

from typing import NamedTuple, get_args, get_origin

from clusters.wire.rules import Part
from clusters.wire.walking import field_types, rule_of


class Field(NamedTuple):
    """One path, like `spec.containers[].env[].value`, and what becomes of it."""

    path: str
    disposition: str


def listed(part: type[Part], prefix: str = "") -> list[Field]:
    """The fields of `part` and of everything in it, then what it names as dropped."""
    found: list[Field] = []
    encoded = dict(zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True))
    for name, hint in field_types(part).items():
        found += _of(hint, f"{prefix}{encoded[name]}")
    dropped: tuple[str, ...] = getattr(part, "dropped", ())
    return found + [Field(f"{prefix}{name}", "drop") for name in dropped]


def _of(hint: object, path: str) -> list[Field]:
    rule = rule_of(hint)
    if rule is not None:
        return [Field(path + ("[]" if _is_list(hint) else ""), rule.disposition)]
    if isinstance(hint, type) and issubclass(hint, Part):
        return listed(hint, f"{path}.")
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is list:
        return _of(arguments[0], f"{path}[]")
    if origin is dict:
        return _of(arguments[1], f"{path}.*")
    return [Field(path, "keep")]


def _is_list(annotated: object) -> bool:
    return get_origin(get_args(annotated)[0]) is list
