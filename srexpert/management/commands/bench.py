"""`manage.py bench NAME`: measures, beside a reference in the same run."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from srexpert import benches


class Command(BaseCommand):
    """Runs one bench, or all with no name."""

    help = "Measure a part of the product beside a reference in the same run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", help="; ".join(sorted(benches.benches())))
        parser.add_argument(
            "--size", type=int, default=0, help="how many objects; by default the bench's own"
        )
        parser.add_argument("--format", choices=["table", "json"], default="table")

    def handle(self, *_: Any, **options: Any) -> None:
        known = sorted(benches.benches())
        name = options["name"]
        if name and name not in known:
            raise CommandError(f"no bench is called {name}; there are {', '.join(known)}", returncode=2)
        if options["size"] < 0:
            raise CommandError("--size must be a positive number", returncode=2)
        reports = [
            benches.run(each, benches.Options(options["size"])) for each in ([name] if name else known)
        ]
        if options["format"] == "json":
            self.stdout.write(json.dumps(reports[0] if name else reports, indent=2))
            return
        for report in reports:
            self.stdout.write(f"{report['bench']} ({report['machine']}, {report['at']})")
            for figure in report["figures"]:
                self.stdout.write(
                    f"  {figure['figure']:<28} {figure['value']:>12,} {figure['unit']:<8} "
                    f"{figure['ratio']:>8} x {figure['reference']} ({figure['reference_value']:,})"
                )
