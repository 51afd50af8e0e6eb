"""Lists `up` in the help; manage.py hands the command to `srexpert.embedded.up` before Django is set up."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from srexpert.embedded import up


class Command(BaseCommand):
    """Start and supervise the embedded services and all processes of a deployment on one machine."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Run it all the same when it was called in another way than by manage.py."""
        sys.exit(up.main(argv[2:]))

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """`call_command` has no use for it."""
        sys.exit(up.main([]))
