"""Exports as their person sees them."""

from __future__ import annotations

from services.applications.domain.exports import Export
from services.applications.views.wording import word
from services.chassis.events.aggregates import Versioned
from services.chassis.texts.catalogues import catalogues
from services.chassis.work.views import shown
from services.contracts.api import exports as api
from services.contracts.api.endpoints import exports as endpoints


def export_view(saved: Versioned[Export], language: str) -> api.ExportView:
    """One export."""
    export, text = saved.state, None
    if export.reason:
        text = catalogues().text(f"applications.export.failed.{export.reason}", language, most=export.most)
    return api.ExportView.model_validate(
        shown(saved.id, export, endpoints.FILE.at(id=saved.id))
        | {
            "format": export.format,
            "state_label": word(f"export_{export.state}", language),
            "reason_text": text,
        }
    )
