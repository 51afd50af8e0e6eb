"""The demo: one organization with a person a role and a connected cluster, made app by app.

Each app's `demo.py` has a `seed(demo)`, called lowest layer first; seeding again changes nothing.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srexpert import discovery


@dataclass
class Demo:
    """What one app's seed leaves for the next: the organization, people by role, a folder for files."""

    directory: Path
    organization: Any = None
    people: dict[str, Any] = field(default_factory=dict)


def seed(directory: Path) -> Demo:
    """Makes the demo's rows where they are missing."""
    directory.mkdir(parents=True, exist_ok=True)
    demo = Demo(directory)
    for module in discovery.modules("demo"):
        if module.__name__ != __name__:
            module.seed(demo)
    return demo
