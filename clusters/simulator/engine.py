"""Drives the controllers: a queue of what changed, timers, and one thread that works them off tick by tick."""

import heapq
import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol

from clusters.simulator.apiserver.store import Change, Key, Store
from clusters.simulator.clock import Clock

_log = logging.getLogger(__name__)
_TICK_SECONDS = 0.2  # the longest real wait between two looks at the timers


class Controller(Protocol):
    """Brings the stored objects towards what they ask for, one key at a time."""

    name: str

    def keys(self, resource: str, change: Change) -> Iterable[Key]:
        """Which keys of this controller a change concerns; called under the store's lock, so it must be quick."""
        ...

    def reconcile(self, key: Key) -> None:
        """Look at one key and do the next step, if there is one."""
        ...


class Engine:
    """The controllers' queue and timers. Deterministic: one thread, first come first served."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._controllers: dict[str, Controller] = {}
        self._queue: OrderedDict[tuple[str, Key], None] = OrderedDict()
        self._timers: list[tuple[float, int, Hashable, Callable[[], None]]] = []
        self._due_by_key: dict[Hashable, int] = {}
        self._numbers = itertools.count()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._turn = threading.RLock()
        self._thread: threading.Thread | None = None
        store.listen(self._noticed)

    def add(self, controller: Controller) -> None:
        """Let a controller hear of changes."""
        self._controllers[controller.name] = controller

    def enqueue(self, controller: str, key: Key) -> None:
        """Have a controller look at a key soon."""
        self._queue[controller, key] = None
        self._wake.set()

    def after(self, seconds: float, action: Callable[[], None], key: Hashable = None) -> None:
        """Do something in so many simulated seconds; a newer timer with the same key replaces the older one."""
        number = next(self._numbers)
        if key is not None:
            self._due_by_key[key] = number
        heapq.heappush(self._timers, (self._clock.elapsed() + seconds, number, key, action))
        self._wake.set()

    def cancel(self, key: Hashable) -> None:
        """Let the timer with this key not happen."""
        self._due_by_key.pop(key, None)

    def requeue_after(self, seconds: float, controller: str, key: Key) -> None:
        """Have a controller look at a key again in so many simulated seconds."""
        self.after(seconds, lambda: self.enqueue(controller, key), (controller, key))

    def tick(self) -> None:
        """Work off what is due now."""
        with self._turn:
            now = self._clock.elapsed()
            while self._timers and self._timers[0][0] <= now:
                self._fire()
            while self._queue:
                (name, key), _ = self._queue.popitem(last=False)
                self._guarded(lambda name=name, key=key: self._controllers[name].reconcile(key))  # type: ignore[misc]  # defaults bind the loop's values

    def settle(self, horizon: float) -> None:
        """Before the clock runs: jump from timer to timer until nothing is due within the horizon, in seconds."""
        end = self._clock.elapsed() + horizon
        self.tick()
        while self._timers and self._timers[0][0] <= end:
            self._clock.advance(max(self._timers[0][0] - self._clock.elapsed(), 0.0))
            self.tick()

    def start(self) -> None:
        """Begin to tick by itself."""
        self._thread = threading.Thread(target=self._run, name="controllers", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more ticks; returns when the last one is over."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def paused(self) -> threading.RLock:
        """A lock during which no controller runs."""
        return self._turn

    def _run(self) -> None:
        while not self._stop.is_set():
            self.tick()
            wait = _TICK_SECONDS
            if self._timers:
                wait = min(
                    wait, self._clock.real_seconds(max(self._timers[0][0] - self._clock.elapsed(), 0.0))
                )
            self._wake.wait(wait)
            self._wake.clear()

    def _fire(self) -> None:
        _, number, key, action = heapq.heappop(self._timers)
        if key is not None:
            if self._due_by_key.get(key) != number:
                return  # replaced or cancelled
            del self._due_by_key[key]
        self._guarded(action)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 -- see below
            # A controller that stumbles over one object must not stop the cluster, as in the real one.
            _log.exception("a controller failed")

    def _noticed(self, resource: str, change: Change) -> None:
        for name, controller in self._controllers.items():
            for key in controller.keys(resource, change):
                self._queue[name, key] = None
                self._wake.set()
