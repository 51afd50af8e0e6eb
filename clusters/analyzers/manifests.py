"""Reads Kubernetes objects from YAML and JSON: files, folders, lists, several documents, standard input.

A bad input raises ManifestError, whose text names the file and the place in one line.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

SUFFIXES = (".yaml", ".yml", ".json")
STDIN = "-"
_BLANK = re.compile(r"\s*")


class ManifestError(ValueError):
    """A path can't be read, or doesn't hold Kubernetes objects."""


class _Loader(yaml.CSafeLoader):
    """libyaml's safe loader, which leaves times as the text that the API uses."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(paths: Iterable[str]) -> list[dict[str, Any]]:
    """Return the objects of all paths in the order given; `-` is standard input. Raises ManifestError.

    In a folder, documents without a kind (values files and the like) are passed over; in a file that was named
    they are an error.
    """
    found: list[dict[str, Any]] = []
    for path in paths:
        if path == STDIN:
            found += _objects(
                "standard input", _decode("standard input", sys.stdin.buffer.read()), strict=True
            )
            continue
        place = Path(path)
        if not place.is_dir():
            found += _objects(path, _file(place), strict=True)
            continue
        for file in _files(place):
            found += _objects(str(file), _file(file), strict=False)
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(
        file
        for file in folder.rglob("*")
        if file.suffix in SUFFIXES
        and file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    )


def _file(path: Path) -> str:
    try:
        return _decode(str(path), path.read_bytes())
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or error}") from error


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ManifestError(f"{name}: line {line}: not UTF-8 text") from error


def _objects(name: str, content: str, *, strict: bool) -> Iterator[dict[str, Any]]:
    for number, document in enumerate(_documents(name, content), start=1):
        yield from _entries(f"{name}: document {number}", document, strict=strict)


def _entries(place: str, document: object, *, strict: bool) -> Iterator[dict[str, Any]]:
    if document is None:  # nothing between two separators
        return
    if isinstance(document, list):
        for index, entry in enumerate(document):
            yield from _entries(f"{place}, entry {index}", entry, strict=strict)
    elif isinstance(document, dict) and isinstance(document.get("kind"), str):
        yield document
    elif strict:
        what = "has no kind" if isinstance(document, dict) else f"is a {type(document).__name__}"
        raise ManifestError(f"{place}: {what}, so it is no Kubernetes object")


def _documents(name: str, content: str) -> list[Any]:
    if content.lstrip()[:1] in ("{", "["):
        try:
            return _json_values(content)
        except RecursionError as error:
            raise ManifestError(f"{name}: nested too deeply") from error
        except ValueError as error:
            if name.endswith(".json"):
                raise ManifestError(f"{name}: {_json_problem(error)}") from error
            # else YAML in its flow style, or several documents
    try:
        return list(yaml.load_all(content, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise ManifestError(f"{name}: {_yaml_problem(error)}") from error
    except yaml.YAMLError as error:
        raise ManifestError(f"{name}: {' '.join(str(error).split())}") from error
    except (RecursionError, ValueError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ManifestError(f"{name}: {problem}") from error


def _json_values(content: str) -> list[Any]:
    """Return the JSON values of a text: usually one, or one a line."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while place < len(content):
        rest = _BLANK.match(content, place)
        place = rest.end() if rest else place
        if place < len(content):
            value, place = decoder.raw_decode(content, place)
            found.append(value)
    return found


def _json_problem(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return str(error)


def _yaml_problem(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return place + " ".join((error.problem or error.context or "not YAML").split())
