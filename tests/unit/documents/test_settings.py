"""Settings of documents: what fits together, and what is refused at start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.documents.settings import DocumentsSettings


def settings(**values: Any) -> DocumentsSettings:
    return DocumentsSettings(_env_file=None, **values)


def test_what_holds_without_any_setting() -> None:
    """Acceptance 48: 5 Mo."""
    chosen = settings()
    assert chosen.max_bytes == 5_242_880
    assert chosen.media_types == ("application/pdf", "image/jpeg", "image/png")
    assert chosen.keep_loose - chosen.receipt_life == timedelta(days=2)


def test_a_receipt_expires_before_its_document_is_swept() -> None:
    assert settings(loose_days=3, receipt_margin_days=2).receipt_life == timedelta(days=1)
    with pytest.raises(ValidationError, match="receipt_margin_days"):
        settings(loose_days=2, receipt_margin_days=2)


def test_an_upload_ends_before_its_bytes_count_as_nobodys() -> None:
    assert settings(upload_seconds=3599, orphan_hours=1).orphan_hours == 1
    with pytest.raises(ValidationError, match="upload_seconds"):
        settings(upload_seconds=3600, orphan_hours=1)


@pytest.mark.parametrize("types", ["", "image/gif", "application/pdf;image/png"])
def test_types_that_cannot_be_inspected_are_refused(types: str) -> None:
    with pytest.raises(ValidationError):
        settings(media_types=types)
