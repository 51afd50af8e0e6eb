"""One complete list of a resource, projected: the pairs for its manifest, the bodies compressed until it is sent.

Bodies are kept only while a sync runs, since the server asks for those that differ; zstd makes them about nine
times smaller, so that the alternative, listing again, would cost the API server more than this costs memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import msgspec
import zstandard

BLOCK_BYTES = 512 * 1024


class ProjectedObject(msgspec.Struct, array_like=True, frozen=True):
    """What may leave of one object: its uid, the hash of its projection, the projection as JSON bytes."""

    uid: str
    hash: str
    json: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[ProjectedObject]).decode


class Snapshot:
    """Filled page by page by one thread, then read by another; `finished` is called once when done with it."""

    def __init__(self, resource: str, *, finished: Callable[[], None] | None = None) -> None:
        self.resource = resource
        self.pairs: list[tuple[str, str]] = []
        self._blocks: list[bytes] = []
        self._open: list[ProjectedObject] = []
        self._open_bytes = 0
        self._finished = finished
        self._compressor = zstandard.ZstdCompressor(level=3)

    def add(self, item: ProjectedObject) -> None:
        """Add one object; the order of adding is the order of `pairs` and `objects`."""
        self.pairs.append((item.uid, item.hash))
        self._open.append(item)
        self._open_bytes += len(item.json)
        if self._open_bytes >= BLOCK_BYTES:
            self.close()

    def close(self) -> None:
        """Compress what is still open. Called after the last `add`."""
        if self._open:
            self._blocks.append(self._compressor.compress(_encode(self._open)))
            self._open, self._open_bytes = [], 0

    def clear(self) -> None:
        """Forget what was added: the list starts again."""
        self.pairs, self._blocks, self._open, self._open_bytes = [], [], [], 0

    def objects(self, wanted: Collection[str] | None = None) -> Iterator[ProjectedObject]:
        """The objects, or those with a wanted uid; one block of them is unpacked at a time."""
        self.close()
        decompressor = zstandard.ZstdDecompressor()
        for block in self._blocks:
            for item in _decode(decompressor.decompress(block)):
                if wanted is None or item.uid in wanted:
                    yield item

    @property
    def held_bytes(self) -> int:
        """Bytes of bodies held now."""
        return self._open_bytes + sum(map(len, self._blocks))

    def finish(self) -> None:
        """Drop the bodies and tell whoever waits for this snapshot's place. Safe to call again."""
        self._blocks, self._open, self._open_bytes = [], [], 0
        finished, self._finished = self._finished, None
        if finished is not None:
            finished()


@dataclass(frozen=True)
class Gone:
    """An object that was deleted."""

    uid: str
