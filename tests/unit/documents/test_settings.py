"""Settings of documents: what fits together, and what is refused at start."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.documents.settings import DocumentsSettings


def settings(**values: Any) -> DocumentsSettings:
    return DocumentsSettings(_env_file=None, **values)


def test_an_upload_ends_before_its_bytes_count_as_nobodys() -> None:
    assert settings(upload_seconds=3599, orphan_hours=1, open_upload_hours=1).orphan_hours == 1
    with pytest.raises(ValidationError, match="upload_seconds"):
        settings(upload_seconds=3600, orphan_hours=1, open_upload_hours=1)


def test_an_upload_that_can_go_on_is_over_before_its_pieces_count_as_nobodys() -> None:
    assert settings(orphan_hours=24, open_upload_hours=24).open_upload_hours == 24
    with pytest.raises(ValidationError, match="open_upload_hours"):
        settings(orphan_hours=24, open_upload_hours=25)
