"""The words of letters that the institution and its centres have written, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, Document
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text
from services.documents.domain.letter import LetterSheet, LetterTexts

LETTER_TEXTS: Final = Collection("letter_texts", (OUTBOX_INDEX,))
PAGE: Final = 500


class LetterTextRepository(Aggregates[LetterSheet]):
    """One document for each kind of letter in each language: `admission.fr`, of a centre `admission.fr.SEE`."""

    service: ClassVar[str] = "documents"
    collection: ClassVar[Collection] = LETTER_TEXTS

    def to_document(self, state: LetterSheet) -> Document:
        """The words, and who has written them."""
        row: Document = {}
        if state.texts is not None:
            row |= {"title": state.texts.title, "body": state.texts.body, "signatory": state.texts.signatory}
        if state.at is not None:
            row |= {"at": instant_text(state.at), "by": state.by}
        return row

    def from_document(self, document: Document) -> LetterSheet:
        """What `to_document` wrote."""
        texts = None
        if "body" in document:
            texts = LetterTexts(document["title"], document["body"], document["signatory"])
        return LetterSheet(texts, instant(document["at"]) if "at" in document else None, document.get("by"))

    async def count(self, most: int) -> int:
        """How many there are, counted up to so many."""
        return await self._store.count(self.collection.name, {}, most=most)

    async def centres(self) -> Sequence[str]:
        """The codes of the centres that have words of their own."""
        found: set[str] = set()
        after: tuple[str, ...] | None = None
        while rows := await self._store.find(
            self.collection.name, {}, sort=(("_id", 1),), after=after, limit=PAGE, fields=("title",)
        ):
            found.update(row["_id"].split(".", 2)[2] for row in rows if "title" in row and row["_id"].count(".") > 1)
            after = (rows[-1]["_id"],)
        return sorted(found)

    def publish(self, id: str, state: LetterSheet, domain_event: Any) -> Sequence[Event]:
        """Nothing."""
        return []
