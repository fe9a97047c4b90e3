"""How a text in two languages is written, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.chassis.ports import Document
from services.offers.domain.text import Text


def text_row(text: Text) -> Document:
    """A text by language."""
    return {"fr": text.fr, "en": text.en}


def text_of(row: Mapping[str, Any]) -> Text:
    """What `text_row` wrote; equal texts are one object, for thousands of programmes say the same of themselves."""
    return _shared_text(row["fr"], row["en"])


@lru_cache(maxsize=4096)
def _shared_text(fr: str, en: str | None) -> Text:
    return Text(fr, en)
