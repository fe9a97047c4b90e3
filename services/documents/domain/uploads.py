"""What an upload must be before its bytes are read, and what its first bytes must say."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.contracts.refusals import Refusal
from services.documents.domain.refusals import (
    CONTENT_MISMATCH,
    EMPTY,
    FILENAME_INVALID,
    IMAGE_TOO_LARGE,
    TOO_LARGE,
    TYPE_NOT_ALLOWED,
)

PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"

EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    PDF: ("pdf",),
    JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    PNG: ("png",),
}
"""The media types that can be inspected, and the extensions of each; the first is the usual one."""

_OTHERS: Final = (
    "doc docx docm dot dotx rtf odt ott pages txt csv xls xlsx xlsm ods numbers ppt pptx odp key",
    "xml json htm html svg gif bmp tif tiff webp heic heif avif mp3 mp4 mov avi zip rar 7z gz tar",
    "jar apk exe msi com scr bat cmd ps1 vbs js sh app dmg dll lnk",
)
OTHER_EXTENSIONS: Final = frozenset(extension for line in _OTHERS for extension in line.split())
"""Extensions that promise something else; any other ending of a name is taken for a part of it ("releve 2.5")."""

MAX_FILENAME: Final = 255
"""Characters of a file name, inclusive."""

_EXTENSION: Final = re.compile(r"[^.]\.([A-Za-z0-9]{1,5})$")
# Controls; what separates folders; lone surrogates; marks that turn the direction of text, and so disguise an extension.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f/\\\\\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Offer:
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


def check_offer(offer: Offer, rules: Rules) -> str:
    """The name of the file, made from its type when it has none.

    Raises TYPE_NOT_ALLOWED, FILENAME_INVALID, CONTENT_MISMATCH (the name promises another type, acceptance 49), EMPTY,
    TOO_LARGE (acceptance 48).
    """
    if offer.media_type not in rules.media_types:
        raise TYPE_NOT_ALLOWED(allowed=list(rules.media_types))
    filename = f"document.{EXTENSIONS[offer.media_type][0]}" if offer.filename is None else offer.filename
    _check_filename(filename)
    _check_extension(filename, offer.media_type)
    if offer.size == 0:
        raise EMPTY()
    if offer.size is not None and offer.size > rules.max_bytes:
        raise too_large(rules)
    return filename


def check_content(recognised: str | None, media_type: str) -> None:
    """Raise CONTENT_MISMATCH unless the bytes were recognised as what they are said to be (acceptance 49)."""
    if recognised != media_type:
        raise CONTENT_MISMATCH()


def too_large(rules: Rules) -> Refusal:
    """The refusal of a file beyond the limit, with the limit in bytes."""
    return TOO_LARGE(max_bytes=rules.max_bytes)


def image_too_large(rules: Rules) -> Refusal:
    """The refusal of an image of too many pixels, with the limit in pixels and in millions of them."""
    return IMAGE_TOO_LARGE(max_pixels=rules.max_pixels, max_megapixels=rules.max_pixels // 1_000_000)


def _check_filename(filename: str) -> None:
    """Names come back unchanged (acceptance 59), so that one which could have an effect elsewhere is refused."""
    if not 1 <= len(filename) <= MAX_FILENAME or filename.strip(". ") == "" or _FORBIDDEN.search(filename):
        raise FILENAME_INVALID(max_length=MAX_FILENAME)


def _check_extension(filename: str, media_type: str) -> None:
    matched = _EXTENSION.search(filename)
    if matched is None:
        return
    extension = matched[1].lower()
    promised = _types_of(extension)
    if (promised and media_type not in promised) or extension in OTHER_EXTENSIONS:
        raise CONTENT_MISMATCH()


def _types_of(extension: str) -> Collection[str]:
    return [media_type for media_type, extensions in EXTENSIONS.items() if extension in extensions]
