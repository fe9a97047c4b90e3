"""What uploads of every kind have in common over HTTP."""

from __future__ import annotations

from services.chassis.routing import Request
from services.chassis.texts.warning_words import warning_text
from services.contracts.api import documents as api
from services.contracts.api.documents import Upload, UploadWarning
from services.contracts.languages import Language
from services.contracts.refusals.documents import FILENAME_INVALID
from services.documents.domain.uploads import MAX_FILENAME, DeclaredUpload


def plain_type(content_type: str) -> str:
    """A media type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def in_words(view: Upload, language: Language) -> Upload:
    """The answer to an upload, its warnings told in this language."""
    if not view.warnings:
        return view
    return view.model_copy(update={"warnings": tuple(_told(each, language) for each in view.warnings)})


def _told(warning: UploadWarning, language: Language) -> UploadWarning:
    return warning.model_copy(update={"text": warning_text(warning.slug, warning.page, warning.dpi, language)})


def declared(request: Request) -> DeclaredUpload:
    """What a client says of the bytes that it sends; raises FILENAME_INVALID."""
    headers = request.http.headers
    media_type = headers.get("Content-Type", "")
    name = headers.get(api.FILENAME_HEADER)
    try:
        filename = None if name is None else api.decode_filename(name)
    except ValueError:
        raise FILENAME_INVALID(max_length=MAX_FILENAME) from None
    return DeclaredUpload(plain_type(media_type), filename, request.http.content_length)
