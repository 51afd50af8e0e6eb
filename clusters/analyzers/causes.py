"""Keeps causes honest: each names an object that has a finding, no chain is a circle, each ends in one root."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from clusters.analyzers.base import Cause, Finding, Status


def by_subject(findings: Iterable[Finding]) -> dict[Cause, Finding]:
    """Return the failing finding of each object that others may name as cause.

    Where an object has several, its root comes first, then the worst: a cause names an object, not a finding.
    """
    found: dict[Cause, Finding] = {}
    for finding in findings:
        if finding.status is not Status.FAILING:
            continue
        other = found.get(finding.subject)
        if other is None or _weight(finding) < _weight(other):
            found[finding.subject] = finding
    return found


def _weight(finding: Finding) -> tuple[bool, int, str]:
    return finding.cause is not None, finding.severity.rank, finding.key


def settle(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with causes dropped that name no failing object, themselves, or close a circle."""
    subjects = by_subject(findings)
    settled = [
        replace(finding, cause=None)
        if finding.cause is not None and (finding.cause not in subjects or finding.cause == finding.subject)
        else finding
        for finding in findings
    ]
    subjects = by_subject(settled)
    for index, finding in enumerate(settled):
        if finding.cause is not None and _circles(finding, subjects):
            settled[index] = replace(finding, cause=None)
            subjects = by_subject(settled)
    return settled


def _circles(finding: Finding, subjects: dict[Cause, Finding]) -> bool:
    passed = {finding.subject}
    cause = finding.cause
    while cause is not None:
        if cause in passed:
            return True
        passed.add(cause)
        cause = subjects[cause].cause if cause in subjects else None
    return False


def root_of(finding: Finding, findings: Iterable[Finding]) -> Finding:
    """Return the finding at the end of a finding's chain of causes: itself where it has none."""
    subjects = by_subject(findings)
    passed = {finding.key}
    while finding.cause is not None and finding.cause in subjects:
        finding = subjects[finding.cause]
        if finding.key in passed:
            break
        passed.add(finding.key)
    return finding


def roots(findings: Iterable[Finding]) -> list[Finding]:
    """Return the failing findings that follow from nothing else, in the order given."""
    return [finding for finding in findings if finding.status is Status.FAILING and finding.cause is None]
