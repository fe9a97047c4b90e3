"""Looks into PDF with pikepdf: readable to its last page, open to all, nothing in it that acts. For the inspector alone."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pikepdf

from services.documents.usecases.inspection.findings import Finding

_END: Final = b"%%EOF"
_TAIL: Final = 2048

# Names as qpdf writes them, that is with every #xx undone: what has none of them is not looked at twice.
_SUSPECT: Final = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|EF|XFA|NeedsRendering)\b")
_ACTIONS: Final = ("/JavaScript", "/Launch")
_SCRIPT: Final = re.compile(rb"<(?:[\w.-]+:)?script[\s>/]", re.IGNORECASE)
_PROGRAM_NAME: Final = re.compile(
    r"\.(?:exe|com|scr|pif|bat|cmd|ps1|psm1|vb[es]?|jse?|ws[cfh]?|hta|msi|msp|jar|lnk|dll|cpl|reg|sh|app|dmg|pkg|apk|"
    r"html?|svg|docm|dotm|xlsm|xltm|pptm)\s*\Z",
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


def inspect_pdf(path: Path) -> Finding | None:
    """What is wrong with the PDF."""
    with path.open("rb") as file:
        if zipfile.is_zipfile(file):
            return Finding.MISMATCH
    try:
        with _open(path) as pdf:
            if pdf.is_encrypted:
                return Finding.ENCRYPTED
            if not _is_whole(pdf):
                return Finding.DAMAGED
            return Finding.ACTIVE if _acts(pdf) else None
    except pikepdf.PasswordError:
        return Finding.ENCRYPTED
    except pikepdf.PdfError:
        return Finding.DAMAGED


def _open(path: Path) -> pikepdf.Pdf:
    """As it stands; with qpdf's repairs, as every reader would make them, if at least its end is there."""
    try:
        return pikepdf.open(path, suppress_warnings=True, attempt_recovery=False)
    except pikepdf.PasswordError:
        raise
    except pikepdf.PdfError:
        if not _has_end(path):
            raise
        return pikepdf.open(path, suppress_warnings=True)


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL), os.SEEK_SET)
        return _END in file.read()


def _is_whole(pdf: pikepdf.Pdf) -> bool:
    """Whether there are pages and what they draw can be decoded."""
    for page in pdf.pages:
        contents = page.obj.get("/Contents", pikepdf.Array())
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            if isinstance(stream, pikepdf.Stream):
                stream.read_bytes()
    return len(pdf.pages) > 0


# --- what acts --------------------------------------------------------------------------------------------------


def _acts(pdf: pikepdf.Pdf) -> bool:
    """Whether the file holds scripts, launches programs, carries them, or is a form that a program must draw."""
    return any(_is_active(dictionary) for dictionary in _suspects(pdf))


def _suspects(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary, however nested, of the objects whose text has one of the names."""
    for object in [*pdf.objects, pdf.trailer]:
        plain = object.stream_dict if isinstance(object, pikepdf.Stream) else object
        if isinstance(plain, pikepdf.Dictionary | pikepdf.Array) and _SUSPECT.search(plain.unparse(resolved=True)):
            yield from _dictionaries(plain)


def _dictionaries(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries that lie in `root` itself; what it refers to has its own turn."""
    waiting = [root]
    while waiting:
        here = waiting.pop()
        if isinstance(here, pikepdf.Dictionary):
            yield here
            inner: Iterable[object] = [here.get(key) for key in here.keys()]  # noqa: SIM118 - not a mapping
        else:
            inner = list(here)
        waiting += [
            value for value in inner if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
        ]


def _is_active(dictionary: pikepdf.Object) -> bool:
    return (
        "/JS" in dictionary
        or _name(dictionary, "/S") in _ACTIONS
        or _name(dictionary, "/Subtype") == "/RichMedia"
        or bool(dictionary.get("/NeedsRendering", False))
        or ("/XFA" in dictionary and _has_script(dictionary["/XFA"]))
        or ("/EF" in dictionary and _carries_program(dictionary))
    )


def _name(dictionary: pikepdf.Object, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _has_script(form: pikepdf.Object) -> bool:
    """An XFA form is one stream, or an array of names and streams."""
    return any(_SCRIPT.search(stream.read_bytes()) for stream in _streams(form))


def _carries_program(filespec: pikepdf.Object) -> bool:
    names = [str(filespec[key]) for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac") if key in filespec]
    files = filespec["/EF"]
    streams = [stream for key in files.keys() for stream in _streams(files[key])]  # noqa: SIM118 - not a mapping
    return any(map(_PROGRAM_NAME.search, names)) or any(
        stream.read_bytes().startswith(_PROGRAM_BYTES) for stream in streams
    )


def _streams(object: pikepdf.Object) -> list[pikepdf.Stream]:
    members = list(object) if isinstance(object, pikepdf.Array) else [object]
    return [member for member in members if isinstance(member, pikepdf.Stream)]
