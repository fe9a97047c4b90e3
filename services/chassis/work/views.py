"""Work in the background as its person sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.work.repository import WorkRepository
from services.contracts.instants import instant_text
from services.contracts.refusals import NOT_FOUND
from services.contracts.work import W, Work, WorkState

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class WorkStates(Generic[W, V]):
    """How far the work of one kind is; `view` shows one piece of it, in a language."""

    repository: WorkRepository[W]
    view: Callable[[Versioned[W], str], V]

    async def one(self, actor: Actor, id: str, language: str, now: datetime) -> V:
        """A piece of the actor's; raises NOT_FOUND."""
        saved = await self.repository.of(actor.id, id)
        if saved is None or now >= saved.state.expires_at:
            raise NOT_FOUND()
        return self.view(saved, language)

    async def own(self, actor: Actor, language: str, now: datetime) -> list[V]:
        """All of the actor's that are not over."""
        found = [saved for saved in await self.repository.own(actor.id) if now < saved.state.expires_at]
        return [self.view(saved, language) for saved in found]


def shown(id: str, work: Work, file: str) -> dict[str, Any]:
    """What is shown of any work, of which the bytes are at `file` once it is ready."""
    is_ready = work.state is WorkState.READY
    return {
        "id": id,
        "state": work.state.value,
        "done": work.done,
        "total": work.total,
        "asked_at": instant_text(work.asked_at),
        "expires_at": instant_text(work.expires_at),
        "size": work.size if is_ready else None,
        "sha256": work.sha256 if is_ready else None,
        "file": file if is_ready else None,
        "reason": work.reason or None,
    }
