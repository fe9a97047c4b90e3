"""What an upload must be before its bytes are read, and what it is taken for by its content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.refusals import RefusedError
from services.contracts.refusals.documents import (
    CONTENT_MISMATCH,
    EMPTY,
    FILENAME_INVALID,
    HEIC_NOT_YET,
    IMAGE_TOO_LARGE,
    PARTS_TOO_LARGE,
    TOO_LARGE,
    TOO_MANY_PARTS,
    TYPE_NOT_ALLOWED,
)

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
HEIC: Final = frozenset({"image/heic", "image/heif"})
"""What phones write where nobody told them otherwise; taken as a part of a PDF alone."""
PART_TYPES: Final = (PDF, JPEG, PNG, "image/heic", "image/heif")
"""What a PDF can be assembled of."""

EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    PDF: ("pdf",),
    JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    PNG: ("png",),
}
"""The media types that can be inspected, and the extensions of each; the first is the usual one."""

_OTHERS: Final = (
    "doc docx docm dot dotx rtf odt ott pages txt csv xls xlsx xlsm ods numbers ppt pptx odp key",
    "xml xhtml xht json htm html mht svg gif bmp tif tiff webp heic heif avif mp3 mp4 mov avi zip rar 7z gz tar iso img",
    "jar apk exe msi com scr pif bat cmd ps1 vbs vbe js jse wsf hta chm sh app dmg dll cpl lnk url reg",
)
OTHER_EXTENSIONS: Final = frozenset(extension for line in _OTHERS for extension in line.split())
"""Extensions that promise something else; any other ending of a name is taken for a part of it ("releve 2.5")."""

_KNOWN_EXTENSIONS: Final = OTHER_EXTENSIONS.union(*EXTENSIONS.values())

MAX_FILENAME: Final = 255
"""Characters of a file name, inclusive."""

_ALIASES: Final[Mapping[str, str]] = {
    "application/x-pdf": PDF,
    "application/acrobat": PDF,
    "text/pdf": PDF,
    "image/jpg": JPEG,
    "image/pjpeg": JPEG,
    "image/x-png": PNG,
}
_WRAPPED: Final = ("multipart/", "message/")
_EXTENSION: Final = re.compile(r"[^.]\.([A-Za-z0-9]{1,5})$")
_SEPARATOR: Final = re.compile(r"[/\\]")
# Marks that turn the direction of text, and so can disguise an extension; blanks without width. Systems add them to names.
_INVISIBLE: Final = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # controls and lone surrogates


@dataclass(frozen=True, slots=True)
class DeclaredUpload:
    """What a client says of its upload before sending it; `size` in bytes, None when it does not say."""

    media_type: str
    filename: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What is taken: media types in order of preference, bytes and pixels at most, both inclusive."""

    media_types: Sequence[str]
    max_bytes: int
    max_pixels: int


def check_offer(offer: DeclaredUpload, rules: Rules) -> str | None:
    """The name of the file without its path, which phones and old browsers tell as well; None when it has none.

    Raises TYPE_NOT_ALLOWED for a file that comes wrapped in something else, FILENAME_INVALID, EMPTY, TOO_LARGE
    (acceptance 48). What else is announced is not believed: the content decides.
    """
    if offer.media_type.startswith(_WRAPPED):
        raise TYPE_NOT_ALLOWED(allowed=list(rules.media_types))
    filename = None if offer.filename is None else _tidy(offer.filename)
    if offer.size == 0:
        raise EMPTY()
    if offer.size is not None and offer.size > rules.max_bytes:
        raise too_large(rules)
    return filename


def media_type_of(recognised: str | None, announced: str, rules: Rules) -> str:
    """What the file is by its content, whatever it is called (acceptance 49).

    Raises TYPE_NOT_ALLOWED for what is none of the types that are taken, HEIC_NOT_YET for photos of phones, and
    CONTENT_MISMATCH when what was announced would be taken and the content is something else.
    """
    if recognised is not None and recognised in rules.media_types:
        return recognised
    allowed = list(rules.media_types)
    if recognised in HEIC:
        raise HEIC_NOT_YET(allowed=allowed)
    if recognised not in EXTENSIONS and _ALIASES.get(announced, announced) in rules.media_types:
        raise CONTENT_MISMATCH()
    raise TYPE_NOT_ALLOWED(allowed=allowed)


def registrar_filename(name: str, media_type: str) -> str:
    """The name of a file that the registrar gives, with the extension of its type if it has none."""
    return name if _extension(name) in EXTENSIONS[media_type] else f"{name}.{EXTENSIONS[media_type][0]}"


def default_filename(media_type: str) -> str:
    """The name of a file that came without one."""
    return f"document.{EXTENSIONS[media_type][0]}"


def download_filename(filename: str, media_type: str) -> str:
    """The name under which a file is given out: as it came, with the extension of its type behind one of another type.

    Thus no program but that for its type opens it. Between JPEG and PNG programs look for themselves.
    """
    extension = _extension(filename)
    kinds = [kind for kind, extensions in EXTENSIONS.items() if extension in extensions]
    wrong = extension in OTHER_EXTENSIONS or any((kind == PDF) != (media_type == PDF) for kind in kinds)
    return f"{filename}.{EXTENSIONS[media_type][0]}" if wrong else filename


def check_parts(sizes: Sequence[int], *, most: int, max_bytes: int) -> None:
    """Raise TOO_MANY_PARTS or PARTS_TOO_LARGE for more parts, or bytes of all of them, than one PDF is made of."""
    if len(sizes) > most:
        raise TOO_MANY_PARTS(max=most)
    if sum(sizes) > max_bytes:
        raise PARTS_TOO_LARGE(max_bytes=max_bytes)


def assembled_filename(first: str) -> str:
    """The name of a PDF whose first part has this one."""
    extension = _extension(first)
    stem = first.rstrip(". ")[: -len(extension) - 1] if extension in _KNOWN_EXTENSIONS else first
    return f"{stem[: MAX_FILENAME - 4]}.pdf"


def too_large(rules: Rules) -> RefusedError:
    """The refusal of a file beyond the limit, with the limit in bytes."""
    return TOO_LARGE(max_bytes=rules.max_bytes)


def image_too_large(rules: Rules) -> RefusedError:
    """The refusal of an image of too many pixels, with the limit in pixels and in millions of them."""
    return IMAGE_TOO_LARGE(max_pixels=rules.max_pixels, max_megapixels=rules.max_pixels // 1_000_000)


def _tidy(filename: str) -> str:
    """What remains comes back unchanged (acceptance 59), so that a name which could have an effect elsewhere is refused."""
    filename = _SEPARATOR.split(_INVISIBLE.sub("", filename))[-1]
    if not 1 <= len(filename) <= MAX_FILENAME or filename.strip(". ") == "" or _FORBIDDEN.search(filename):
        raise FILENAME_INVALID(max_length=MAX_FILENAME)
    return filename


def _extension(filename: str) -> str:
    matched = _EXTENSION.search(filename.rstrip(". "))
    return matched[1].lower() if matched else ""
