"""Copies of what other services know: the newest version wins whatever the order of arrival, and who is gone stays gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.chassis.ports import Collection, Document, DuplicateKey, Get, Scalar, Store

_ERASED: Final = "erased"


class Copies:
    """The copies in one collection, each a document under the id of what it copies.

    `members` are what whoever keeps a copy says of it each time, also where it is nothing any more: else what was there
    would stay. Of those in `lasting` nothing may be said, and then they do stay. Who only reads names none.
    """

    def __init__(
        self, store: Store, collection: Collection, members: Iterable[str] = (), *, lasting: Iterable[str] = ()
    ) -> None:
        self._store = store
        self._name = collection.name
        self._members = frozenset(members)
        self._lasting = frozenset(lasting)

    async def get(self, id: str) -> Document | None:
        """The copy, if there is one. Not a person's question, so it takes no actor."""
        return self.copy_in(await self._store.get(self._name, id))

    def asked(self, id: str) -> Get:
        """The same as a question to be put beside others; `copy_in` reads the answer."""
        return Get(self._name, id)

    def copy_in(self, there: Document | None) -> Document | None:
        """What stands in a row: nothing once it was erased."""
        return None if there is None or _ERASED in there else there

    async def is_erased(self, id: str) -> bool:
        """Whether what it copied is gone for ever, so that nobody need wait for a copy."""
        there = await self._store.get(self._name, id, fields=(_ERASED,))
        return there is not None and _ERASED in there

    async def put(self, id: str, version: int, content: Mapping[str, Any], *, flat: bool = False) -> None:
        """Keep the copy unless a version as new is here already, or it was erased; `version` is the publisher's.

        Members of the earlier copy that are not in `content` stay: a newer release may have written them. What an older
        release has copied of this same version, and not all of, is made whole when the version is told again; if the
        content is `flat`, so that an older release takes nothing out of a member, also what is another value here.
        Raises ValueError where it is not told of each of the `members`, or of another one.
        """
        if content.keys() - self._lasting != self._members:
            raise ValueError(f"{self._name}: {sorted(content.keys() ^ self._members)}")
        await self._put(id, version, content, flat=flat)

    async def mark(self, id: str, version: int, **members: Scalar) -> None:
        """Say some of the members of a copy that is there, and not of a newer version; of an unknown one nothing is kept."""
        if await self.get(id) is not None:
            await self._put(id, version, members, flat=False)

    async def _put(self, id: str, version: int, content: Mapping[str, Any], *, flat: bool) -> None:
        while True:
            there = await self._store.get(self._name, id)
            if there is not None and (_ERASED in there or there["version"] > version):
                return
            if there is not None and there["version"] == version and _holds(there, content, flat=flat):
                return
            if await self._set(there, {**(there or {}), **content, "_id": id, "version": version}):
                return

    async def erase(self, id: str, **mark: Scalar) -> None:
        """Leave a mark in place of the copy, of some dozen bytes and `mark`: no late news brings anything back."""
        mark[_ERASED] = True
        while True:
            there = await self._store.get(self._name, id)
            if there is not None and mark.items() <= there.items():
                return
            version = 1 if there is None else there["version"] + 1
            if await self._set(there, {"_id": id, "version": version, **mark}):
                return

    async def _set(self, there: Document | None, document: Document) -> bool:
        if there is not None:
            return await self._store.replace(self._name, document, version=there["version"])
        try:
            await self._store.insert(self._name, document)
        except DuplicateKey:
            return False
        return True


def _holds(there: Document, content: Mapping[str, Any], *, flat: bool) -> bool:
    return content.items() <= there.items() if flat else content.keys() <= there.keys()
