"""Which suite a store belongs to and whose it is, so that a missing, foreign, swapped or damaged one is refused at start.

Each store says it in a document of its own. What belongs together says a manifest beside the stores where they are files;
where they are databases of a server, of which a service sees its own alone, PARVIS_SUITE says it.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.chassis.events.inbox import INBOX
from services.chassis.ports import Collection, DuplicateKey, Ids, Range, Store, StoreUnavailable
from services.chassis.store.manifest import Manifest, read_manifest, write_manifest

IDENTITY: Final = Collection("identity")
LOOK_SECONDS: Final = 10.0
"""How long a start looks for damage in each store; `parvis verify` looks to the end."""

_ID: Final = "suite"
_HELP: Final = "Nothing was changed. Put back what belongs here, or restore a backup (docs/operations/backup.md)."


class WrongStores(Exception):
    """Stores that do not belong together, are missing or damaged; `lines` names each of them."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines)
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n  ".join(["the stores are not those of one whole suite:", *self.lines, _HELP])


@dataclass(frozen=True, slots=True)
class Identity:
    """What a store says of itself; `suite` is empty until somebody has given it a name (`parvis suite begin`)."""

    suite: str
    service: str


async def identity_of(store: Store) -> Identity | None:
    """What a store says of itself; None if it has never been asked to."""
    said = await store.get(IDENTITY.name, _ID)
    return None if said is None else Identity(said["suite"], said["service"])


async def mark(store: Store, identity: Identity) -> Identity:
    """Have a store say that of itself unless it says more already; answer what it says then."""
    document = {"_id": _ID, "version": 1, "suite": identity.suite, "service": identity.service}
    try:
        await store.insert(IDENTITY.name, document)
    except DuplicateKey:
        there = await identity_of(store)
        if there == Identity("", identity.service) and identity.suite:
            await store.replace(IDENTITY.name, document | {"version": 2}, version=1)
        return await identity_of(store) or identity
    return identity


async def claim(stores: Mapping[str, Store], *, folder: Path | None, suite: str, ids: Ids) -> None:
    """Make sure that these stores, by service, belong to one suite, and have new ones say so; raises WrongStores.

    `folder` is where they are files. `suite` is the name that the settings give, or empty. Those of a release that gave no
    identities are taken as they are, unless one has heard from another that is not there.
    """
    look = await _look_at(tuple(stores), stores, folder, suite, to_start=True)
    if look.wrong:
        raise WrongStores(look.wrong)
    await _settle(stores, folder, look.known, look.suite or (ids.new() if folder else ""))


async def wrong_stores(
    names: Sequence[str], stores: Mapping[str, Store], *, folder: Path | None, suite: str
) -> list[str]:
    """A line for each store that is missing, strange or damaged; reads everything, and changes nothing.

    `names` are all services; `stores` are those that could be opened, with their collections declared.
    """
    return (await _look_at(names, stores, folder, suite, to_start=False)).wrong


@dataclass(frozen=True, slots=True)
class _Look:
    """What came of looking: what the manifest says, whose suite it is, and what is wrong."""

    known: Manifest
    suite: str
    wrong: list[str]


async def _look_at(
    names: Sequence[str], stores: Mapping[str, Store], folder: Path | None, suite: str, *, to_start: bool
) -> _Look:
    manifest = await asyncio.to_thread(read_manifest, folder) if folder else None
    known = manifest or Manifest(suite, tuple(names) if suite else ())
    there = {name: store for name, store in stores.items() if folder is None or _file(folder, name).exists()}
    wrong = [f"{_named(name, folder)} is not there" for name in names if name in known.services and name not in there]
    if suite and known.suite != suite:
        wrong.append(f"PARVIS_SUITE is {suite}, and the stores are of {known.suite}")
    looks = (_look(store, folder, to_start=to_start) for store in there.values())
    found = dict(zip(there, await asyncio.gather(*looks), strict=True))
    said = {name: identity for name, identity in found.items() if not isinstance(identity, str)}
    wrong += [f"{_named(name, folder)} {damage}" for name, damage in found.items() if isinstance(damage, str)]
    suite = known.suite or _most(said)
    for name, identity in said.items():
        if (why := _strange(name, identity, suite, settled=name in known.services)) is not None:
            wrong.append(f"{_named(name, folder)} {why}")
    if manifest is None and not wrong:
        missed = await _missed(names, there, to_start=to_start)
        wrong += [f"{_named(name, folder)} is not there" for name in missed]
    return _Look(known, suite, wrong)


async def _settle(stores: Mapping[str, Store], folder: Path | None, known: Manifest, suite: str) -> None:
    for name, store in stores.items():
        await store.prepare([IDENTITY])
        said = await mark(store, Identity(suite, name))
        if said.service != name or (suite and said.suite != suite):
            raise WrongStores([f"{_named(name, folder)} is of {said.service} of {said.suite}"])
    services = (*known.services, *(name for name in stores if name not in known.services))
    if folder is not None and (manifest := Manifest(suite, services)) != known:
        await asyncio.to_thread(write_manifest, folder, manifest)


async def _look(store: Store, folder: Path | None, *, to_start: bool) -> Identity | str | None:
    """What a store says of itself, or why it cannot be read."""
    try:
        if damages := await store.damage(LOOK_SECONDS if to_start else math.inf):
            return f"is damaged: {'; '.join(damages)}"
        if to_start:
            await store.prepare([IDENTITY])
        return await identity_of(store)
    except StoreUnavailable as error:
        if folder is None:
            raise  # its server is away, and may come back
        return f"cannot be read: {error}"


def _strange(name: str, identity: Identity | None, suite: str, *, settled: bool) -> str | None:
    """Why a store is not the one that it should be."""
    if identity is None:
        return "is empty, or another than it was: it does not say to whom it belongs" if settled else None
    if identity.service != name:
        return f"is the store of {identity.service}"
    if suite and identity.suite != suite and (identity.suite or settled):
        return f"belongs to another suite: {identity.suite or 'to none that has a name'}, not {suite}"
    return None


def _most(said: Mapping[str, Identity | None]) -> str:
    names = Counter(identity.suite for identity in said.values() if identity and identity.suite)
    return names.most_common(1)[0][0] if names else ""


async def _missed(names: Sequence[str], there: Mapping[str, Store], *, to_start: bool) -> list[str]:
    """Services whose store is not there though another has heard from them."""
    fresh = [name for name in names if name not in there]
    missed = set()
    for name, store in there.items():
        if to_start:
            await store.prepare([INBOX])
        for other in fresh:
            heard = {"_id": Range(ge=f"{other}.", lt=f"{other}/")}
            if name != other and await store.find(INBOX.name, heard, limit=1):
                missed.add(other)
    return sorted(missed)


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.sqlite"


def _named(name: str, folder: Path | None) -> str:
    return f"the store of {name}" if folder is None else _file(folder, name).name
