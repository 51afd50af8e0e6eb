"""Coalescing, the bound, and what a snapshot does to what was queued before it."""

import json

from hypothesis import given
from hypothesis import strategies as st

from clusters.agent.delta_queue import BATCH_OBJECTS, Change, DeltaQueue
from clusters.agent.snapshots import Gone, ProjectedObject, Snapshot


def item(uid: str, text: str = "") -> ProjectedObject:
    return ProjectedObject(uid=uid, hash="0" * 32, json=json.dumps({"text": text}).encode())


def following(queue: DeltaQueue, *resources: str) -> None:
    """Let the queue take changes of these, as after their first list was sent."""
    for resource in resources:
        queue.offer(Snapshot(resource))
        taken = queue.take()
        assert isinstance(taken, Snapshot)
        taken.finish()


def drained(queue: DeltaQueue) -> list[Change]:
    changes: list[Change] = []
    while batch := queue.take():
        assert isinstance(batch, list)
        changes += batch
    return changes


def test_put_keeps_only_the_latest_state_of_an_object():
    queue = DeltaQueue()
    following(queue, "pods")
    queue.put("pods", item("a", "old"))
    queue.put("pods", item("b"))
    queue.put("pods", item("a", "new"))
    queue.put("pods", Gone("b"))
    assert drained(queue) == [Change("pods", item("a", "new")), Change("pods", Gone("b"))]
    assert queue.coalesced == 2
    assert queue.held_bytes == 0


def test_put_before_the_first_snapshot_keeps_nothing():
    queue = DeltaQueue()
    queue.put("pods", item("a"))
    assert (queue.pending, queue.held_bytes, drained(queue)) == (0, 0, [])


def test_offer_drops_what_was_queued_and_goes_first():
    queue = DeltaQueue()
    following(queue, "pods", "nodes")
    queue.put("pods", item("a", "older than the list"))
    queue.put("nodes", item("n"))
    snapshot = Snapshot("pods")
    queue.offer(snapshot)
    queue.put("pods", item("a", "newer than the list"))
    assert queue.take() is snapshot
    assert sorted(drained(queue), key=lambda change: change.resource) == [
        Change("nodes", item("n")),
        Change("pods", item("a", "newer than the list")),
    ]


def test_offer_replaces_an_unsent_snapshot_and_gives_its_place_back():
    queue = DeltaQueue()
    finished = []
    queue.offer(Snapshot("pods", finished=lambda: finished.append("first")))
    queue.offer(Snapshot("pods", finished=lambda: finished.append("second")))
    assert finished == ["first"]
    last = queue.take()
    assert isinstance(last, Snapshot)
    assert queue.take() == []


def test_over_the_bound_bodies_go_and_the_resource_is_marked():
    queue = DeltaQueue(bound=50_000)
    following(queue, "pods", "nodes")
    queue.put("nodes", item("n"))
    for number in range(200):
        queue.put("pods", item(f"p{number}", "x" * 1_000))
        assert queue.held_bytes <= 50_000
    assert queue.overflows == 1
    assert drained(queue) == [Change("nodes", item("n"))]
    assert queue.take_overflowed() == {"pods"}
    assert queue.take_overflowed() == set()


def test_a_snapshot_clears_the_mark_of_an_overflow():
    queue = DeltaQueue(bound=1_000)
    following(queue, "pods")
    queue.put("pods", item("a", "x" * 2_000))
    queue.offer(Snapshot("pods"))
    assert queue.take_overflowed() == set()


def test_await_snapshot_forgets_changes_and_unsent_snapshots():
    queue = DeltaQueue()
    finished = []
    following(queue, "pods")
    queue.put("pods", item("a"))
    queue.offer(Snapshot("nodes", finished=lambda: finished.append("nodes")))
    queue.await_snapshot(["pods", "nodes"])
    queue.put("pods", item("b"))
    assert queue.take() == []
    assert finished == ["nodes"]


def test_take_gives_bounded_batches_and_each_resource_its_turn():
    queue = DeltaQueue()
    following(queue, "pods", "nodes")
    for number in range(3 * BATCH_OBJECTS):
        queue.put("pods", item(f"p{number}"))
    queue.put("nodes", item("n"))
    first, second = queue.take(), queue.take()
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert len(first) == BATCH_OBJECTS
    assert second[0] == Change("nodes", item("n"))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pods", "nodes"]),
            st.sampled_from("abc"),
            st.one_of(st.none(), st.text(max_size=5)),
        )
    )
)
def test_drained_changes_lead_to_the_same_state_as_all_of_them(steps):
    queue = DeltaQueue()
    following(queue, "pods", "nodes")
    expected: dict[tuple[str, str], str | None] = {}
    for resource, uid, text in steps:
        queue.put(resource, Gone(uid) if text is None else item(uid, text))
        expected[resource, uid] = text
    seen = {
        (change.resource, change.state.uid): None
        if isinstance(change.state, Gone)
        else json.loads(change.state.json)["text"]
        for change in drained(queue)
    }
    assert seen == expected
