"""What the portal keeps between requests: what the API has said to everybody, and pages that were made of nothing else.

Nothing of a person is among it, and nothing is shown for what it was: the API is asked each time (ADR 118).
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from services.contracts.api.endpoint import Endpoint

MOST_ANSWER_BYTES: Final = 2 * 1024 * 1024
"""Of JSON; what is made of it takes some ten times as much."""
MOST_PAGE_BYTES: Final = 8 * 1024 * 1024
MOST_KEPT: Final = 1024
"""Of each, however short they are."""

V = TypeVar("V")
Render = Callable[[Mapping[str, str]], str]
"""Makes a page around some values."""


class AskedLast(Generic[V]):
    """What was asked for last, bounded in number and in bytes; what was asked for longest ago goes first."""

    def __init__(self, most_bytes: int, most: int = MOST_KEPT) -> None:
        self._most_bytes = most_bytes
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> V | None:
        """What is kept under the key."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: V, size: int) -> None:
        """Keep it, of so many bytes, unless it alone is too large."""
        if size > self._most_bytes:
            return
        _, earlier = self._kept.pop(key, (None, 0))
        self._kept[key] = value, size
        self.bytes += size - earlier
        while self.bytes > self._most_bytes or len(self._kept) > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self.bytes -= gone


class Answers:
    """Reads what the API answers; what everybody may keep is read once, and the same bytes are the same object."""

    def __init__(self, most_bytes: int = MOST_ANSWER_BYTES) -> None:
        self.kept: Final[AskedLast[BaseModel]] = AskedLast(most_bytes)

    def read(self, endpoint: Endpoint[Any, Any], content: bytes) -> BaseModel | None:
        """What the endpoint declares; raises ValueError for anything else."""
        if endpoint.answer is None:
            return None
        answer: BaseModel | None
        if not (endpoint.access.public and endpoint.cache.startswith("public")):
            answer = endpoint.answer.model_validate_json(content)
            return answer
        if (answer := self.kept.get((endpoint, content))) is None:
            answer = endpoint.answer.model_validate_json(content)
            self.kept.put((endpoint, content), answer, len(content))
        return answer


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in parts, each with what is to be filled in behind it; `made_of` is held, so that nothing else is it."""

    made_of: tuple[object, ...]
    parts: tuple[tuple[bytes, str | None], ...]


class Pages:
    """Pages that are the same for everybody who is not logged in, but for what is filled into their forms."""

    def __init__(self, most_bytes: int = MOST_PAGE_BYTES) -> None:
        self.kept: Final[AskedLast[_Page]] = AskedLast(most_bytes)
        self._holes = {name: secrets.token_urlsafe(24) for name in ("form_token", "key")}
        """What no text of a catalogue can be."""

    def page(
        self, about: tuple[str, ...], made_of: tuple[object, ...], render: Render, fills: Mapping[str, str]
    ) -> bytes:
        """The page.

        It depends on `about` and on these very objects, which nobody changes. `fills` are a `form_token` or a `key`, of
        characters that HTML does not escape.
        """
        key = about, tuple(map(id, made_of))
        if (page := self.kept.get(key)) is None:
            page = self._made(made_of, render(self._holes))
            size = sum(map(len, about)) + sum(len(part) for part, _ in page.parts)
            self.kept.put(key, page, size)
        filled = [part + fills[hole].encode() if hole is not None else part for part, hole in page.parts]
        return b"".join(filled)

    def _made(self, made_of: tuple[object, ...], text: str) -> _Page:
        parts: list[tuple[bytes, str | None]] = []
        rest = text
        while holes := [(at, name) for name, hole in self._holes.items() if (at := rest.find(hole)) >= 0]:
            at, name = min(holes)
            parts.append((rest[:at].encode(), name))
            rest = rest[at + len(self._holes[name]) :]
        parts.append((rest.encode(), None))
        return _Page(made_of, tuple(parts))
