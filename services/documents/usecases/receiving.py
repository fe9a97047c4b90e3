"""Bytes on their way in: counted, digested, held to a pace; never more of them in memory than the stage holds."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final, Protocol

import filetype

from services.chassis.ports import Stage, TooLarge
from services.chassis.refusals import TOO_SLOW
from services.contracts.refusals.documents import EMPTY
from services.documents.domain.uploads import PDF, Rules, too_large

HEAD_BYTES: Final = 1024
"""What is enough of a file to recognise it by: readers of PDF look for its signature in so many."""
_PDF_SIGNATURE: Final = b"%PDF-"


class Body(Protocol):
    """The bytes of a request as they arrive."""

    async def readany(self) -> bytes:
        """Some bytes, none at the end; raises Refusal if the client went away or sends nonsense."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a client may be, in seconds and bytes per second."""

    deadline: float
    grace: float
    rate: int


@dataclass(frozen=True, slots=True)
class Received:
    """What came: its digest, its size and its first bytes."""

    sha256: str
    size: int
    head: bytes


async def receive(body: Body, stage: Stage, pace: Pace, rules: Rules) -> Received:
    """Take all bytes into the stage; raises EMPTY, TOO_LARGE as soon as one too many has come, TOO_SLOW."""
    begun = asyncio.get_running_loop().time()
    head = b""
    while chunk := await _read(body, begun, min(pace.deadline, pace.grace + stage.size / pace.rate)):
        head += chunk[: HEAD_BYTES - len(head)]
        try:
            await stage.write(chunk)
        except TooLarge:
            raise too_large(rules) from None
    if not stage.size:
        raise EMPTY()
    await stage.finish()
    return Received(stage.sha256, stage.size, head)


def recognise(head: bytes) -> str | None:
    """The media type that the first bytes of a file speak of; PDFs may have other bytes before their signature."""
    guessed: str | None = filetype.guess_mime(head)
    return PDF if guessed is None and _PDF_SIGNATURE in head else guessed


async def _read(body: Body, begun: float, seconds: float) -> bytes:
    try:
        async with asyncio.timeout_at(begun + seconds):
            return await body.readany()
    except TimeoutError:
        raise TOO_SLOW(seconds=math.ceil(seconds)) from None
