"""Looks into PDF: it opens without a password, its pages can be read, nothing in it acts. For the inspector alone."""

from __future__ import annotations

import io
import re
from typing import Final

import pikepdf

from services.documents.usecases.inspection.active import acts
from services.documents.usecases.inspection.blank import blank_pages
from services.documents.usecases.inspection.findings import Finding, Found, Notice, Noticed, Verdict
from services.documents.usecases.inspection.jpeg import HOLE
from services.documents.usecases.inspection.legible import of_pages
from services.documents.usecases.inspection.pages import check_pages, undrawn

_END: Final = b"%%EOF"
_ENDS: Final = (b"", b"\n", b"\r", b"\r\n")
_ARCHIVE: Final = b"PK\x05\x06"
_OBJECT: Final = re.compile(rb"\d\s+\d+\s+obj\b")
# qpdf's words for an object that the cross-reference table promises and the file does not hold, wherever one looks.
_OUT_OF_MEMORY: Final = "std::bad_alloc"
_GONE: Final = "not found in file after regenerating cross reference table"
_NOT_ENCRYPTED: Final = "none"
_REBUILT: Final = "Attempting to reconstruct"
_REFERENCE: Final = re.compile(rb"(\d+)\s+\d+\s+R\b")
_STREAM: Final = re.compile(rb"\bstream\r?\n.*?endstream", re.DOTALL)
# What pages can do without.
_ASIDE: Final = re.compile(
    rb"/(?:Metadata|Info|StructTreeRoot|Outlines|Names|Dests?|D|PieceInfo|Thumb|P|K|Pg|AF|ParentTree|Annots|OutputIntents"
    rb"|OpenAction|Threads|B|Parent|Prev|Next|First|Last|Encrypt|Root)\s*(?:\[[^\]]*\]|\d+\s+\d+\s+R\b)"
)


def inspect_pdf(data: bytes) -> Verdict:
    """What is wrong with the PDF, or which of its pages are blank, too coarse or not upright."""
    data, rest = _split(data)
    if _ARCHIVE in rest:
        return Verdict(Finding.MISMATCH, "an archive too")
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True, attempt_recovery=_is_finished(data, rest)) as pdf:
            _check_ciphers(pdf, data)
            pages, doubtful = check_pages(pdf)
            rebuilt = _check_objects(pdf, data)
            acts(pdf)
    except pikepdf.PasswordError:
        return Verdict(Finding.ENCRYPTED)
    except pikepdf.PdfError as error:
        if _OUT_OF_MEMORY in str(error):
            raise MemoryError from error
        return Verdict(Finding.DAMAGED, type(error).__name__)
    except Found as found:
        return found.verdict
    doubted = undrawn(pages)
    blank = blank_pages(data, doubted) if doubted or rebuilt else []
    if rebuilt and (doubtful or blank is None or any(pages[number - 1].draws for number in blank)):
        return Verdict(Finding.DAMAGED, "nothing to see")
    noticed = [*(Noticed(Notice.BLANK_PAGE, page) for page in blank or ()), *of_pages(data, pages)]
    return Verdict(warnings=tuple(sorted(noticed, key=lambda each: each.page or 0)))


def _split(data: bytes) -> tuple[bytes, bytes]:
    """The file up to its last end mark, and what portals and copies have put behind it: padding, a page in HTML."""
    at = data.rfind(_END)
    if at < 0 or _OBJECT.search(data, at) or data[at + len(_END) :] in _ENDS:
        return data, b""  # as it came: to copy a file is dearer than to parse it
    return data[: at + len(_END)] + b"\n", data[at + len(_END) :]


def _is_finished(data: bytes, rest: bytes) -> bool:
    """Whether the file was written to its end; then readers repair what they can, and so does the inspection."""
    at = data.rfind(_END)
    return bool(rest) or (at >= 0 and not _OBJECT.search(data, at))


def _check_ciphers(pdf: pikepdf.Pdf, data: bytes) -> None:
    """Raise Found for a hole in what is encrypted, where it cannot be told from other bytes once it is decrypted."""
    if not pdf.is_encrypted or pdf.encryption.stream_method.name == _NOT_ENCRYPTED:
        return
    if any(HOLE.search(data, *stream.span()) for stream in _STREAM.finditer(data)):
        raise Found(Finding.DAMAGED, "hole in what is encrypted")


def _check_objects(pdf: pikepdf.Pdf, data: bytes) -> bool:
    """Whether the table of objects had to be rebuilt; raises Found if an object that pages need is nowhere in the file."""
    warnings = [str(warning) for warning in pdf.get_warnings()]
    if any(_GONE in warning for warning in warnings):
        raise Found(Finding.DAMAGED, "object gone")
    if not any(_REBUILT in warning for warning in warnings):
        return False
    # With its table the file has lost what it should hold; but what it still holds says what else it needs.
    needed = {int(number) for number in _REFERENCE.findall(_ASIDE.sub(b"", _plain_text(pdf, data)))}
    members: list[object] = list(pdf.objects)
    there = {member.objgen[0] for member in members if isinstance(member, pikepdf.Object)}
    if any(_is_gone(pdf, number) for number in needed - there):
        raise Found(Finding.DAMAGED, "object gone")
    return True


def _is_gone(pdf: pikepdf.Pdf, number: int) -> bool:
    try:
        return pdf.get_object(number, 0) is None
    except (ValueError, OverflowError):
        return True


def _plain_text(pdf: pikepdf.Pdf, data: bytes) -> bytes:
    """The file and what its object streams hold."""
    packed = [
        object.read_bytes()
        for object in pdf.objects
        if isinstance(object, pikepdf.Stream) and object.get("/Type") == "/ObjStm"
    ]
    return b"\n".join([_STREAM.sub(b"", data), *packed])
