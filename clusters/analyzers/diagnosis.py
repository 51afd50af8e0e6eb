"""Runs all analyzers over the objects of one cluster and returns their findings, roots and severities first."""

from collections.abc import Iterable
from datetime import UTC, datetime

from clusters.analyzers import catalogue
from clusters.analyzers.base import Analyzer, Finding, Severity, Status
from clusters.analyzers.causes import settle
from clusters.analyzers.examination import Examination
from clusters.kubernetes import fields
from clusters.kubernetes.inventory import Inventory

# The kind under which an analyzer that failed is told of.
UNJUDGED_KIND = "Analyzer"


def diagnose(
    objects: Iterable[object], now: datetime | None = None, *, collected: Iterable[str] | None = None
) -> list[Finding]:
    """Return what is wrong with these Kubernetes objects, in an order that depends on them alone.

    `objects` are manifests or projections, lists among them are taken apart; what is no object is passed over.
    `now` is when they were read: by default the present, or the latest time seen in them if that lies ahead.
    `collected` names kinds known to be complete even where none exists ("Pod"), as an agent reports them; without
    it a kind counts as given when one object or an empty list of it is there.
    """
    inventory = Inventory(objects, collected)
    examination = Examination(inventory, _utc(now) if now is not None else _present(inventory))
    found = {
        finding.key: finding
        for analyzer in catalogue.analyzers()
        for finding in _judged(analyzer, examination)
    }
    return sorted(settle([found[key] for key in sorted(found)]), key=_order)


def _judged(analyzer: Analyzer, examination: Examination) -> list[Finding]:
    """What one analyzer finds; an error of it silences itself only, and is told as not assessed."""
    try:
        return list(analyzer.judge(examination))
    except Exception as error:  # noqa: BLE001 -- objects come from anywhere, and nine analyzers are better than none
        return [
            Finding(
                analyzer=analyzer.name,
                status=Status.NOT_ASSESSED,
                severity=Severity.LOW,
                kind=UNJUDGED_KIND,
                namespace="",
                name=analyzer.name,
                title=f"The analyzer {analyzer.name} could not judge these objects",
                detail=f"It failed with {type(error).__name__}; what it found before stays as it was.",
                fix="Tell the maintainers, with the objects if they may be shown.",
            )
        ]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _present(inventory: Inventory) -> datetime:
    """Return the present; a snapshot from a cluster whose clock is ahead must not look newly born."""
    latest = datetime.now(UTC)
    for kind in ("Pod", "Node", "Event", "Deployment"):
        for resource in inventory.of(kind):
            for at in (
                fields.moment(resource.body, "metadata", "creationTimestamp"),
                fields.moment(resource.body, "lastTimestamp"),
                *(
                    fields.moment(condition, "lastTransitionTime")
                    for _, condition in fields.indexed(resource.body, "status", "conditions")
                ),
            ):
                if at is not None and at > latest:
                    latest = at
    return latest


def _order(finding: Finding) -> tuple[bool, bool, int, str]:
    return finding.status.value != "failing", finding.cause is not None, finding.severity.rank, finding.key
