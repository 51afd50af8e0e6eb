"""Snapshots keep order, bytes and pairs, small, and tell once when they are done with."""

from hypothesis import given
from hypothesis import strategies as st

from clusters.agent.snapshots import ProjectedObject, Snapshot


@given(st.lists(st.binary(max_size=200), max_size=50), st.sets(st.integers(0, 60)))
def test_objects_gives_the_wanted_ones_byte_for_byte_in_order(bodies, wanted):
    items = [ProjectedObject(str(number), f"{number:032x}", body) for number, body in enumerate(bodies)]
    snapshot = Snapshot("pods")
    for each in items:
        snapshot.add(each)
    names = {str(number) for number in wanted}
    assert list(snapshot.objects(names)) == [each for each in items if each.uid in names]
    assert list(snapshot.objects()) == items
    assert snapshot.pairs == [(each.uid, each.hash) for each in items]


def test_held_bytes_are_a_fraction_of_similar_bodies():
    snapshot = Snapshot("pods")
    body = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-%d"},"spec":{"containers":[{"name":"main"}]}}'
    raw = 0
    for number in range(20_000):
        text = body % number
        raw += len(text)
        snapshot.add(ProjectedObject(str(number), f"{number:032x}", text))
    snapshot.close()
    assert snapshot.held_bytes < raw / 4


def test_clear_starts_the_list_again():
    snapshot = Snapshot("pods")
    snapshot.add(ProjectedObject("a", "0" * 32, b"{}"))
    snapshot.clear()
    snapshot.add(ProjectedObject("b", "0" * 32, b"{}"))
    assert [each.uid for each in snapshot.objects()] == ["b"]
    assert snapshot.pairs == [("b", "0" * 32)]


def test_finish_tells_once_and_drops_the_bodies():
    told = []
    snapshot = Snapshot("pods", finished=lambda: told.append(1))
    snapshot.add(ProjectedObject("a", "0" * 32, b"{}"))
    snapshot.finish()
    snapshot.finish()
    assert told == [1]
    assert snapshot.held_bytes == 0
