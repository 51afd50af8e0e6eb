"""The command `manage.py redact`: a text from a file or standard input, redacted, or its spans as JSON."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from privacy.redaction.text import redact


class _Parser(argparse.ArgumentParser):
    """Tells a wrong argument in one line, as every other bad input."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"redact: {message}\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    made = _Parser(
        prog="manage.py redact",
        description="Replace secrets and personal data in a text by typed placeholders.",
        epilog="Exit codes: 0 done, 2 bad input.",
    )
    made.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="a UTF-8 text file; - or nothing: standard input"
    )
    made.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="text: the redacted text; json: what was found, as type, start, end (characters) and placeholder",
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, or 2 with one line on standard error for bad input."""
    try:
        options = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        raw = sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        print(f"redact: cannot read {options.file}: {error.strerror or error}", file=sys.stderr)  # noqa: T201 -- a command's answer
        return 2
    except UnicodeDecodeError as error:
        print(f"redact: {options.file} is not UTF-8 text (byte {error.start})", file=sys.stderr)  # noqa: T201 -- a command's answer
        return 2
    redaction = redact(text)
    if options.format == "json":
        spans = [
            {"type": span.type, "start": span.start, "end": span.end, "placeholder": span.placeholder}
            for span in redaction.spans
        ]
        sys.stdout.write(json.dumps(spans, indent=2) + "\n")
    else:
        sys.stdout.buffer.write(redaction.text.encode("utf-8"))
        sys.stdout.flush()
    return 0
