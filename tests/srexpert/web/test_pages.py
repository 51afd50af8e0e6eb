"""Keyset pages: all rows once, in order, whatever the size; a cursor that isn't ours is refused."""

import pytest

from accounts.models import Team
from srexpert.tenancy import acting_for
from srexpert.web.pages import BadCursor, keyset

pytestmark = pytest.mark.django_db


@pytest.fixture
def teams(cast):
    with acting_for(cast.northwind):
        for number in range(7):
            Team.objects.create(name=f"team-{number}")
        yield Team.objects.all()


@pytest.mark.parametrize("order", [["name"], ["-name"], ["organization_id", "-name"]])
@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_keyset_gives_every_row_once_in_order(teams, order, size):
    found, cursor = [], ""
    while True:
        page = keyset(teams, order=order, cursor=cursor, size=size)
        assert len(page.rows) <= size
        found += [team.name for team in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    names = [f"team-{number}" for number in range(7)]
    assert found == (names if not order[-1].startswith("-") else names[::-1])


def test_keyset_costs_one_query(teams, django_assert_num_queries):
    with django_assert_num_queries(1):
        keyset(teams, order=["name"], size=3)


@pytest.mark.parametrize(
    "cursor", ["x", "e30", "W1siYSJdLCAyXQ", "WyIwIiwgIlx1MDAwMCJd", "W0luZmluaXR5LCAieCJd", "====", "é"]
)
def test_keyset_refuses_a_cursor_that_is_not_ours(teams, cursor):
    with pytest.raises(BadCursor):
        keyset(teams, order=["organization_id", "name"], cursor=cursor)
