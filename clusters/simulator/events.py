"""Records Events as the components of a cluster do: counted up when the same thing happens again, gone after an hour."""

from datetime import timedelta

from clusters.simulator.apiserver.resources import Registry
from clusters.simulator.apiserver.store import Object, Store, copy_of
from clusters.simulator.apiserver.writer import Actor, Writer
from clusters.simulator.clock import Clock, parse_stamp, stamp

_KEPT = timedelta(hours=1)
_MOST_REMEMBERED = 50_000


class Recorder:
    """Writes Events about objects."""

    def __init__(self, store: Store, writer: Writer, clock: Clock) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._resource = Registry().by_name("events")
        self._names: dict[tuple[str, str, str], tuple[str, str]] = {}

    def record(
        self,
        about: Object,
        reason: str,
        message: str,
        *,
        by: str,
        kind: str = "Normal",
        host: str = "",
        path: str = "",
    ) -> None:
        """Tell that something happened to an object; `by` is the component, `path` the field it's about."""
        metadata = about["metadata"]
        key = (metadata["uid"], reason, message)
        namespace = metadata.get("namespace") or "default"
        known = self._names.get(key)
        now = stamp(self._clock.now())
        if known is not None and (event := self._store.get("events", *known)) is not None:
            event = copy_of(event)
            event["count"] += 1
            event["lastTimestamp"] = now
            self._store.write("events", event)
            return
        if len(self._names) > _MOST_REMEMBERED:
            self._names.clear()
        regarding = {
            "kind": about["kind"], "namespace": metadata.get("namespace", ""), "name": metadata["name"],
            "uid": metadata["uid"], "apiVersion": about["apiVersion"],
            "resourceVersion": metadata.get("resourceVersion", ""), "fieldPath": path,
        }  # fmt: skip
        source = {"component": by, "host": host} if host else {"component": by}
        name = f"{metadata['name']}.{self._writer.random.getrandbits(64):016x}"
        event = {
            "kind": "Event", "apiVersion": "v1", "metadata": {"name": name, "namespace": namespace},
            "involvedObject": {field: value for field, value in regarding.items() if value},
            "reason": reason, "message": message, "source": source, "firstTimestamp": now, "lastTimestamp": now,
            "count": 1, "type": kind, "eventTime": None, "reportingComponent": by, "reportingInstance": host,
        }  # fmt: skip
        if self._store.get("namespaces", "", namespace) is None:
            return
        self._writer.create(self._resource, event, Actor(by))
        self._names[key] = (namespace, name)

    def forget_old(self) -> None:
        """Remove what is older than Kubernetes keeps events."""
        oldest = stamp(self._clock.now() - _KEPT)
        for event in self._store.all("events"):
            last = event.get("lastTimestamp") or event["metadata"]["creationTimestamp"]
            if parse_stamp(last) < parse_stamp(oldest):
                self._store.remove("events", event["metadata"]["namespace"], event["metadata"]["name"])
