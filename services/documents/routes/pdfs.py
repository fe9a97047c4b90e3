"""A PDF that was made just now, as it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.chassis.routing import Response
from services.contracts.api.documents import attachment
from services.contracts.languages import Language
from services.documents.domain.uploads import PDF


def made_pdf(content: bytes, filename: str, language: Language) -> Response[None]:
    """The whole of it, to be kept under that name."""
    return Response(stream=_bytes(content), headers=pdf_headers(len(content), filename, language))


def pdf_headers(size: int, filename: str, language: Language) -> dict[str, str]:
    """What is said of a PDF of so many bytes in a language."""
    return {
        "Content-Type": PDF,
        "Content-Length": str(size),
        "Content-Language": language,
        "Content-Disposition": attachment(filename),
    }


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content
