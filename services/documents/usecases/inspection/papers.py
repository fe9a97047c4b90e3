"""Papers: PDFs that are made of templates and data, accessible to who cannot see. For the inspector alone.

Templates hold no words, data no template: what people have typed is never read as markup. Fonts are those that come with
typst itself; none of the machine's is looked for, so that a paper is the same everywhere.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import segno
import typst
from PIL import Image

TEMPLATES: Final = Path(__file__).with_name("templates")
ACCESSIBLE: Final = "ua-1"
"""PDF/UA: tagged, with language, title and texts for pictures; a template that does not keep it makes nothing."""
_NO_GLYPH: Final = "could not be displayed with font"
"""What typst says of a sign that none of its fonts has."""
_SIGNATURE: Final = (70.0, 25.0)
"""Millimetres that a signature is wide and high at most."""
_QUIET: Final = 4
"""Modules of white that a QR code needs around it."""


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        font_paths=typst.Fonts(include_system_fonts=False), ignore_system_fonts=True, root=str(TEMPLATES)
    )


@cache
def _template(name: str) -> bytes:
    return (TEMPLATES / f"{name}.typ").read_bytes()


def prepare() -> None:
    """Read templates and fonts, which cannot be opened any more in the sandbox. Begins no thread."""
    _compiler()
    for file in TEMPLATES.glob("*.typ"):
        _template(file.stem)


def paper(name: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template; always the same bytes. `data["check"]["address"]`, where it is, becomes a QR code, and
    `data["signature"]["picture"]` (JPEG in base 64) a picture.

    It says that it was made at `data["made_at"]`, in seconds since 1970: the time of what it tells, not of its making.

    With signs that no font has it is a paper too, which has boxes in their place: tagged as any other, but it does not say
    that it keeps PDF/UA. Raises typst.TypstError for data that are not those of the template.
    """
    inputs = {}
    if "signature" in data:
        inputs["signature"], width = signature(data["signature"]["picture"])
        data = {**data, "signature": {"width": width, "alt": data["signature"]["alt"]}}
    inputs["data"] = json.dumps(data)
    if "check" in data:
        inputs["code"] = qr_code(data["check"]["address"])
    try:
        made = _compiled(name, inputs, data["made_at"], accessible=True)
    except typst.TypstError as error:
        if _NO_GLYPH not in str(error):
            raise
        made = _compiled(name, inputs, data["made_at"], accessible=False)
    if not isinstance(made, bytes):
        raise TypeError("typst has made no PDF")
    return made


def _compiled(name: str, inputs: dict[str, str], made_at: int, *, accessible: bool) -> object:
    return _compiler().compile(
        _template(name),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=[ACCESSIBLE] if accessible else [],
        timestamp=made_at,
    )


def signature(picture: str) -> tuple[str, float]:
    """A JPEG in base 64 as SVG, which is how templates take bytes, and the millimetres that it is wide on paper."""
    with Image.open(io.BytesIO(base64.b64decode(picture)), formats=["JPEG"]) as opened:
        width, height = opened.size
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{picture}"/></svg>'
    )
    return svg, width * min(_SIGNATURE[0] / width, _SIGNATURE[1] / height)


def qr_code(address: str) -> str:
    """The address as a QR code in SVG; of what is printed a fifth may be stained."""
    code = segno.make(address, error="m", micro=False)
    code.save(out := io.BytesIO(), kind="svg", border=_QUIET, xmldecl=False, nl=False)
    return out.getvalue().decode()
