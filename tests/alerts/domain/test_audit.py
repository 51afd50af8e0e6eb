"""Every decision leaves a row: the final state rebuilt from decisions equals the stored one."""

import random
from datetime import timedelta

import pytest

from alerts.domain import audit, incidents, intake
from alerts.enums import Stage
from alerts.models import Decision, Incident, Signal
from srexpert.events import SignalCleared, SignalRaised
from srexpert.tenancy import acting_for
from tests.factories import alerts as make

SIGNALS = 1000
SEVERITIES = ["critical", "high", "medium", "low"]


def history(seed: int, signals: int = SIGNALS) -> list[SignalRaised | SignalCleared]:
    """1,000 signals over 60 conditions with changing causes, shuffled in windows, a tenth repeated or late."""
    rng = random.Random(seed)
    keys = [f"a/{n}" for n in range(60)]
    versions = dict.fromkeys(keys, 0)
    told: list[SignalRaised | SignalCleared] = []
    while len(told) < signals:
        at = make.AT + timedelta(seconds=len(told))
        if told and rng.random() < 0.1:
            told.append(rng.choice(told))
            continue
        key = rng.choice(keys)
        versions[key] += 1
        if rng.random() < 0.4:
            told.append(make.cleared(key, versions[key], at=at))
        else:
            cause = rng.choice([None, None, rng.choice(keys), f"never-reported/{rng.randrange(5)}"])
            severity = rng.choice(SEVERITIES)
            told.append(make.raised(key, versions[key], cause=cause, severity=severity, at=at))
    for start in range(0, signals, 25):
        window = told[start : start + 25]
        rng.shuffle(window)
        told[start : start + 25] = window
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_replay_of_1000_random_signals_equals_what_is_stored(cast, seed):
    rng = random.Random(seed)
    with acting_for(cast.northwind):
        make.policy([cast.responder], [cast.admin])
        for signal in history(seed):
            if isinstance(signal, SignalRaised):
                intake.take_raised(signal=signal)
            else:
                intake.take_cleared(signal=signal)
            if rng.random() < 0.05:
                _somebody_acts(rng, cast)
        decisions = list(Decision.objects.in_order())

        rebuilt = audit.replay(decisions)
        stored = audit.stored()

        assert rebuilt.alerts == stored.alerts
        assert rebuilt.incidents == stored.incidents
        # Nothing passed without a word: each delivery has a decision of its own, and there was something to see.
        assert sum(d.stage == Stage.RECEIVED for d in decisions) == SIGNALS
        assert all(d.reason for d in decisions)
        outcomes = {d.outcome for d in decisions}
        expected = {
            "duplicate",
            "stale",
            "fired",
            "ended",
            "opened",
            "joined",
            "merged",
            "resolved",
            "updated",
        }
        assert outcomes >= expected, expected - outcomes


def _somebody_acts(rng, cast):
    pick = rng.choice(list(Incident.objects.order_by("number")) or [None])
    act = rng.choice([incidents.acknowledge, incidents.resolve, incidents.reopen])
    words = {"reason": "looked again"} if act is incidents.reopen else {}
    if pick is not None:
        try:
            act(incident=pick, by=cast.responder, **words)
        except incidents.WrongStateError:
            return


def test_replay_notices_a_change_without_a_decision(cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        incident = make.fire()
        Incident.objects.filter(pk=incident.pk).update(title="Nothing to see")

        assert audit.replay(Decision.objects.in_order()) != audit.stored()


def test_open_incidents_hold_every_firing_alert_of_their_causes(cast):
    with acting_for(cast.northwind):
        make.policy([cast.responder])
        for signal in history(4, 300):
            take = intake.take_raised if isinstance(signal, SignalRaised) else intake.take_cleared
            take(signal=signal)

        for incident in Incident.objects.open():
            assert incident.alerts.firing().exists()
        assert not Incident.objects.open().filter(alerts=None).exists()
        assert Signal.objects.filter(outcome="").count() == 0
