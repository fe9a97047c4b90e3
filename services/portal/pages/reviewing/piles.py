"""Lists of what waits for a person, in piles that the address names, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel

PAGE: Final = 50
DONE: Final = "relancee"
"""What the address of a list says once one of it was tried anew."""

P = TypeVar("P", bound=str)
Q = TypeVar("Q", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Piles(Generic[P]):
    """The piles of one list: where it is, and what the API calls each by its name in the address, the first one first."""

    address: str
    names: Mapping[str, P]

    def of(self, request: web.Request) -> str:
        """The pile that the address names; else the first."""
        pile = request.query.get("pile", "")
        return pile if pile in self.names else next(iter(self.names))

    def link(self, pile: str, *, to: str = "", **more: str) -> str:
        """The address of a pile, or of a page about it."""
        return f"{to or self.address}?{urlencode({'pile': pile, **more})}"

    def query(self, form: type[Q], request: web.Request) -> Q:
        """What to ask for the page that the address names."""
        after = request.query.get("apres")
        given = {"pile": self.names[self.of(request)], "limit": PAGE, **({"after": after} if after else {})}
        return form.model_construct(_fields_set=set(given), **given)

    def shown(self, request: web.Request, following: str | None) -> Mapping[str, Any]:
        """What every such page says of its piles; `following` is behind what the next page begins."""
        pile = self.of(request)
        return {
            "piles": [(each, self.link(each), each == pile) for each in self.names],
            "pile": pile,
            "retried": DONE in request.query,
            "first": self.link(pile) if request.query.get("apres") else None,
            "next": self.link(pile, apres=following) if following else None,
        }
