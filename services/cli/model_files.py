"""Makes the sample university's files to fill in of their sources: PDFs whose fields a phone fills in as well.

`make docs` writes them. A source says by `mark` where its fields are. They are PDF/UA-1, fields included.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name, String

MODELS: Final = Path(__file__).parents[1] / "offers" / "models"
_MULTILINE: Final = 1 << 12
_RADIO: Final = 1 << 15
_PRINTED: Final = 4
_RIGHT: Final = 532.9
"""Where lines end, in points: the right edge of what is written on the page."""
_LINE: Final = (-8.5, 14.0)
"""From the upper end of its letters to the lower one of a field, and how high that is."""
_TICK: Final = 9.0
_FONT: Final = "/Helv 10 Tf 0 g"
_FONTS: Final[Mapping[str, Any]] = {
    "font_paths": typst.Fonts(include_system_fonts=False),
    "ignore_system_fonts": True,
}
"""Those that typst brings along: whatever the machine has, the bytes are the same."""


def model_file(source: Path) -> bytes:
    """The PDF of a source, always the same bytes."""
    marked: list[dict[str, Any]] = [each["value"] for each in json.loads(typst.query(str(source), "<field>", **_FONTS))]
    with pikepdf.open(
        io.BytesIO(bytes(typst.compile(str(source), format="pdf", pdf_standards=["ua-1"], **_FONTS)))
    ) as pdf:
        _Form(pdf).add(marked)
        pdf.save(out := io.BytesIO(), deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


class _Form:
    """The fields of a PDF of one page."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        (self._page,) = pdf.pages
        self._top = float(self._page.mediabox[3])

    def add(self, marked: list[dict[str, Any]]) -> None:
        """Make fields of all that is marked, in the order in which one fills them in."""
        fields, shown = Array(), Array()
        for name, group in groupby(marked, key=lambda each: str(each["name"])):
            first, *others = group
            is_choice = first["kind"] == "choice"
            made, widgets = self._choice(name, [first, *others]) if is_choice else self._text(first)
            fields.append(made)
            shown.extend(widgets)
        self._page.obj.Annots = shown
        self._tag(shown)
        self._page.obj.Tabs = Name.S
        helvetica = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
        )
        self._pdf.Root.AcroForm = Dictionary(
            Fields=fields,
            DA=String(_FONT),
            DR=Dictionary(Font=Dictionary(Helv=self._pdf.make_indirect(helvetica))),
            NeedAppearances=True,
        )

    def _tag(self, widgets: Array) -> None:
        """Each field where the structure ends, as an element that a screen reader comes to and says by its name."""
        tree = self._pdf.Root.StructTreeRoot
        (document,) = tree.K
        for widget in widgets:
            content = Dictionary(Type=Name.OBJR, Obj=widget, Pg=self._page.obj)
            element = self._pdf.make_indirect(
                Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=self._page.obj, K=Array([content]))
            )
            document.K.append(element)
            widget.StructParent = tree.ParentTreeNextKey
            tree.ParentTree.Nums.extend([tree.ParentTreeNextKey, element])
            tree.ParentTreeNextKey += 1

    def _text(self, said: Mapping[str, Any]) -> tuple[pikepdf.Object, list[pikepdf.Object]]:
        left, across = said["x"], said.get("width", _RIGHT - said["x"])
        below, high = _LINE
        foot = self._top - said["y"] + below
        if said["kind"] != "line":
            high = said["height"]
            foot = self._top - said["y"] - high
        widget = self._widget(left, foot, across, high) | {
            "/FT": Name.Tx,
            "/T": String(said["name"]),
            "/TU": String(said["name"]),
            "/DA": String(_FONT),
            "/V": String(""),
        }
        if said["kind"] == "box":
            widget["/Ff"] = _MULTILINE
        made = self._pdf.make_indirect(Dictionary(widget))
        return made, [made]

    def _choice(self, name: str, options: list[dict[str, Any]]) -> tuple[pikepdf.Object, list[pikepdf.Object]]:
        """One of some boxes: another one that is ticked takes the tick away."""
        field = self._pdf.make_indirect(
            Dictionary(FT=Name.Btn, Ff=_RADIO, T=String(name), TU=String(name), V=Name.Off, Kids=Array())
        )
        for number, each in enumerate(options):
            foot = self._top - each["y"] - _TICK
            ticked = self._pdf.make_stream(f"1.2 w 1.5 1.5 m {_TICK - 1.5} {_TICK - 1.5} l 1.5 {_TICK - 1.5} m "
                                           f"{_TICK - 1.5} 1.5 l S".encode())  # fmt: skip
            empty = self._pdf.make_stream(b"")
            for stream in (ticked, empty):
                stream.stream_dict.update(
                    Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, _TICK, _TICK]))
                )
            appearance = Dictionary({f"/{number + 1}": ticked, "/Off": empty})
            field.Kids.append(
                self._pdf.make_indirect(
                    Dictionary(
                        self._widget(each["x"], foot, _TICK, _TICK)
                        | {
                            "/Parent": field,
                            "/TU": String(f"{name} : {each['value']}"),
                            "/AS": Name.Off,
                            "/AP": Dictionary(N=appearance),
                        }
                    )
                )
            )
        return field, list(field.Kids)

    def _widget(self, left: float, foot: float, across: float, high: float) -> dict[str, Any]:
        corners = [round(each, 2) for each in (left, foot, left + across, foot + high)]
        return {
            "/Type": Name.Annot,
            "/Subtype": Name.Widget,
            "/F": _PRINTED,
            "/Rect": Array(corners),
            "/P": self._page.obj,
        }


def model_files() -> dict[Path, bytes]:
    """Every file with the bytes that it should have."""
    return {source.with_suffix(".pdf"): model_file(source) for source in sorted(MODELS.glob("*.typ"))}
