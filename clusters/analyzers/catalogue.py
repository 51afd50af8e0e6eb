"""The list of all analyzers: the modules that register them, and their table for the documentation."""

from types import ModuleType

from clusters.analyzers import autoscaling, deployments, jobs, nodes, pods, services, sets, storage
from clusters.analyzers.base import Analyzer, registry

# A new analyzer's module is added here; importing it registers what it holds.
MODULES: tuple[ModuleType, ...] = (nodes, storage, deployments, sets, jobs, pods, services, autoscaling)


def analyzers() -> list[Analyzer]:
    """Return all analyzers, ordered by name."""
    return [registry.by_name[name] for name in sorted(registry.by_name)]


def table() -> str:
    """Return the analyzers as a Markdown table: name, what it finds, what it reads besides, its sources."""
    rows = ["| analyzer | finds | reads besides | source |", "|---|---|---|---|"]
    for entry in analyzers():
        sources = " · ".join(f"<{source}>" for source in entry.sources)
        reads = ", ".join(kind for kind in entry.reads if kind not in entry.kinds)
        rows.append(f"| `{entry.name}` | {entry.purpose} | {reads} | {sources} |")
    return "\n".join(rows) + "\n"
