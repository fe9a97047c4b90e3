"""Text as people type it: kept as typed, compared without case and accents."""

from __future__ import annotations

import re
from typing import Final

from services.accounts.domain.countries import CODES
from services.contracts.refusals import FieldError
from services.contracts.text import normal

_DOTS: Final = "[.\u3002\uff0e\uff61]"
"""Those that part the labels of a domain; mail programs and browsers take all of them for one (IDNA, RFC 3490)."""
_DOT: Final = re.compile(rf"({_DOTS})(?=[^\W_]{{2}}|[^\W_]/)")
"""A dot as domains have it, before more than an initial."""
_COUNTRIES: Final = "|".join((*sorted(code.lower() for code in CODES), "ac", "eu", "su", "uk"))
_COMMON: Final = "|".join(
    (
        *("com", "net", "org", "edu", "gov", "info", "biz", "app", "dev", "web", "xyz", "top", "icu", "vip", "zip"),
        *("site", "online", "website", "shop", "store", "click", "рф"),
    )
)
"""Endings of domains that are nobody's name. After any other ending the dot gets its blank."""
_ADDRESS: Final = re.compile(
    r"[@<>]|:/|//|xn--"
    rf"|www{_DOTS}"
    rf"|[^\W_]{{2}}{_DOTS}(?:{_COMMON})(?![^\W_])"
    rf"|[^\W_]{{2}}(?<![ªº]){_DOTS}(?:{_COUNTRIES})(?![^\W_]|[\s'‘’‐‑-])"
    rf"|[^\W_]{_DOTS}(?:{_COMMON}|{_COUNTRIES})/"
    rf"|[^\W_]{_DOTS}[^\W_]+:"
    rf"|\d{_DOTS}\d",
    re.IGNORECASE,
)
"""Mail, scheme, `www.`, `evil.com`, `bit.ly` where no name goes on (`Md.Al-Amin`), `t.co/x`, `evil.test:80`, `1.2.3.4`."""


def folded(text: str) -> str:
    """The form by which addresses are compared: composed, without case and outer blanks (acceptance 4).

    A domain keeps its letters: under IDNA 2008 `straße.de` and `strasse.de` belong to two.
    """
    local, at, domain = normal("NFC", text.strip()).rpartition("@")
    return normal("NFC", f"{local.casefold()}{at}{domain.lower()}")


def bare(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    decomposed = normal("NFKD", text).casefold()
    return "".join(character for character in decomposed if character.isalnum())


def unlinked(name: str) -> str:
    """A name of which no mail program makes a link: `St.John` becomes `St. John`; an address stays, to be refused."""
    return name if _ADDRESS.search(name) else _DOT.sub(r"\1 ", name)


def name_faults(field: str, name: str, *, given: tuple[str, ...] = ()) -> list[FieldError]:
    """What is wrong with a required name: it must hold a letter, of whatever script, and be no address of anything.

    `given` are the fields that make it a required one.
    """
    if not name:
        return [FieldError(field, "required", given=given)]
    return optional_name_faults(field, name)


def optional_name_faults(field: str, name: str | None) -> list[FieldError]:
    """What is wrong with a name that may be left out."""
    if not name or (any(character.isalpha() for character in name) and not _ADDRESS.search(name)):
        return []
    return [FieldError(field, "not-a-name")]
