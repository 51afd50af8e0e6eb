from hypothesis import given
from hypothesis import strategies as st

from clusters.analyzers import Cause, Finding, Severity, Status, root_of, roots
from clusters.analyzers.causes import settle


def finding(name, cause=None, *, analyzer="a", severity=Severity.HIGH, status=Status.FAILING):
    return Finding(
        analyzer=analyzer,
        severity=severity,
        kind="Pod",
        namespace="n",
        name=name,
        title=f"Pod {name}: x",
        detail="x.",
        fix="y",
        status=status,
        cause=Cause("Pod", "n", cause) if cause else None,
    )


def causes(findings):
    return [f.cause.name if f.cause else None for f in findings]


def test_a_cause_without_a_finding_is_dropped():
    assert causes(settle([finding("a", "missing"), finding("b", "b")])) == [None, None]


def test_a_cause_that_could_not_be_assessed_is_none():
    assert causes(settle([finding("a", "b"), finding("b", status=Status.NOT_ASSESSED)])) == [None, None]


def test_a_circle_is_opened_at_its_first_finding():
    assert causes(settle([finding("a", "b"), finding("b", "c"), finding("c", "a")])) == [None, "c", "a"]


def test_root_of_follows_the_chain_and_a_root_is_its_own():
    chain = [finding("a", "b"), finding("b", "c"), finding("c")]
    assert root_of(chain[0], chain) is chain[2]
    assert root_of(chain[2], chain) is chain[2]
    assert roots(chain) == [chain[2]]


def test_of_several_findings_of_an_object_the_root_speaks_for_it():
    follows = finding("b", "c", analyzer="x", severity=Severity.CRITICAL)
    own = finding("b", analyzer="y", severity=Severity.LOW)
    assert root_of(finding("a", "b"), [follows, own, finding("c")]) is own


names = st.sampled_from("abcdef")


@given(st.dictionaries(names, st.none() | names))
def test_after_settling_every_chain_ends_in_a_root(chains):
    findings = settle([finding(name, cause) for name, cause in sorted(chains.items())])
    for entry in findings:
        assert root_of(entry, findings).cause is None
