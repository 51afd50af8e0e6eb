"""`manage.py diagnose`: health analyzers over Kubernetes objects in files, as text or JSON."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

from clusters.analyzers.base import Finding, Severity, Status
from clusters.analyzers.causes import root_of
from clusters.analyzers.diagnosis import diagnose
from clusters.analyzers.manifests import ManifestError, read

FOUND, BAD_INPUT = 1, 2


class _Parser(argparse.ArgumentParser):
    """Tells a wrong argument in one line, as every other bad input."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"diagnose: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="diagnose",
        description="Finds what is broken in a cluster from its objects, roots first. Reads YAML and JSON: files, "
        "folders, lists, several documents, what `kubectl get -o yaml` prints.",
        epilog="Exit code: 0; 1 when something as bad as --fail-on was found; 2 for bad input.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, a folder, or - for standard input")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--now", metavar="ISO", help="when the objects were read, as 2026-11-24T10:24:30Z")
    parser.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=[severity.value for severity in Severity],
        help="exit with 1 for a failing finding of this severity or worse: critical, high, medium, low",
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the command with these arguments (without the program's name) and return its exit code."""
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else BAD_INPUT
    try:
        now = _moment(arguments.now)
        objects = list(read(arguments.paths))
    except ManifestError as error:
        return _refuse(str(error))
    if arguments.fail_on and not objects:
        # A gate must not open because the command before it failed; an empty list of kubectl's is an object.
        return _refuse(f"no Kubernetes object in {', '.join(arguments.paths)}")
    findings = diagnose(objects, now)
    _print(_as_json(findings) if arguments.format == "json" else _as_text(findings))
    if arguments.fail_on and any(_as_bad(finding, Severity(arguments.fail_on)) for finding in findings):
        return FOUND
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"diagnose: {sentence}\n")
    return BAD_INPUT


def _print(told: str) -> None:
    try:
        sys.stdout.write(told)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, as `head` does, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise ManifestError(f"--now: {written!r} is not an ISO 8601 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_bad(finding: Finding, limit: Severity) -> bool:
    return finding.status is Status.FAILING and finding.severity.rank <= limit.rank


def _as_json(findings: list[Finding]) -> str:
    return json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False) + "\n"


def _as_text(findings: list[Finding]) -> str:
    failing = [finding for finding in findings if finding.status is Status.FAILING]
    unknown = [finding for finding in findings if finding.status is Status.NOT_ASSESSED]
    if not findings:
        return "Nothing is failing.\n"
    followers: dict[str, list[Finding]] = {}
    for finding in failing:
        if finding.cause is not None:
            followers.setdefault(root_of(finding, failing).key, []).append(finding)
    blocks = [_block(finding, followers.get(finding.key, [])) for finding in failing if finding.cause is None]
    if not failing:
        blocks.append("Nothing that could be assessed is failing.\n")
    if unknown:
        lines = [f"Not assessed: {len(unknown)}", *(f"  {_where(entry)}{entry.title}" for entry in unknown)]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _where(finding: Finding) -> str:
    return f"{finding.namespace}: " if finding.namespace else ""


def _block(finding: Finding, followers: list[Finding]) -> str:
    lines = [f"{finding.severity.value.upper():8}  {_where(finding)}{finding.title}", f"  {finding.detail}"]
    lines += [f"    {path} = {json.dumps(value, ensure_ascii=False)}" for path, value in finding.evidence]
    lines.append(f"  What to do: {finding.fix}")
    if followers:
        lines.append(f"  From this follow {len(followers)}:")
        lines += [f"    {entry.severity.value:8}  {_where(entry)}{entry.title}" for entry in followers]
    return "\n".join(lines) + "\n"
