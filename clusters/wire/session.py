"""What one run of the projection knows while it walks an object."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Session:
    """`key` is the marker key, None at the server; `rejected` collects what had to be replaced.

    `static` is set for a static pod of the control plane, `component` while one of its known containers is
    walked.
    """

    key: bytes | None
    rejected: list[str] = field(default_factory=list)
    static: bool = False
    component: str | None = None
