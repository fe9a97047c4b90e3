"""Exports as their person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.exports import Export, ExportState
from services.applications.repository.exports import ExportRepository
from services.applications.views.wording import word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.texts.catalogues import catalogues
from services.contracts.api import exports as api
from services.contracts.api.endpoints import exports as endpoints
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND


@dataclass(frozen=True, slots=True)
class ExportStates:
    """How far exports are."""

    exports: ExportRepository

    async def one(self, actor: Actor, id: str, language: str, now: datetime) -> api.ExportView:
        """An export of the actor's; raises NOT_FOUND."""
        saved = await self.exports.of(actor.id, id)
        if saved is None or now >= saved.state.expires_at:
            raise NOT_FOUND()
        return export_view(saved, language)

    async def own(self, actor: Actor, language: str, now: datetime) -> api.ExportList:
        """All of the actor's that are not over."""
        found = [saved for saved in await self.exports.own(actor.id) if now < saved.state.expires_at]
        return api.ExportList(items=[export_view(saved, language) for saved in found])


def export_view(saved: Versioned[Export], language: str) -> api.ExportView:
    """One export."""
    export, is_ready = saved.state, saved.state.state is ExportState.READY
    text = ""
    if export.reason:
        text = catalogues().text(f"applications.export.failed.{export.reason}", language, most=export.most)
    return api.ExportView.model_validate(
        {
            "id": saved.id,
            "format": export.format,
            "state": export.state.value,
            "state_label": word(f"export_{export.state}", language),
            "done": export.done,
            "total": export.total,
            "asked_at": instant_text(export.asked_at),
            "expires_at": instant_text(export.expires_at),
            "size": export.size if is_ready else None,
            "sha256": export.sha256 if is_ready else None,
            "file": endpoints.FILE.at(id=saved.id) if is_ready else None,
            "reason": export.reason or None,
            "reason_text": text or None,
        }
    )
