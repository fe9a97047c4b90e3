"""Bytes that are served are those that were stored: digest and size are looked at while they pass."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator

from services.chassis.ports import ObjectsUnavailable


class DamagedObject(ObjectsUnavailable):
    """An object is there and is not what it was when it was stored."""


async def whole(chunks: AsyncIterator[bytes], *, size: int, sha256: str) -> AsyncGenerator[bytes]:
    """The same chunks; the last one only once all together are `size` bytes of this digest, else DamagedObject.

    Who passes them on has therefore never passed on all of a damaged object. Holds two chunks at most. Raises what
    `chunks` raises.
    """
    digest, left, held = hashlib.sha256(), size, b""
    async for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise DamagedObject(f"more than {size} bytes")
        if held:
            yield held
        digest.update(chunk)
        held = chunk
    if left:
        raise DamagedObject(f"{left} of {size} bytes are missing")
    if digest.hexdigest() != sha256:
        raise DamagedObject("other bytes than were stored")
    if held:
        yield held
