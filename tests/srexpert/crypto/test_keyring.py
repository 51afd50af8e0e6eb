"""Field encryption: bound to its place, readable under older keys, useless elsewhere."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from srexpert.crypto import Undecipherable
from srexpert.crypto.keyring import seal, unseal


def key(name, byte):
    return f"{name}:{base64.b64encode(bytes([byte]) * 32).decode()}"


@pytest.fixture
def one_key(settings):
    settings.FIELD_KEYS = [key("k1", 1)]


def test_unseal_opens_what_was_sealed_for_the_place(one_key):
    sealed = seal("https://hooks.example/secret", "table|column|1|org")
    assert b"secret" not in sealed
    assert sealed.startswith(b"k1:")
    assert unseal(sealed, "table|column|1|org") == "https://hooks.example/secret"


@pytest.mark.parametrize("place", ["table|column|2|org", "table|other|1|org", "table|column|1|elsewhere"])
def test_unseal_refuses_another_place(one_key, place):
    with pytest.raises(Undecipherable):
        unseal(seal("secret", "table|column|1|org"), place)


def test_unseal_refuses_a_changed_value(one_key):
    sealed = bytearray(seal("secret", "p"))
    sealed[-1] ^= 1
    with pytest.raises(Undecipherable):
        unseal(bytes(sealed), "p")


def test_seal_twice_differs(one_key):
    assert seal("secret", "p") != seal("secret", "p")


def test_rotation_reads_old_and_writes_new(settings, one_key):
    old = seal("secret", "p")
    settings.FIELD_KEYS = [key("k2", 2), key("k1", 1)]
    assert unseal(old, "p") == "secret"
    assert seal("secret", "p").startswith(b"k2:")
    settings.FIELD_KEYS = [key("k2", 2)]
    with pytest.raises(Undecipherable, match="k1"):
        unseal(old, "p")


@pytest.mark.parametrize("wrong", ["nokey", "k1:short", ":AAAA", "k1:not base64"])
def test_malformed_keys_fail_loudly(settings, wrong):
    settings.FIELD_KEYS = [wrong]
    with pytest.raises(ImproperlyConfigured):
        seal("secret", "p")
