"""Whose an object store is: its bytes and the rows that speak of them carry one name, so that another is known.

The name is a row of the service's own store, begun before it is written to the object store and settled after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NoReturn

import structlog

from services.chassis.ports import DuplicateKey, Ids, ObjectExists, Objects, ObjectsUnavailable, Store
from services.chassis.service.identity import IDENTITY, WrongStores

log = structlog.get_logger()

KEY: Final = "identity/objects"
"""The object that holds the name."""
SAMPLE: Final = 20
"""Bytes that rows speak of and that are looked for where nothing has a name yet, as 0.1.0 left it."""
LOOK_SECONDS: Final = 60.0

_ID: Final = "objects"
_LENGTH: Final = 26

Held = Callable[[int], Awaitable[Sequence[str]]]
"""Answers up to so many keys of objects that must be there."""


async def claim_objects(store: Store, objects: Objects, held: Held, ids: Ids) -> None:
    """Make sure that an object store is the one that a service's store speaks of, and have a new one say so.

    Raises WrongStores for one that is empty or another's, ObjectsUnavailable. One to which no release gave a name is taken
    as it is if it has what the rows speak of.
    """
    while True:
        said, name = await store.get(IDENTITY.name, _ID), await _name_of(objects)
        if said is None:
            await _begin(store, name or ids.new(), refuse=await _why_not(objects, held, name))
        elif name == said["suite"]:
            if not said["settled"]:
                await store.replace(IDENTITY.name, said | {"settled": True, "version": 2}, version=1)
            return
        elif name is not None:
            _refuse("belongs to another suite")
        elif said["settled"]:
            _refuse("is empty, or another than it was")
        else:
            await _write(objects, said["suite"])


async def wrong_objects(store: Store, objects: Objects) -> list[str]:
    """A line if an object store is not the one that it was; changes nothing."""
    said = await store.get(IDENTITY.name, _ID)
    if said is None or not said["settled"] or await _name_of(objects) == said["suite"]:
        return []
    return ["the object store is empty, or another than it was"]


async def keep_looking(store: Store, objects: Objects, held: Held, ids: Ids) -> None:
    """Look every minute, until cancelled; raises WrongStores when it is another: it may be mounted, or named, otherwise."""
    while True:
        await claim_objects(store, objects, held, ids)
        await asyncio.sleep(LOOK_SECONDS)


async def claim_if_there(store: Store, objects: Objects, held: Held, ids: Ids) -> None:
    """The same for a start, which an object store that is away does not hold up; raises WrongStores."""
    try:
        await claim_objects(store, objects, held, ids)
    except ObjectsUnavailable as error:
        log.warning("objects.not-known-yet", why=str(error))


async def _why_not(objects: Objects, held: Held, name: str | None) -> str:
    """Why an object store may not be taken for that of rows that do not name it; empty if it may."""
    keys = await held(SAMPLE)
    for key in keys:
        if await objects.info(key) is not None:
            return ""
    if keys:
        return "has none of the objects that it should have"
    return "belongs to another suite" if name is not None else ""


async def _begin(store: Store, name: str, *, refuse: str) -> None:
    if refuse:
        _refuse(refuse)
    try:
        await store.insert(IDENTITY.name, {"_id": _ID, "version": 1, "suite": name, "settled": False})
    except DuplicateKey:
        return  # another process has begun


async def _write(objects: Objects, name: str) -> None:
    try:
        async with objects.stage(_LENGTH) as stage:
            await stage.write(name.encode())
            await stage.commit(KEY, "text/plain")
    except ObjectExists:
        return  # another process was faster


async def _name_of(objects: Objects) -> str | None:
    try:
        return b"".join([chunk async for chunk in objects.read(KEY)]).decode(errors="replace")
    except KeyError:
        return None


def _refuse(why: str) -> NoReturn:
    raise WrongStores([f"the object store {why}"])
