"""Text made alike: normal forms, for as much of it as can be had in no time, without signs that nobody sees."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

MOST: Final = 4096
"""Characters that are normalized at a time: to put marks into their order takes time by the square of their number."""
_UNSEEN: Final = re.compile(
    "[\N{SOFT HYPHEN}\N{COMBINING GRAPHEME JOINER}\N{ARABIC LETTER MARK}\N{HANGUL CHOSEONG FILLER}"
    "\N{HANGUL JUNGSEONG FILLER}\N{KHMER VOWEL INHERENT AQ}\N{KHMER VOWEL INHERENT AA}"
    "\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
"""Signs of direction and format, fillers and selectors, as programs and telephones copy them along."""
_JOINERS: Final = re.compile(r"(?<![\u0590-\U0003ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0590-\U0003ffff])")
"""Joiners are letters' own in Persian and the scripts of India, and nobody's elsewhere."""
_BLANKS: Final = re.compile(r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_UNREADABLE: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]")

_NO_BREAK: Final = dict.fromkeys((0xA0, 0x202F), " ")


def is_printable(text: str) -> bool:
    """Whether a text has no control characters; blanks that keep words together are none: word processors set them."""
    return text.translate(_NO_BREAK).isprintable()


def normal(form: Literal["NFC", "NFKD"], text: str) -> str:
    """The normal form of a text of up to `MOST` characters; raises ValueError for a longer one."""
    if len(text) > MOST:
        raise ValueError("too long to be normalized")
    return unicodedata.normalize(form, text)


def visible(text: str) -> str:
    """A text without signs that nobody sees, and with plain blanks."""
    return _BLANKS.sub(" ", _JOINERS.sub("", _UNSEEN.sub("", text)))


def readable(text: str) -> str:
    """A text with blanks in place of what can be no part of lines that people read."""
    return _UNREADABLE.sub(" ", text.replace("\r\n", "\n"))


def typed(text: str) -> str:
    """What nothing has looked at since it was typed, as requests keep it; of a longer text the first `MOST` characters."""
    return normal("NFC", readable(visible(text[:MOST]))).strip()
