"""Makes of a PDF objects that stand as they are in a larger one, which nobody then needs to hold. For the inspector alone.

The larger one has its page tree in object `PAGES`; this one's bookmark there is object `item`, which whoever joins them
writes when all is known. Behind it follow the objects of this one, numbered on.
"""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any, Final

import pikepdf

from services.documents.usecases.inspection.findings import Finding, Verdict

PAGES: Final = 2


def fragment(content: bytes, item: int) -> Verdict:
    """A line of JSON, and behind it the objects from `item + 1` on.

    The line has `offsets`, where each begins behind the line; `tree`, the object that has the pages, and how many `pages`;
    `first`, the first page; and `bookmarks`: the first and last one below `item`, and how many, or nothing.
    """
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return Verdict(made=_Fragment(item).made(pdf))
    except pikepdf.PdfError as error:
        return Verdict(Finding.DAMAGED, type(error).__name__)


class _Fragment:
    def __init__(self, item: int) -> None:
        self._item = item
        self._numbers: dict[tuple[int, int], int] = {}
        self._found: list[pikepdf.Object] = []

    def made(self, pdf: pikepdf.Pdf) -> bytes:
        pages, tree = len(pdf.pages), pdf.Root.Pages
        below: list[int] = []
        if "/Outlines" in pdf.Root and "/First" in (top := pdf.Root.Outlines):
            self._numbers[top.objgen] = self._item
            below = [self._number(top.First), self._number(top.Last), abs(int(top.get("/Count", 0)))]
        tree.Parent = pikepdf.Name.Here  # a place for what is written instead
        head: dict[str, Any] = {
            "tree": self._number(tree),
            "pages": pages,
            "first": self._number(pdf.pages[0].obj),
            "bookmarks": below,
        }
        body, offsets, at = bytearray(), [], 0
        while at < len(self._found):  # more of them are found while they are written
            offsets.append(len(body))
            number, found = self._item + 1 + at, self._found[at]
            body += b"%d 0 obj\n%b\nendobj\n" % (number, self._top(found, is_tree=number == head["tree"]))
            at += 1
        return json.dumps({**head, "offsets": offsets}).encode() + b"\n" + body

    def _number(self, found: pikepdf.Object) -> int:
        there = self._numbers.get(found.objgen)
        if there is None:
            self._found.append(found)
            there = self._numbers[found.objgen] = self._item + len(self._found)
        return there

    def _top(self, found: pikepdf.Object, *, is_tree: bool) -> bytes:
        if isinstance(found, pikepdf.Stream):
            content = found.read_raw_bytes()
            members = {name: value for name, value in found.stream_dict.items() if name != "/Length"}
            told = self._members({**members, "/Length": len(content)})
            return b"%b\nstream\n%b\nendstream" % (told, content)
        if is_tree:
            members = {name: value for name, value in found.items() if name != "/Parent"}
            return self._members(members, b" /Parent %d 0 R" % PAGES)
        return self._value(found, is_top=True)

    def _value(self, value: Any, *, is_top: bool = False) -> bytes:
        if isinstance(value, pikepdf.Object):
            if value.is_indirect and not is_top:
                return b"%d 0 R" % self._number(value)
            if isinstance(value, pikepdf.Dictionary):
                return self._members(dict(value.items()))
            if isinstance(value, pikepdf.Array):
                return b"[%b]" % b" ".join(map(self._value, value))
            written: bytes = value.unparse(resolved=True)
            return written
        if value is None or isinstance(value, bool):
            return {None: b"null", True: b"true", False: b"false"}[value]
        return f"{value:f}".encode() if isinstance(value, Decimal) else str(int(value)).encode()

    def _members(self, members: dict[str, Any], more: bytes = b"") -> bytes:
        told = (self._value(pikepdf.Name(name)) + b" " + self._value(value) for name, value in members.items())
        return b"<< %b%b >>" % (b" ".join(told), more)
