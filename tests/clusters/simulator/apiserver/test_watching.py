from itertools import islice

from kubernetes import client, watch

from tests.clusters.simulator.calling import Caller, config_map

MAPS = "/api/v1/namespaces/default/configmaps"


def _version(admin: Caller, path: str = MAPS) -> str:
    return admin.get(path, limit=1)["metadata"]["resourceVersion"]


def test_watch_resumes_behind_the_version_it_names(admin: Caller) -> None:
    start = _version(admin)
    made = admin.create(MAPS, config_map("w1"))
    changed = admin.patch(f"{MAPS}/w1", {"data": {"a": "b"}})
    admin.delete(f"{MAPS}/w1")
    with admin.watch(MAPS, resourceVersion=start) as events:
        seen = list(islice(events, 3))
    assert [event["type"] for event in seen] == ["ADDED", "MODIFIED", "DELETED"]
    assert seen[0]["object"] == made
    assert seen[1]["object"] == changed
    assert int(seen[2]["object"]["metadata"]["resourceVersion"]) > int(changed["metadata"]["resourceVersion"])
    with admin.watch(MAPS, resourceVersion=changed["metadata"]["resourceVersion"]) as events:
        assert next(events) == seen[2]


def test_watch_waits_for_what_comes(admin: Caller) -> None:
    with admin.watch(MAPS, resourceVersion=_version(admin)) as events:
        made = admin.create(MAPS, config_map("w2"))
        assert next(events) == {"type": "ADDED", "object": made}


def test_watch_without_a_version_begins_with_what_is_there(admin: Caller) -> None:
    admin.create(MAPS, config_map("w3"))
    with admin.watch(MAPS, fieldSelector="metadata.name=w3") as events:
        first = next(events)
    assert (first["type"], first["object"]["metadata"]["name"]) == ("ADDED", "w3")


def test_watch_with_initial_events_marks_their_end(admin: Caller) -> None:
    query = {
        "sendInitialEvents": "true",
        "allowWatchBookmarks": "true",
        "resourceVersionMatch": "NotOlderThan",
    }
    with admin.watch("/api/v1/nodes", **query) as events:
        seen = list(islice(events, 6))
    assert [event["type"] for event in seen] == ["ADDED"] * 5 + ["BOOKMARK"]
    assert seen[5]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_bookmarks_carry_a_version_to_resume_from(admin: Caller) -> None:
    with admin.watch(
        "/api/v1/namespaces", resourceVersion=_version(admin), allowWatchBookmarks="true"
    ) as events:
        made = admin.create(MAPS, config_map("w4"))
        bookmark = next(
            e
            for e in events
            if int(e["object"]["metadata"]["resourceVersion"]) >= int(made["metadata"]["resourceVersion"])
        )
    assert (bookmark["type"], bookmark["object"]["kind"]) == ("BOOKMARK", "Namespace")
    version = bookmark["object"]["metadata"]["resourceVersion"]
    assert admin.request("GET", "/api/v1/namespaces", resourceVersion=version).status_code == 200


def test_watch_without_bookmarks_gets_none(admin: Caller) -> None:
    with admin.watch("/api/v1/namespaces", resourceVersion=_version(admin), timeoutSeconds=1) as events:
        assert list(events) == []


def test_forgotten_version_is_told_as_410_in_the_stream(admin: Caller) -> None:
    start = _version(admin)
    admin.request("POST", "/_sim/compact")
    with admin.watch(MAPS, resourceVersion=start) as events:
        told = list(events)
    assert [event["type"] for event in told] == ["ERROR"]
    assert (told[0]["object"]["code"], told[0]["object"]["reason"]) == (410, "Expired")


def test_compaction_ends_an_idle_watch_of_an_older_version(admin: Caller) -> None:
    with admin.watch(MAPS, resourceVersion=_version(admin), timeoutSeconds=20) as events:
        admin.request("POST", "/_sim/compact")
        admin.create(MAPS, config_map("after-compaction"))
        first = next(events)
    assert first["type"] in ("ADDED", "ERROR")  # it had caught up to the compaction, or it hadn't


def test_objects_come_into_view_and_leave_it_with_their_labels(admin: Caller) -> None:
    with admin.watch(MAPS, resourceVersion=_version(admin), labelSelector="seen=yes") as events:
        admin.create(MAPS, config_map("w5"))
        for labels in ({"seen": "yes"}, {"seen": "yes", "more": "1"}, {"seen": "no"}):
            admin.patch(f"{MAPS}/w5", {"metadata": {"labels": labels}})
        assert [event["type"] for event in islice(events, 3)] == ["ADDED", "MODIFIED", "DELETED"]


def test_watch_of_one_namespace_hears_nothing_of_others(admin: Caller) -> None:
    with admin.watch("/api/v1/namespaces/shop/configmaps", resourceVersion=_version(admin)) as events:
        admin.create(MAPS, config_map("w6"))
        made = admin.create("/api/v1/namespaces/shop/configmaps", config_map("w6"))
        assert next(events)["object"] == made


def test_watch_of_metadata_carries_no_data(admin: Caller) -> None:
    accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    admin.http.headers["Accept"] = accept
    try:
        with admin.watch("/api/v1/namespaces/shop/secrets") as events:
            first = next(events)["object"]
    finally:
        del admin.http.headers["Accept"]
    assert set(first) == {"kind", "apiVersion", "metadata"}


def test_official_client_watches(kubernetes_client: client.ApiClient) -> None:
    stream = watch.Watch().stream(client.CoreV1Api(kubernetes_client).list_node, timeout_seconds=5)
    assert sorted(event["object"].metadata.name for event in islice(stream, 5)) == [
        "n1",
        "n2",
        "n3",
        "n4",
        "n5",
    ]
