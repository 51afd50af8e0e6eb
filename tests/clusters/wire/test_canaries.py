"""Canaries in every string position of every kind: none leaves from where the contract marks or drops."""

import base64
import json
from urllib.parse import quote

import pytest

from clusters.wire.projection import project, resources
from tests.clusters.wire.maximal import dispositions, maximal, strings

KEY = b"k" * 32
LETTERS = "GHJKLMNPQRSTUVWXYZ"


def word(number: int) -> str:
    return f"Zq{number:05d}xJcanary"


def short(number: int) -> str:
    digits = [LETTERS[number // len(LETTERS) ** place % len(LETTERS)] for place in range(3)]
    return "Q" + "".join(digits)


def escaped(text: str, levels: int) -> str:
    for _ in range(levels):
        text = json.dumps(f'"{text}\n')
    return text


FORMS = {
    "plain": word,
    "base64": lambda number: base64.b64encode(word(number).encode()).decode(),
    "percent": lambda number: quote(f"{word(number)}/{word(number)}=&", safe=""),
    "escaped once": lambda number: escaped(word(number), 1),
    "escaped twice": lambda number: escaped(word(number), 2),
    "escaped three times": lambda number: escaped(word(number), 3),
    "hex": lambda number: word(number).encode().hex(),
    "continued": lambda number: f"{word(number)[:6]}\\\n{word(number)[6:]}",
    "upper": lambda number: word(number).upper(),
    "pem": lambda number: (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        + base64.b64encode(word(number).encode() * 20).decode()
        + "\n-----END RSA PRIVATE KEY-----"
    ),
    "4 characters": short,
    "4,096 characters": lambda number: word(number).ljust(4_096, "x"),
    "flag": lambda number: f"--{word(number)}={word(number)}",
    "attached flag": lambda number: f"-p{word(number)}",
}


class Planter:
    """Gives each position its own canary and remembers where it put it."""

    def __init__(self, form):
        self.form = form
        self.places = []

    def __call__(self, path):
        self.places.append(path)
        return self.form(len(self.places) - 1)


def may_leave(disposition):
    return disposition in {"keep", "redact"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("resource", resources())
def test_canary_leaves_only_from_published_positions(resource, form):
    planter = Planter(FORMS[form])
    raw = json.dumps(maximal(resource, planter)).encode()
    published = dispositions(resource)
    out = "\n".join(strings(json.loads(project(resource, raw, marker_key=KEY).json)))
    upper = out.upper()
    for number, path in enumerate(planter.places):
        if may_leave(published.get(path, "drop")):
            continue
        core = short(number) if form == "4 characters" else word(number)
        assert FORMS[form](number) not in out, path
        assert core.upper() not in upper, path


@pytest.mark.parametrize("resource", resources())
def test_unprojected_object_at_the_server_keeps_no_canary_either(resource):
    planter = Planter(word)
    raw = json.dumps(maximal(resource, planter)).encode()
    published = dispositions(resource)
    projected = project(resource, raw, marker_key=None)
    out = "\n".join(strings(json.loads(projected.json)))
    left = [path for number, path in enumerate(planter.places) if word(number) in out]
    assert [path for path in left if not may_leave(published.get(path, "drop"))] == []
    if "mark" in published.values():
        assert projected.rejected


CREDENTIALS = {
    "github": lambda number: f"ghp_{number:05d}aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2d"[:40],
    # Base32 has no 0, 1, 8 and 9.
    "aws": lambda number: f"AKIAJ5Q7NRX3{number:05d}ZKW".translate(str.maketrans("0189", "QTSU")),
    "jwt": lambda number: (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        + base64.urlsafe_b64encode(f'{{"sub":"{number:09d}"}}'.encode()).decode().rstrip("=")
        + ".dBjftJeZ4CVPmB92K27uhbUJU1p1rabcdefghijk123"
    ),
    "email": lambda number: f"jane.doe{number}@mail{number}.example.org",
    "assignment": lambda number: f"connect failed password=Zq{number:05d}!xJ9 for db",
    "pem": FORMS["pem"],
}


@pytest.mark.parametrize("sort", CREDENTIALS)
@pytest.mark.parametrize("resource", resources())
def test_credential_leaves_from_no_redacted_position(resource, sort):
    planter = Planter(CREDENTIALS[sort])
    raw = json.dumps(maximal(resource, planter)).encode()
    published = dispositions(resource)
    out = "\n".join(strings(json.loads(project(resource, raw, marker_key=KEY).json)))
    secret = (lambda number: f"Zq{number:05d}!xJ9") if sort == "assignment" else CREDENTIALS[sort]
    leaked = [
        path
        for number, path in enumerate(planter.places)
        if published.get(path, "drop") != "keep" and secret(number) in out
    ]
    assert leaked == []


@pytest.mark.parametrize("resource", resources())
def test_url_loses_userinfo_and_query_in_every_position(resource):
    planter = Planter(
        lambda number: f"https://us{number}:pwZq{number}x@host.example/p?tok=secZq{number}x#frZq{number}x"
    )
    raw = json.dumps(maximal(resource, planter)).encode()
    out = project(resource, raw, marker_key=KEY).json.decode()
    leaked = [
        path
        for number, path in enumerate(planter.places)
        if any(f"{part}Zq{number}x" in out for part in ("pw", "sec", "fr"))
    ]
    assert leaked == []


@pytest.mark.parametrize("form", ["plain", "pem", "escaped three times", "4,096 characters"])
@pytest.mark.parametrize("resource", resources())
def test_projecting_the_projection_changes_nothing(resource, form):
    raw = json.dumps(maximal(resource, Planter(FORMS[form]))).encode()
    first = project(resource, raw, marker_key=KEY)
    again = project(resource, first.json, marker_key=None)
    assert (again.json, again.hash, again.rejected) == (first.json, first.hash, [])
    assert project(resource, first.json, marker_key=KEY).json == first.json
