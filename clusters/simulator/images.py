"""What the container images of this world do when they are started: exist or not, crash, need memory, finish."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an image behaves. Seconds are simulated; memory is in bytes."""

    exists: bool = True
    pull_seconds: float = 0.6
    ready_seconds: float = 0.4
    runs_seconds: float | None = None  # how long until it exits; None: it runs on
    exit_code: int = 0
    message: str = ""
    memory: int = 0  # grows to this much; killed when its limit is below


class Images:
    """The registry's content. What nobody described exists and runs well."""

    def __init__(self) -> None:
        self._known: dict[str, Behaviour] = {}

    def describe(self, image: str, behaviour: Behaviour) -> None:
        """Tell how an image (name and tag) behaves."""
        self._known[image] = behaviour

    def behaviour(self, image: str) -> Behaviour:
        """How a container of this image behaves."""
        return self._known.get(image, Behaviour())


def digest_of(image: str) -> str:
    """The image reference by digest, as a container status tells it; the same for the same tag."""
    name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
    return f"{name}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"
