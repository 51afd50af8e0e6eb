import pytest

from clusters.simulator.apiserver import patches
from clusters.simulator.apiserver.statuses import ApiError


def test_merge_removes_nulls_and_replaces_lists() -> None:
    target = {"a": {"b": 1, "c": 2}, "list": [1, 2]}
    assert patches.merge(target, {"a": {"b": None, "d": 3}, "list": [3]}) == {
        "a": {"c": 2, "d": 3},
        "list": [3],
    }


def test_json_patch_refuses_a_failed_test() -> None:
    with pytest.raises(ApiError) as refused:
        patches.json_patch({"a": 1}, [{"op": "test", "path": "/a", "value": 2}])
    assert refused.value.code == 422


@pytest.mark.parametrize(
    "operations", [{"op": "add"}, [{"op": "nonsense", "path": "/a"}], [1], [{"op": "remove"}]]
)
def test_json_patch_refuses_what_is_not_a_patch(operations: object) -> None:
    with pytest.raises(ApiError):
        patches.json_patch({"a": 1}, operations)


def test_strategic_merges_containers_and_their_environment_by_name() -> None:
    target = {
        "containers": [{"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]
    }
    patch = {"containers": [{"name": "a", "image": "a:2", "env": [{"name": "Y", "value": "2"}]}]}
    assert patches.strategic(target, patch) == {
        "containers": [
            {"name": "a", "image": "a:2", "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]},
            {"name": "b"},
        ]
    }


def test_strategic_deletes_an_item_that_the_patch_marks() -> None:
    target = {"containers": [{"name": "a"}, {"name": "b"}]}
    assert patches.strategic(target, {"containers": [{"name": "b", "$patch": "delete"}]}) == {
        "containers": [{"name": "a"}]
    }


def test_strategic_replaces_where_the_patch_says_so() -> None:
    target = {
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
        "containers": [{"name": "a"}],
    }
    patch = {
        "strategy": {"$retainKeys": ["type"], "type": "Recreate"},
        "containers": [{"$patch": "replace"}, {"name": "b"}],
    }
    assert patches.strategic(target, patch) == {
        "strategy": {"type": "Recreate"},
        "containers": [{"name": "b"}],
    }


def test_strategic_keys_ports_by_number_and_protocol() -> None:
    target = {"ports": [{"port": 80, "protocol": "TCP", "targetPort": 8080}]}
    patch = {"ports": [{"port": 80, "targetPort": 9090}, {"port": 80, "protocol": "UDP"}]}
    assert patches.strategic(target, patch) == {
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 9090}, {"port": 80, "protocol": "UDP"}]
    }


def test_strategic_replaces_plain_lists_and_adds_to_finalizers() -> None:
    target = {"args": ["a"], "finalizers": ["one"]}
    assert patches.strategic(target, {"args": ["b"], "finalizers": ["two"]}) == {
        "args": ["b"], "finalizers": ["one", "two"]
    }  # fmt: skip


def test_strategic_leaves_its_target_as_it_was() -> None:
    target = {"containers": [{"name": "a", "image": "a:1"}]}
    patches.strategic(target, {"containers": [{"name": "a", "image": "a:2"}]})
    assert target == {"containers": [{"name": "a", "image": "a:1"}]}


@pytest.mark.parametrize(
    ("patch", "order"),
    [
        ("new,c", "new,a,b,c"), ("c,new,a", "b,c,new,a"), ("b", "a,b,c"), ("c,a", "b,c,a"), ("x,b,y", "x,a,b,y,c"),
    ],
)  # fmt: skip
def test_strategic_weaves_its_items_into_the_list(patch: str, order: str) -> None:
    def named(names: str) -> dict[str, list[dict[str, str]]]:
        return {"containers": [{"name": name} for name in names.split(",")]}

    assert patches.strategic(named("a,b,c"), named(patch)) == named(order)


def test_strategic_takes_an_order_that_the_patch_sets() -> None:
    target = {"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    patch = {
        "$setElementOrder/containers": [{"name": "c"}, {"name": "a"}, {"name": "b"}],
        "containers": [{"name": "a"}],
    }
    assert [item["name"] for item in patches.strategic(target, patch)["containers"]] == ["c", "a", "b"]
