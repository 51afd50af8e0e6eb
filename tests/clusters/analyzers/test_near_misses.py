import pytest

from clusters.analyzers.near_misses import alike, nearest
from clusters.kubernetes.inventory import Inventory
from clusters.kubernetes.selectors import parse
from tests.clusters.analyzers import objects as make


def candidates(*labels):
    return Inventory([make.pod(f"p{n}", labels=entry) for n, entry in enumerate(labels)]).of("Pod")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("catalog", "catalogue", True),
        ("Shop", "shop", True),
        ("chekcout", "checkout", True),
        ("payment", "payment-api", True),
        ("cart", "card", True),
        ("web", "api", False),
        ("v1", "v2", False),
        ("storefront", "checkout", False),
    ],
)
def test_alike_knows_slips_of_the_pen(one, other, same):
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_nearest_names_the_pair_that_differs():
    miss = nearest(parse("app=shop,tier=web"), candidates({"app": "x"}, {"app": "shop", "tier": "api"}))
    assert miss is not None
    assert (miss.resource.name, miss.key, miss.found, miss.typo) == ("p1", "tier", "api", False)
    assert miss.words == "Pod p1 carries tier=api, not tier=web"


def test_nearest_prefers_a_slip_of_the_pen_and_knows_sibling_keys():
    miss = nearest(
        parse("app=shop,tier=web"),
        candidates({"app": "shop"}, {"app": "shop", "tier": "wep"}, {"tier": "web", "app": "shoop"}),
    )
    assert miss is not None
    assert miss.words == "Pod p2 carries app=shoop, not app=shop"
    other = nearest(parse("app=shop"), candidates({"app.kubernetes.io/name": "shop"}))
    assert other is not None
    assert other.typo
    assert other.words == "Pod p0 carries app.kubernetes.io/name=shop, not app=shop"


def test_nearest_finds_nothing_where_nothing_is_near():
    assert nearest(parse("app=shop"), candidates({"app": "mail"}, {"release": "shop"})) is None
    assert nearest(parse("app"), candidates({"x": "y"})) is None
