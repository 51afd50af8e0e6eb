"""Puts an alert where it belongs: alerts of one cause make one incident, in whatever order they arrive.

An alert names the condition that it follows from, so alerts form trees. A tree has one root: the last
condition of the chain, reported or not. The open incident of that root takes all of the tree; roots that
turn out to follow from another one bring their incidents with them.
"""

from dataclasses import dataclass, field

from alerts.domain import decisions, incidents, locks
from alerts.domain.causes import spoken
from alerts.enums import EntryKind, IncidentState, Stage
from alerts.models import Alert, Incident


@dataclass(slots=True)
class Tree:
    """What hangs together with an alert: its ancestors, nearest first, and all that follows from it."""

    root: str
    nodes: set[str]
    ancestors: list[Alert] = field(default_factory=list)
    descendants: list[Alert] = field(default_factory=list)


def tree_of(alert: Alert) -> Tree:
    """The tree around an alert, seen from it, among the alerts of open incidents."""
    tree = Tree(root=alert.fingerprint, nodes={alert.fingerprint})
    upward = alert.cause_fingerprint
    while upward and upward not in tree.nodes:
        tree.nodes.add(upward)
        tree.root = upward
        above = _live(upward)
        if above is None:
            break
        tree.ancestors.append(above)
        upward = above.cause_fingerprint
    else:
        if upward:  # the chain bites its tail: any fixed member may stand for it
            tree.root = min(tree.nodes)
    tree.descendants = followers({alert.fingerprint}, besides=tree.nodes)
    tree.nodes.update(follower.fingerprint for follower in tree.descendants)
    return tree


def _live(fingerprint: str) -> Alert | None:
    return Alert.objects.live().filter(fingerprint=fingerprint).order_by("-created_at").first()


def followers(of: set[str], *, besides: set[str]) -> list[Alert]:
    """All alerts of open incidents that follow from the given conditions, level by level."""
    found: list[Alert] = []
    seen, level = set(besides) | of, of
    while level:
        below = list(
            Alert.objects.live()
            .filter(cause_fingerprint__in=level)
            .exclude(fingerprint__in=seen)
            .order_by("pk")
        )
        found += below
        level = {alert.fingerprint for alert in below}
        seen |= level
    return found


def candidates(tree: Tree) -> list[Incident]:
    """The open incidents that the tree belongs to, locked: those of its conditions, else its nearest ancestor's."""
    rooted = list(
        Incident.objects.open().filter(root__in=tree.nodes).order_by("pk").values_list("pk", flat=True)
    )
    if not rooted and tree.ancestors:
        rooted = [tree.ancestors[0].incident_id]
    return locks.hold(rooted)


def survivor(choice: list[Incident]) -> Incident:
    """Which of several incidents goes on: one that somebody has, of these the oldest."""
    return min(choice, key=lambda incident: (incident.state != IncidentState.ACKNOWLEDGED, incident.number))


def place(*, alert: Alert) -> tuple[Incident, bool]:
    """Finds or opens the incident of a new alert, saves the alert into it, and brings related ones together.

    Gives the incident and whether it is new. Must run under `locks.hold_grouping`.
    """
    tree = tree_of(alert)
    found = candidates(tree)
    if found:
        target = survivor(found)
        reason = _why(alert, tree, target)
        outcome = "joined"
    else:
        target = incidents.open_for(alert=alert, root=tree.root)
        tree.descendants += followers({tree.root}, besides=tree.nodes)
        reason = f"no open incident has its cause; {target.label} opened"
        outcome = "opened"
    alert.incident = target
    alert.save(force_insert=True)
    _decide(outcome, alert, target, reason, tree)
    gather(alert=alert, tree=tree, target=target, others=found)
    return target, not found


def move(*, alert: Alert, target: Incident, reason: str) -> None:
    """Moves a saved alert into a locked incident of the same cause, for the given reason."""
    Alert.objects.filter(pk=alert.pk).update(incident=target)
    alert.incident = target
    _decide("moved", alert, target, reason, Tree(root=target.root, nodes={target.root}))
    incidents.refresh(incident=target)


def place_again(*, alert: Alert) -> Incident:
    """Looks whether a changed cause moves an alert, that is saved and in an open incident, to another one.

    It stays where it is unless another open incident shares its cause: a cause that merely went away
    (a node that healed before its pods) must not scatter an incident.
    """
    tree = tree_of(alert)
    own = locks.hold_one(alert.incident_id)
    others = [incident for incident in candidates(tree) if incident.pk != own.pk]
    belongs = own.root in tree.nodes
    if not others:
        _decide(
            "kept", alert, own, f"stays with {own.label}, since no other open incident has its cause", tree
        )
        incidents.refresh(incident=own, root=_root_after(own, tree))
        return own
    target = survivor([own, *others] if belongs else others)
    reason = _why(alert, tree, target)
    _decide("kept" if target.pk == own.pk else "moved", alert, target, reason, tree)
    if target.pk != own.pk:
        Alert.objects.filter(pk=alert.pk).update(incident=target)
        alert.incident = target
    gather(alert=alert, tree=tree, target=target, others=[own, *others] if belongs else others)
    if not belongs:
        incidents.settle(incident=own, into=target, reason=reason, alert=alert)
    return target


def _why(alert: Alert, tree: Tree, target: Incident) -> str:
    """Names the cause as the alert itself does: the cause's own title may be out of a reader's reach."""
    if tree.ancestors:
        return f"follows from {spoken(alert.cause or '')}, which is in {target.label}"
    if alert.cause_fingerprint:
        return f"follows from {spoken(alert.cause or '')}, as other alerts of {target.label} do"
    return f"is the cause of alerts in {target.label}"


def gather(*, alert: Alert, tree: Tree, target: Incident, others: list[Incident]) -> None:
    """Brings the tree's incidents and stray followers into the target, then sets its root, title and severity."""
    for other in others:
        if other.pk != target.pk:
            reason = f"'{alert.title}' links their causes"
            incidents.merge(source=other, into=target, reason=reason, alert=alert)
    merged = {other.pk for other in others} | {target.pk}
    strays = [follower for follower in tree.descendants if follower.incident_id not in merged]
    left = {incident.pk: incident for incident in locks.hold({stray.incident_id for stray in strays})}
    for stray in strays:
        Alert.objects.filter(pk=stray.pk).update(incident=target)
        _decide("moved", stray, target, f"what it follows from is in {target.label}", tree)
    for incident in left.values():
        reason = f"its alerts follow from '{alert.title}'"
        incidents.settle(incident=incident, into=target, reason=reason, alert=alert)
    incidents.refresh(incident=target, root=_root_after(target, tree))


def _root_after(target: Incident, tree: Tree) -> str:
    """The incident's root once the tree is in it: the tree's own, unless it is there for another cause."""
    return tree.root if target.root in tree.nodes else target.root


def _decide(outcome: str, alert: Alert, target: Incident, reason: str, tree: Tree) -> None:
    decisions.record(
        stage=Stage.GROUPED,
        outcome=outcome,
        subject=alert.title,
        reason=reason,
        inputs={
            "alert": str(alert.pk),
            "incident": str(target.pk),
            "number": target.number,
            "root": _root_after(target, tree),
        },
        alert=alert,
        incident=target,
    )
    if outcome == "moved":
        text = f"{alert.title}: moved here, {reason}"
        decisions.note(incident=target, kind=EntryKind.MERGED, text=text, alert=alert)
