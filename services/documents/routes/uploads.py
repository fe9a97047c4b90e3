"""What uploads of every kind have in common over HTTP."""

from __future__ import annotations

from services.chassis.texts.catalogues import catalogues
from services.contracts.api.documents import Upload, UploadWarning
from services.contracts.languages import Language


def plain_type(content_type: str) -> str:
    """A media type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def in_words(view: Upload, language: Language) -> Upload:
    """The answer to an upload, its warnings told in this language."""
    if not view.warnings:
        return view
    return view.model_copy(update={"warnings": tuple(_told(each, language) for each in view.warnings)})


def _told(warning: UploadWarning, language: Language) -> UploadWarning:
    text = catalogues().text(f"documents.warning.{warning.slug}", language, page=warning.page or 1)
    return warning.model_copy(update={"text": text})
