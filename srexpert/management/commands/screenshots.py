"""`manage.py screenshots`: pictures of the pages, of a demo of its own or of a product that runs."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from srexpert import screenshots
from srexpert.embedded import state
from srexpert.screenshots import Place, Unable


class Command(BaseCommand):
    """Takes the pictures."""

    help = "Take pictures of all pages at 1440 and 390 px, light and dark, with Chromium."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="where to (default: var/screenshots)")
        parser.add_argument("--base-url", help="a product that runs already (default: a demo of its own)")
        parser.add_argument("--email", help="who logs in there (default: the demo's owner)")
        parser.add_argument("--password", help="with which password; SREXPERT_PASSWORD is read too")

    def handle(self, *_: Any, **options: Any) -> None:
        output: Path = (options["output"] or state.subdirectory("screenshots")).resolve()
        try:
            with self._place(options) as place, screenshots.chromium() as browser:
                found = screenshots.take(browser, place, output, tell=self.stdout.write)
        except Unable as error:
            raise CommandError(str(error), returncode=2) from error
        for line in (*(f"wider than the window: {page}" for page in found.too_wide), *found.said):
            self.stdout.write(self.style.WARNING(line))
        self.stdout.write(f"{len(found.taken)} pictures in {output}")

    def _place(self, options: dict[str, Any]) -> AbstractContextManager[Place]:
        url = options["base_url"]
        password = options["password"] or os.environ.get("SREXPERT_PASSWORD", "")
        if url and options["email"] and password:
            return nullcontext(Place(url.rstrip("/"), options["email"], password))
        if url:
            return nullcontext(screenshots.demo_place(url.rstrip("/")))
        folder = state.subdirectory("screenshots-demo")
        os.environ["SREXPERT_STATE_DIR"] = str(folder)
        return screenshots.own_demo(folder, tell=self.stdout.write)
