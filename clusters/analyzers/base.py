"""What an analyzer gives (findings with evidence and cause), and the decorator that registers one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from clusters.analyzers.examination import Examination


class Status(StrEnum):
    """Whether something fails, or couldn't be judged for want of objects."""

    FAILING = "failing"
    NOT_ASSESSED = "not_assessed"


class Severity(StrEnum):
    """How much it matters; `rank` orders, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Cause(NamedTuple):
    """The object that a finding follows from; it has a finding itself."""

    kind: str
    namespace: str
    name: str


class Evidence(NamedTuple):
    """A value that was seen, and where: a JSON path in the finding's object.

    Of another object the path is `Kind/namespace/name:path` (`Kind/name:path` where it has no namespace).
    """

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one object.

    Title, detail and fix hold no ages or counters that move by themselves, so that a finding stays the same
    text for as long as the state does.
    """

    analyzer: str
    severity: Severity
    kind: str
    namespace: str
    name: str
    title: str
    detail: str
    fix: str
    status: Status = Status.FAILING
    evidence: tuple[Evidence, ...] = field(default=(), hash=False)  # values may be mappings
    cause: Cause | None = None

    @property
    def key(self) -> str:
        """What identifies the finding between evaluations."""
        return f"{self.analyzer}/{self.kind}/{self.namespace}/{self.name}"

    @property
    def subject(self) -> Cause:
        """The finding's object, in the form in which others name it as their cause."""
        return Cause(self.kind, self.namespace, self.name)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as `manage.py diagnose --format json` prints it."""
        return {
            "analyzer": self.analyzer,
            "status": self.status.value,
            "severity": self.severity.value,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
            "title": self.title,
            "detail": self.detail,
            "evidence": [entry._asdict() for entry in self.evidence],
            "fix": self.fix,
            "cause": None if self.cause is None else self.cause._asdict(),
        }


Judge: TypeAlias = Callable[["Examination"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Analyzer:
    """A registered analyzer: its name, the function, and what its rules rest on."""

    name: str
    judge: Judge
    kinds: tuple[str, ...]  # whose findings it gives
    reads: tuple[str, ...]  # what else it looks at
    sources: tuple[str, ...]

    @property
    def purpose(self) -> str:
        """The first line of its docstring."""
        return (self.judge.__doc__ or "").strip().partition("\n")[0]


@dataclass(slots=True)
class Registry:
    """The analyzers by name, in the order of registration."""

    by_name: dict[str, Analyzer] = field(default_factory=dict)

    def analyzer(
        self, name: str, *, kinds: tuple[str, ...], reads: tuple[str, ...] = (), sources: tuple[str, ...]
    ) -> Callable[[Judge], Judge]:
        """Register a function of an Examination that yields findings under this name."""

        def register(judge: Judge) -> Judge:
            if name in self.by_name:
                raise ValueError(f"two analyzers are called {name!r}")
            self.by_name[name] = Analyzer(name, judge, kinds, reads, sources)
            return judge

        return register


registry = Registry()
analyzer = registry.analyzer
