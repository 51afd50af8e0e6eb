from clusters.kubernetes.inventory import Inventory
from clusters.kubernetes.selectors import parse


def thing(kind, name, namespace="shop", version="v1", **metadata):
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, **metadata},
    }


def test_objects_are_found_by_kind_namespace_and_name_in_order():
    inventory = Inventory([thing("Pod", "b"), thing("Pod", "a"), thing("Pod", "a", "other")])
    assert [(pod.namespace, pod.name) for pod in inventory.of("Pod")] == [
        ("other", "a"),
        ("shop", "a"),
        ("shop", "b"),
    ]
    assert [pod.name for pod in inventory.within("Pod", "shop")] == ["a", "b"]
    assert inventory.get("Pod", "shop", "c") is None


def test_lists_are_taken_apart_and_typed_lists_complete_their_items():
    typed = {"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "a", "namespace": "n"}}]}
    mixed = {"kind": "List", "apiVersion": "v1", "items": [thing("Service", "s"), typed, 7]}
    inventory = Inventory([mixed])
    assert inventory.get("Pod", "n", "a") is not None
    assert inventory.get("Service", "shop", "s") is not None


def test_an_empty_typed_list_says_that_none_exists():
    assert Inventory([{"kind": "PodList", "apiVersion": "v1", "items": []}]).given("Pod")
    assert not Inventory([{"kind": "List", "apiVersion": "v1", "items": []}]).given("Pod")
    assert Inventory([], collected=["Pod"]).given("Pod")
    assert not Inventory([thing("Pod", "a")]).given("Pod", "Node")


def test_a_kind_of_another_group_is_another_kind():
    inventory = Inventory([thing("Service", "s", version="serving.knative.dev/v1")])
    assert not inventory.given("Service")
    assert inventory.of("Service.serving.knative.dev")


def test_owners_are_followed_by_uid_and_a_namesake_is_not_the_owner():
    reference = {"kind": "ReplicaSet", "name": "web-1", "uid": "old", "controller": True}
    pod = thing("Pod", "web-1-a", ownerReferences=[reference])
    former = Inventory([thing("ReplicaSet", "web-1", version="apps/v1", uid="old"), pod])
    owner = former.get("ReplicaSet", "shop", "web-1")
    assert owner is not None
    assert [child.name for child in former.owned_by(owner, "Pod")] == ["web-1-a"]
    later = Inventory([thing("ReplicaSet", "web-1", version="apps/v1", uid="new"), pod])
    assert later.owner_of(later.of("Pod")[0]) is None


def test_kinds_that_are_only_named_as_owners_are_known_to_be_absent():
    pod = thing("Pod", "a", ownerReferences=[{"kind": "ReplicaSet", "name": "r", "uid": "1"}])
    assert Inventory([pod]).absent_owner_kinds == {"ReplicaSet"}
    assert Inventory([pod], collected=["ReplicaSet"]).absent_owner_kinds == frozenset()


def test_select_stays_within_the_namespace():
    pods = [thing("Pod", f"p{i}", labels={"app": "shop", "n": str(i)}) for i in range(5)]
    inventory = Inventory([*pods, thing("Pod", "p0", "other", labels={"app": "shop"})])
    assert [pod.name for pod in inventory.select("Pod", "shop", parse("app=shop,n!=2"))] == [
        "p0",
        "p1",
        "p3",
        "p4",
    ]
    assert inventory.select("Pod", "shop", parse("app=none")) == []


def test_an_object_given_twice_counts_once_and_the_later_wins():
    inventory = Inventory([thing("Pod", "a", labels={"v": "1"}), thing("Pod", "a", labels={"v": "2"})])
    assert [pod.labels for pod in inventory.of("Pod")] == [{"v": "2"}]


def test_what_is_no_object_is_passed_over():
    inventory = Inventory(
        [None, 3, "x", {}, {"kind": 3}, {"kind": "Pod"}, {"kind": "Pod", "metadata": []}, [[]]]
    )
    assert inventory.of("Pod") == []
