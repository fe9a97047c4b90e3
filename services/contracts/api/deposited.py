"""A document of an application, as views show it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import View
from services.contracts.api.documents import UploadWarnings
from services.contracts.api.receipts import Sha256


class DocumentView(View):
    """A deposited document; its bytes are at `/api/documents/documents/{id}`."""

    id: str
    filename: str
    media_type: str
    size: Annotated[int, Field(description="In bytes.")]
    sha256: Sha256
    warnings: UploadWarnings = None
