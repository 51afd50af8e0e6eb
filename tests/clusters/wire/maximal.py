"""Objects with a planted text in every string position: from the API's own models, or from our types."""

import re
from collections.abc import Callable
from typing import Any, get_args, get_origin

from kubernetes.client import models

from clusters.wire import projection
from clusters.wire.registry import KINDS
from clusters.wire.rules import Part
from clusters.wire.walking import field_types

Plant = Callable[[str], str]
DEEPEST = 4
_GENERIC = re.compile(r"(List|Dict)\[(?:str, )?(.*)\]")
_MODELS = {
    "events": "CoreV1Event",
    "events.events.k8s.io": "EventsV1Event",
    "horizontalpodautoscalers.autoscaling": "V2HorizontalPodAutoscaler",
}


def model_of(resource: str) -> str | None:
    """The API client's model; None for kinds that it doesn't know (gateways, certificates)."""
    name = _MODELS.get(resource, "V1" + KINDS[resource].kind)
    return name if hasattr(models, name) else None


def maximal(resource: str, plant: Plant) -> dict[str, Any]:
    """An object of `resource` with `plant(path)` in every string position, identity apart."""
    model = model_of(resource)
    kind = KINDS[resource]
    made = _of_model(model, "", plant, ()) if model else _of_part(kind.type, "", plant)
    made["kind"] = kind.kind
    made["apiVersion"] = f"{kind.group}/{kind.version}" if kind.group else kind.version
    made["metadata"] |= {"name": "web", "namespace": "shop", "uid": "0b5e8c1c-5a4f-4d52-9d8e-0c5f0f8f7a11"}
    made["unknown"] = plant("unknown")
    made["metadata"]["unknown"] = {"deeper": [plant("metadata.unknown")]}
    return made


def _of_model(name: str, path: str, plant: Plant, above: tuple[str, ...]) -> dict[str, Any]:
    model = getattr(models, name)
    return {
        wire: _of_type(model.openapi_types[attribute], f"{path}.{wire}".lstrip("."), plant, (*above, name))
        for attribute, wire in model.attribute_map.items()
        if above.count(name) == 0 or len(above) < DEEPEST
    }


def _of_type(hint: str, path: str, plant: Plant, above: tuple[str, ...]) -> Any:
    if generic := _GENERIC.fullmatch(hint):
        if generic[1] == "List":
            return [_of_type(generic[2], f"{path}[]", plant, above)]
        return {f"example.com/k{i}": _of_type(generic[2], path, plant, above) for i in range(2)}
    if hasattr(models, hint):
        return _of_model(hint, path, plant, above)
    if path.endswith("fieldsV1"):
        return {f"f:{plant(path)}": {f'v:"{plant(path)}"': plant(path)}, f'k:{{"name":"{plant(path)}"}}': {}}
    if path.endswith("subresources.status"):
        return {"unknown": plant(f"{path}.unknown")}
    return {"int": 1, "bool": True, "float": 1.5}.get(hint) or plant(path)


def _of_part(part: type[Part], path: str, plant: Plant) -> dict[str, Any]:
    encoded = dict(zip(part.__struct_fields__, part.__struct_encode_fields__, strict=True))
    made = {
        encoded[name]: _of_hint(hint, f"{path}.{encoded[name]}".lstrip("."), plant)
        for name, hint in field_types(part).items()
    }
    for name in getattr(part, "dropped", ()):
        made[name] = plant(f"{path}.{name}".lstrip("."))
    return made


def _of_hint(hint: Any, path: str, plant: Plant) -> Any:
    if isinstance(hint, type) and issubclass(hint, Part):
        return _of_part(hint, path, plant)
    if path.endswith("fieldsV1"):
        return {f"f:{plant(path)}": {}}
    if hasattr(hint, "__metadata__"):
        hint = get_args(hint)[0]
    if get_origin(hint) is list:
        return [_of_hint(get_args(hint)[0], f"{path}[]", plant)]
    if get_origin(hint) is dict:
        return {"example.com/key": _of_hint(get_args(hint)[1], path, plant)}
    if hint in {int, float, bool}:
        return hint(1)
    return plant(path)


def dispositions(resource: str) -> dict[str, str]:
    """The published dispositions by path, mappings by their own path."""
    return {field.path.replace(".*", ""): field.disposition for field in projection.fields(resource)}


def strings(value: Any) -> list[str]:
    """Every key and every string in decoded JSON."""
    if isinstance(value, dict):
        return [text for key, held in value.items() for text in (key, *strings(held))]
    if isinstance(value, list):
        return [text for held in value for text in strings(held)]
    return [value] if isinstance(value, str) else []
