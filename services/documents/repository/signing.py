"""What boards have said of their letters, and pictures of signatures: rows that are added and never changed."""

from __future__ import annotations

from typing import ClassVar, Final

from services.chassis.events.copies import Copies
from services.chassis.ports import Collection, Document, Store
from services.chassis.store.rows import reading
from services.contracts.events.commissions import CommissionChanged
from services.contracts.instants import instant, instant_text
from services.contracts.languages import LANGUAGES
from services.documents.domain.signing import Board, Signature
from services.documents.repository.added import Added
from services.documents.repository.documents import PROGRAMMES

BOARDS: Final = Collection("boards")
"""What boards have said of their letters, by code, as offers tells it."""
MEMBERS: Final = ("kinds", "signatory", "function", "signature", "label_fr", "label_en")
"""What is kept of each board."""
SIGNATURES: Final = Collection("signatures")


class BoardCopies:
    """Boards, by their codes and by their programmes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._boards = Copies(store, BOARDS, MEMBERS)
        self._programmes = Copies(store, PROGRAMMES)

    async def keep(self, event: CommissionChanged) -> None:
        """Keep what a board says, unless it was told later."""
        letters = event.letters
        row = {
            "kinds": list(letters.kinds),
            "signatory": letters.signatory or "",
            "function": letters.function or "",
            "signature": letters.signature or "",
            "label_fr": event.label.fr,
            "label_en": event.label.en or "",
        }
        await self._boards.put(event.commission, event.version, row, flat=True)

    async def of_programme(self, code: str) -> Board:
        """The board that decides on a programme today; one that is not known gives every letter."""
        programme = await self._programmes.get(code)
        board = None if programme is None or not programme.get("commission") else programme["commission"]
        return Board() if board is None else await self.named(board)

    async def named(self, code: str) -> Board:
        """The board of that code; one that is not known gives every letter."""
        row = await self._boards.get(code)
        return Board() if row is None else board_of(row)

    async def page(self, after: str, limit: int) -> list[Board]:
        """So many behind a code, in the order of codes."""
        rows = await self._store.find(BOARDS.name, {}, limit=limit, after=[after] if after else None)
        return [board_of(row) for row in rows]


class Signatures(Added[Signature]):
    """One row for each picture, by its name."""

    collection: ClassVar[Collection] = SIGNATURES

    def written(self, thing: Signature) -> Document:
        """What a row says of it, beside its name."""
        return {
            "commission": thing.commission,
            "sha256": thing.sha256,
            "size": thing.size,
            "at": instant_text(thing.at),
            "by": thing.by,
        }

    def of(self, row: Document) -> Signature:
        """What a row says."""
        return Signature(row["commission"], row["sha256"], row["size"], instant(row["at"]), row["by"])


def board_of(row: Document) -> Board:
    """What a row says; raises UnreadableRow."""
    with reading(BOARDS.name, row):
        label = {language: row[f"label_{language}"] for language in LANGUAGES if row.get(f"label_{language}")}
        return Board(row["_id"], tuple(row["kinds"]), row["signatory"], row["function"], row["signature"], label)
