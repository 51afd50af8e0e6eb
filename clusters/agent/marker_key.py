"""The key of the markers' HMAC. It is made in the cluster and never leaves it.

In a cluster it is a file of a mounted Secret: the kubelet mounts it, the agent's role reads no Secret. Elsewhere it
lies in the agent's state folder and is made at the first use, so that `preview` and `run` mark alike.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from clusters.agent.cluster_api import BadConfiguration

KEY_BYTES = 32
SHORTEST = 16
FILE_NAME = "marker.key"


def default_state_dir() -> Path:
    """Where the agent keeps its key when it isn't told: the user's state folder (XDG Base Directory)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "srexpert-agent"


def load(key_file: Path) -> bytes:
    """The key of this file. Raises BadConfiguration when absent or shorter than 16 bytes."""
    try:
        key = key_file.read_bytes().strip()
    except OSError as error:
        raise BadConfiguration(f"marker key {key_file}: {error.strerror}") from None
    if len(key) < SHORTEST:
        raise BadConfiguration(f"marker key {key_file}: shorter than {SHORTEST} bytes")
    return key


def load_or_make(state_dir: Path) -> bytes:
    """The key of this folder, made with mode 0600 if there is none. Raises BadConfiguration."""
    key_file = state_dir / FILE_NAME
    if not key_file.exists():
        _make(key_file)
    return load(key_file)


def _make(key_file: Path) -> None:
    draft = key_file.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(KEY_BYTES).encode())
        try:
            # A link fails if the name exists: of two agents that start together, one key wins.
            os.link(draft, key_file)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise BadConfiguration(f"marker key {key_file}: {error.strerror}") from None
