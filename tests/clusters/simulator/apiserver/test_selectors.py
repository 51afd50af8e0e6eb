import pytest

from clusters.simulator.apiserver import selectors
from clusters.simulator.apiserver.resources import Registry
from clusters.simulator.apiserver.statuses import ApiError

PODS = Registry().by_name("pods")
POD = {
    "metadata": {"name": "a", "namespace": "shop"},
    "spec": {"nodeName": "n3"},
    "status": {"phase": "Running"},
}


@pytest.mark.parametrize(
    ("text", "selected"),
    [("metadata.name=a", True), ("metadata.name==b", False), ("spec.nodeName=n3,status.phase!=Failed", True),
     ("spec.nodeName!=n3", False), ("spec.hostNetwork=false", True), ("status.podIP=", True)],
)  # fmt: skip
def test_field_selector_compares_the_fields_of_pods(text: str, selected: bool) -> None:
    test = selectors.field_selector(text, PODS)
    assert test is not None
    assert test(POD) is selected


@pytest.mark.parametrize("text", ["spec.replicas=1", "metadata.labels.app=a", "nonsense"])
def test_field_selector_refuses_other_fields(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        selectors.field_selector(text, PODS)
    assert refused.value.code == 400


def test_label_selector_refuses_what_it_cannot_read() -> None:
    with pytest.raises(ApiError, match="unable to parse requirement"):
        selectors.label_selector("a b c")


def test_empty_selectors_ask_for_nothing() -> None:
    assert selectors.label_selector("") is None
    assert selectors.field_selector("", PODS) is None


def test_as_text_writes_every_operator() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["web", "api"]}, {"key": "env", "operator": "NotIn", "values": ["dev"]},
        {"key": "team", "operator": "Exists"}, {"key": "old", "operator": "DoesNotExist"},
    ]  # fmt: skip
    text = selectors.as_text({"matchLabels": {"app": "a"}, "matchExpressions": expressions})
    assert text == "app=a,tier in (api,web),env notin (dev),team,!old"
