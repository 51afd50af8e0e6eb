"""What the agent was told, checked before anything starts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from clusters.agent import marker_key
from clusters.agent.cluster_api import BadConfiguration, in_cluster
from clusters.agent.delta_queue import DEFAULT_BOUND

_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True)
class Options:
    """Everything `run` needs; the intervals are seconds."""

    server: str
    token_file: Path
    kubeconfig: str | None = None
    once: bool = False
    ca_file: str | None = None
    marker_key_file: Path | None = None
    state_dir: Path | None = None
    health_host: str = "127.0.0.1"
    health_port: int = 8686
    leader_elect: bool = False
    lease_namespace: str = "srexpert-agent"
    queue_bytes: int = DEFAULT_BOUND
    page_size: int = 500
    watch_seconds: int = 300
    recheck_seconds: float = 300.0
    flush_seconds: float = 0.5
    first_retry_seconds: float = 0.5
    longest_retry_seconds: float = 60.0
    give_up_seconds: float = 120.0
    lease_seconds: int = 15
    renew_seconds: int = 10
    retry_seconds: int = 2


def load_marker_key(key_file: Path | None, state_dir: Path | None) -> bytes:
    """The marker key of the file, else of the state folder. In a cluster a file must be named.

    Raises BadConfiguration.
    """
    if key_file is not None:
        return marker_key.load(key_file)
    if state_dir is None and in_cluster():
        raise BadConfiguration(
            "--marker-key-file is needed in a cluster: a mounted Secret that all replicas share"
        )
    return marker_key.load_or_make(state_dir or marker_key.default_state_dir())


def own_namespace(fallback: str) -> str:
    """The namespace of this pod, or the fallback outside a cluster."""
    if os.environ.get("POD_NAMESPACE"):
        return os.environ["POD_NAMESPACE"]
    try:
        return _NAMESPACE_FILE.read_text(encoding="ascii").strip() or fallback
    except OSError:
        return fallback
