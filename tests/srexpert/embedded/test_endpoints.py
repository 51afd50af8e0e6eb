import socket
from pathlib import Path

import dj_database_url
import pytest
from psycopg.conninfo import conninfo_to_dict

from srexpert.embedded import endpoints, state


def test_endpoints_are_the_same_at_every_call(state_directory: Path) -> None:
    assert endpoints.endpoints() == endpoints.endpoints()


def test_endpoints_hide_their_passwords(state_directory: Path) -> None:
    found = endpoints.endpoints()
    assert endpoints.password(endpoints.APP) in found.database_url
    assert endpoints.password(endpoints.APP) not in repr(found)
    assert state.secret("valkey") not in repr(found)


def test_database_url_is_read_alike_by_django_and_libpq(state_directory: Path) -> None:
    url = endpoints.endpoints().database_owner_url
    django, libpq = dj_database_url.parse(url), conninfo_to_dict(url)
    assert django["OPTIONS"]["host"] == libpq["host"] == str(state.socket_directory())
    assert django["USER"] == libpq["user"] == "srexpert_owner"
    assert django["PASSWORD"] == libpq["password"] == endpoints.password("srexpert_owner")
    assert django["NAME"] == libpq["dbname"] == "srexpert"


def test_keep_or_move_port_keeps_a_free_one(state_directory: Path) -> None:
    assert endpoints.keep_or_move_port("valkey") == endpoints.port("valkey")


def test_keep_or_move_port_moves_from_a_taken_one_for_everybody(state_directory: Path) -> None:
    before = endpoints.port("valkey")
    with socket.create_server(("127.0.0.1", before)):
        after = endpoints.keep_or_move_port("valkey")
    assert after != before
    assert f"127.0.0.1:{after}/" in endpoints.endpoints().broker_url


def test_configured_reads_the_variable_or_the_file_that_it_names(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert endpoints.configured("BROKER_URL") is None
    (state_directory / "broker").write_text("redis://file\n")
    monkeypatch.setenv("BROKER_URL_FILE", str(state_directory / "broker"))
    assert endpoints.configured("BROKER_URL") == "redis://file"
    monkeypatch.setenv("BROKER_URL", "redis://variable")
    assert endpoints.configured("BROKER_URL") == "redis://variable"


def test_configured_fails_for_a_file_that_is_missing(
    state_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(state_directory / "absent"))
    with pytest.raises(state.EmbeddedError, match=r"DATABASE_URL_FILE names .*absent"):
        endpoints.configured("DATABASE_URL")
