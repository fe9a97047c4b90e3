"""What people were told of their erasure, as it stands in the documents of their accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.accounts.domain.erasure_notices import ErasureNotice
from services.chassis.ports import Document
from services.contracts.instants import instant, instant_text

_PARTED: Final = "|"


def told_text(because: date, at: datetime | None) -> str:
    """In the order of the ends of retention, and of the instants at which people were told of one; None: before all."""
    return f"{because.isoformat()}{_PARTED}{'' if at is None else instant_text(at)}"


def notice_documents(notice: ErasureNotice | None) -> Document:
    """Members for what somebody was told, which who looks for them goes by; none where they were told nothing."""
    if notice is None:
        return {}
    return {"erasure_told": told_text(notice.because, notice.at), "erased_on": notice.day.isoformat()}


def notice_of(document: Document) -> ErasureNotice | None:
    """What somebody was told, if anything."""
    if (told := document.get("erasure_told")) is None:
        return None
    because, _, at = told.partition(_PARTED)
    return ErasureNotice(date.fromisoformat(because), date.fromisoformat(document["erased_on"]), instant(at))
