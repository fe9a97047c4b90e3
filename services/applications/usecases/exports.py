"""Lists that are made into files in the background, and fetched when they are ready (`services/chassis/work`)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

from services.applications.domain.exports import Export
from services.applications.usecases.app import App
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.work.background import BEAT, Background, GivenUpError, RightsUnknownError, Tell
from services.contracts.actors import ActorKind, Role
from services.contracts.api.identity import Grant
from services.contracts.refusals import BUSY, NOT_FOUND, RefusedError
from services.contracts.refusals.applications import EXPORTS_FULL, RIGHTS_CHANGED, TOO_MANY_EXPORTS, TOO_MANY_ROWS

MAX_BYTES: Final = 192 * 2**20
"""Of a file, which stands whole in the room for uploads (256 MiB in docker-compose.yml) before it is kept."""
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_LOOKING: Final = (Role.MANAGER, Role.COMMISSION)

Make = Callable[[Actor, Export, Tell], AsyncGenerator[bytes, None]]
"""The bytes of an export, with what that actor may see."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    format: str
    query: Mapping[str, Any]
    language: str


def background(app: App) -> Background[Export]:
    """All exports as work in the background."""
    return Background(app.exports, app.objects, app.clock, app.ids, app.exports_asked)


async def ask(app: App, actor: Actor, command: CommandContext, wanted: Wanted) -> Versioned[Export]:
    """Have a list made into a file; raises TOO_MANY_EXPORTS, EXPORTS_FULL, BUSY, KEY_REUSED."""

    async def begin(id: str) -> Export:
        return Export(
            account=actor.id,
            format=wanted.format,
            query=wanted.query,
            language=wanted.language,
            asked_at=command.now,
        )

    return await background(app).ask(actor.id, begin, command, too_many=TOO_MANY_EXPORTS, full=EXPORTS_FULL)


async def make_next(app: App, make: Make, command: CommandContext, *, beat: float = BEAT) -> int:
    """Make the export whose turn it is; answer whether there was one. Raises PortError where the world did not."""

    async def made(claimed: Versioned[Export], tell: Tell) -> Mapping[str, Any]:
        try:
            return await _made(app, make, claimed, tell, command)
        except RefusedError as refusal:
            if refusal.slug == BUSY:
                raise
            reason = "too-many-rows" if refusal.slug == TOO_MANY_ROWS else "beyond-reach"
            raise GivenUpError(reason, most=int(refusal.members.get("most", 0))) from None

    return await background(app).make_next(made, command, beat=beat)


async def take(app: App, actor: Actor, id: str, command: CommandContext) -> Versioned[Export]:
    """Fetch an export, which is written down; raises NOT_FOUND, BUSY, and RIGHTS_CHANGED also for who has no part in a
    file since it was asked for: it may say what is entered on that.
    """
    saved = await app.exports.of(actor.id, id)
    if saved is None or not saved.state.is_there(command.now):
        raise NOT_FOUND()
    if not {*saved.state.grants} <= {*told_of(actor.grants)}:
        raise RIGHTS_CHANGED()
    if await app.recusals.said_since(actor.id, saved.state.asked_at):
        raise RIGHTS_CHANGED()
    taken = await background(app).change(id, command, lambda export: replace(export, taken=export.taken + 1))
    if taken is None or await app.objects.info(key_of(app, taken)) is None:
        raise NOT_FOUND()
    return taken


def key_of(app: App, saved: Versioned[Export]) -> str:
    """Where the bytes of an export that is ready are."""
    return background(app).key_of(saved)


def told_of(grants: Iterable[Grant]) -> tuple[str, ...]:
    """The rights to look at files, each in one word."""
    return tuple(
        sorted(f"{grant.role} {_words(grant.centres)} {_words(grant.commissions)}" for grant in grants if _looks(grant))
    )


def _looks(grant: Grant) -> bool:
    return grant.role in _LOOKING


def _words(codes: frozenset[str] | None) -> str:
    return "*" if codes is None else ",".join(sorted(codes))


async def _made(
    app: App, make: Make, claimed: Versioned[Export], tell: Tell, command: CommandContext
) -> Mapping[str, Any]:
    export = claimed.state
    # What one may see is what one may see now, and not when it was asked for.
    known = await app.staff.grants(export.account, app.moment(command).day)
    if known is None:
        raise RightsUnknownError
    grants = tuple(each for each in known if _looks(each))
    if not grants:
        raise GivenUpError("rights")
    actor = Actor(export.account, ActorKind.STAFF, grants=grants)
    async with app.objects.stage(MAX_BYTES) as stage, aclosing(make(actor, export, tell)) as chunks:
        async for chunk in chunks:
            await stage.write(chunk)
        await stage.finish()
        await stage.commit(key_of(app, claimed), MEDIA_TYPES[export.format])
        return {"size": stage.size, "sha256": stage.sha256, "grants": told_of(grants)}
