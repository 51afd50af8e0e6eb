"""The marker key is made once, private, and refused when it could be guessed."""

import threading
from pathlib import Path

import pytest

from clusters.agent.cluster_api import BadConfiguration
from clusters.agent.marker_key import FILE_NAME, load, load_or_make
from clusters.agent.options import load_marker_key


def test_load_or_make_makes_a_private_key_once(tmp_path):
    first = load_or_make(tmp_path / "state")
    assert len(first) == 64
    assert load_or_make(tmp_path / "state") == first
    assert (tmp_path / "state" / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert [file.name for file in (tmp_path / "state").iterdir()] == [FILE_NAME]


def test_load_or_make_gives_agents_that_start_together_one_key(tmp_path):
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(load_or_make(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_load_refuses_a_short_key(tmp_path):
    file = tmp_path / "key"
    file.write_text("short")
    with pytest.raises(BadConfiguration, match="shorter than 16"):
        load(file)


def test_state_dir_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BadConfiguration, match="marker key"):
        load_or_make(tmp_path / "file" / "state")


def test_in_a_cluster_a_key_file_must_be_named(monkeypatch):
    monkeypatch.setattr("clusters.agent.options.in_cluster", lambda: True)
    with pytest.raises(BadConfiguration, match="--marker-key-file"):
        load_marker_key(None, None)


def test_key_file_is_read_as_it_is(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("0123456789abcdef\n")
    assert load_marker_key(file, None) == b"0123456789abcdef"
