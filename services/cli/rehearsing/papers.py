"""What people of a campaign that is played deposit and answer: made up, and never twice the same bytes."""

from __future__ import annotations

import io
import secrets
from typing import Final

from services.contracts.api.accounts import Address, Baccalaureate, Identity

ADDRESS: Final = Address(lines=["12 rue des Abeilles"], postcode="66000", city="Perpignan", country="FR")
BACCALAUREATE: Final = Baccalaureate(kind="equivalent", year=2021, country="DE")
FAMILY_NAMES: Final = ("Müller-L’Hôte", "N’Guessan", "Lefèvre", "O’Brien", "Çelik", "Åström", "García y Vega", "Nguyễn")
GIVEN_NAMES: Final = ("Zoé", "Anaïs", "Jérôme", "Noëlle", "Kim", "Léa", "Ömer", "Inès", "Maël")


def identity(number: int) -> Identity:
    """Who the person of a number is."""
    return Identity(
        title="mx",
        family_name=FAMILY_NAMES[number % len(FAMILY_NAMES)],
        given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
        birth_date="2003-05-17",
        birth_country="DE",
        birth_place="Freiburg",
        nationality="DE",
    )


def document(media_types: list[str]) -> tuple[bytes, str]:
    """A small file of a type that is taken, and its type."""
    if "application/pdf" in media_types:
        return _pdf(), "application/pdf"
    from PIL import Image

    kind = "png" if "image/png" in media_types else "jpeg"
    made = io.BytesIO()
    Image.frombytes("RGB", (16, 16), secrets.token_bytes(16 * 16 * 3)).save(made, kind.upper())
    return made.getvalue(), f"image/{kind}"


def _pdf() -> bytes:
    return (
        b"%PDF-1.4\n% " + secrets.token_hex(8).encode() + b"\n"
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )
