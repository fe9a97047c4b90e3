"""Which files within a PDF are programs or hold scripts; what people attach besides is left alone."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

import pikepdf

_NAMES: Final = ("/F", "/UF", "/DOS", "/Unix", "/Mac")
_PROGRAM_NAME: Final = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|ps1|psm1|vb[es]?|jse?|ws[cfh]?|hta|msi|msp|jar|lnk|dll|cpl|reg|sh|app|dmg|pkg|apk|"
    r"iso|img|vhdx?|chm|url|scf|library-ms|settingcontent-ms|one|appx|msix|docm|dotm|xlsm|xltm|xlam|pptm|potm|ppam|ppsm)"
    r"[\s.]*\Z",
    re.IGNORECASE,
)
_PROGRAM_BYTES: Final = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01\x14\x02\0",
)
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")
_MACROS: Final = re.compile(
    r"(?:^|/)(?:vbaProject\.bin\Z|Basic/.+/(?!script-l[bc]\.xml).+\.xml\Z|Scripts/.+)", re.IGNORECASE
)
_SCRIPT: Final = re.compile(rb"<(?:[\w.-]+:)?script[\s>/]|\bon[a-z]{3,}\s*=|javascript:|vbscript:", re.IGNORECASE)
_XFA_SCRIPT: Final = re.compile(rb"<(?:[\w.-]+:)?script[\s>/]", re.IGNORECASE)
_MARKUP_NAME: Final = re.compile(r"\.(?:x?html?|xht|svgz?|mht(?:ml)?)[\s.]*\Z", re.IGNORECASE)


def carries_program(filespec: pikepdf.Object) -> bool:
    """Whether a file specification holds a program, a page with scripts, or an office document with macros."""
    names = [str(filespec[key]) for key in _NAMES if isinstance(filespec.get(key), pikepdf.String)]
    files = filespec["/EF"]
    keys = files.keys() if isinstance(files, pikepdf.Dictionary) else ()
    contents = [stream.read_bytes() for key in keys for stream in streams(files[key])]
    return any(map(_PROGRAM_NAME.search, names)) or any(_is_program(content, names) for content in contents)


def has_script(form: pikepdf.Object) -> bool:
    """Whether an XFA form, one stream or an array of names and streams, has scripts; its XML may be UTF-16."""
    return any(_XFA_SCRIPT.search(_as_bytes(stream.read_bytes())) for stream in streams(form))


def streams(held: object) -> list[pikepdf.Stream]:
    """The streams of an object that is one or an array of some."""
    members = list(held) if isinstance(held, pikepdf.Array) else [held]
    return [member for member in members if isinstance(member, pikepdf.Stream)]


def _is_program(content: bytes, names: list[str]) -> bool:
    if content.startswith(_PROGRAM_BYTES) or (content.startswith(_OLE) and _OLE_MACROS in content):
        return True
    if any(map(_MARKUP_NAME.search, names)):
        return bool(_SCRIPT.search(_as_bytes(content)))
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return False
    try:
        inner = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return True
    return any(_MACROS.search(name) or _PROGRAM_NAME.search(name) for name in inner)


def _as_bytes(text: bytes) -> bytes:
    """Text in which ASCII stands as ASCII, whether it was UTF-8 or one of the UTF-16s and UTF-32s."""
    return text.replace(b"\0", b"")
