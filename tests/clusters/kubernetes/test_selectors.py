from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusters.kubernetes.selectors import Operator, SelectorError, from_labels, from_object, parse

SHOP = {"app": "shop", "env": "prod", "tier": "web", "weight": "7"}


@pytest.mark.parametrize(
    ("written", "matches"),
    [
        ("", True),
        ("app=shop", True),
        ("app==shop", True),
        ("app!=shop", False),
        ("missing!=anything", True),
        ("app", True),
        ("!app", False),
        ("!missing", True),
        ("tier in (web, api)", True),
        ("tier notin (web,api)", False),
        ("missing notin (a)", True),
        ("weight>5", True),
        ("weight<5", False),
        ("app=shop,env!=dev,tier in (web,api),!legacy", True),
        ("app=", False),
        ("app.kubernetes.io/name=shop", False),
        ("in=out", False),
    ],
)
def test_parse_reads_kubectl_syntax(written, matches):
    assert parse(written).matches(SHOP) is matches


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("app=shop,", None),
        ("=shop", "column 1"),
        ("app=shop env=dev", "column 10"),
        ("tier in web", "column 9"),
        ("tier in (web", "column 13"),
        ("app=a/b", "column 5"),
        ("weight>x", "column 8"),
        ("a!", "column 2"),
    ],
)
def test_parse_says_where_it_went_wrong(written, place):
    if place is None:  # kubectl too takes a trailing comma for the end
        with pytest.raises(SelectorError):
            parse(written)
        return
    with pytest.raises(SelectorError, match=place):
        parse(written)


def test_from_object_joins_labels_and_expressions():
    selector = from_object(
        {
            "matchLabels": {"app": "shop"},
            "matchExpressions": [
                {"key": "env", "operator": "NotIn", "values": ["dev"]},
                {"key": "tier", "operator": "Exists"},
            ],
        }
    )
    assert selector is not None
    assert str(selector) == "app=shop,env!=dev,tier"
    assert selector.exact == {"app": "shop"}
    assert selector.matches(SHOP)
    assert not selector.matches({"app": "shop", "env": "dev", "tier": "web"})


def test_an_empty_selector_object_matches_all_and_an_absent_one_nothing():
    everything = from_object({})
    assert everything is not None
    assert everything.matches(SHOP)
    assert from_object(None) is None
    assert from_object({"matchExpressions": [{"key": "a", "operator": "Like"}]}) is None


def test_from_labels_is_none_where_a_service_selects_nothing():
    assert from_labels({}) is None
    assert from_labels(None) is None
    assert from_labels({"app": 3}) is None
    selector = from_labels({"b": "2", "a": "1"})
    assert selector is not None
    assert str(selector) == "a=1,b=2"


names = st.from_regex(r"[a-z]([a-z0-9-]{0,5}[a-z0-9])?", fullmatch=True).filter(
    lambda name: name not in ("in", "notin")
)


@given(
    st.lists(
        st.tuples(names, st.sampled_from(list(Operator)[:4]), st.lists(names, min_size=1, max_size=3)),
        max_size=4,
    )
)
def test_the_text_form_reads_back_the_same(requirements):
    selector = from_object(
        {
            "matchExpressions": [
                {"key": key, "operator": operator.value, "values": values if "In" in operator.value else []}
                for key, operator, values in requirements
            ]
        }
    )
    assert parse(str(selector)) == selector


@given(st.text(max_size=30))
def test_parse_raises_nothing_but_its_own_error(written):
    with suppress(SelectorError):
        parse(written)
