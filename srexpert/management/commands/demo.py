"""`manage.py demo`: makes the demo organization where it is missing."""

from typing import Any

from django.core.management.base import BaseCommand

from srexpert import demo
from srexpert.embedded.state import state_dir


class Command(BaseCommand):
    """Seeds the demo; safe to run again."""

    help = "Make the demo organization: one person a role, a cluster for the simulator, an escalation policy."

    def handle(self, *_: Any, **__: Any) -> None:
        seeded = demo.seed(state_dir() / "demo")
        self.stdout.write(f"The demo organization is {seeded.organization.name}.")
