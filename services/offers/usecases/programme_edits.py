"""Writing one programme, as staff do: held to all that an import is held to, and within their reach."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import MAX_TRIES, Decision, Outcome
from services.chassis.ports import DuplicateKey
from services.contracts.api.identity import Grant
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND, STALE_VERSION, FieldError
from services.offers.domain.kept import Kind, parts_kept
from services.offers.domain.parts import Parts, Written, content_of
from services.offers.domain.programmes import Programme, write
from services.offers.domain.reach import reaches
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign


async def write_programme(
    app: App,
    code: str,
    written: Written,
    parts: Parts,
    command: CommandContext,
    *,
    published: bool,
    grants: Sequence[Grant],
    expected: int | None = None,
) -> Outcome[Programme]:
    """Say all of a programme of the active campaign, and whether it is in the catalogue; sent twice it changes once.

    `expected` is the revision that was looked at, 0 for none. Raises NOT_FOUND for one beyond all `grants`, STALE_VERSION,
    NO_ACTIVE_CAMPAIGN, BUSY, INVALID_FIELDS with all that is wrong, such as a centre beyond them.
    """
    campaign = await current_campaign(app, command)
    kept = await kept_parts(app, written)

    def decide(there: Programme | None) -> Decision[Programme]:
        reached = there is not None and any(reaches(grant, there.content) for grant in grants)
        if not reached and (there is not None or expected):
            raise NOT_FOUND()
        content = content_of(code, written, campaign.code, parts, there.content if there else None, kept=kept)
        if not any(reaches(grant, content) for grant in grants):
            mine = any(grant.centres is None or content.centre.code in grant.centres for grant in grants)
            raise INVALID_FIELDS(fields=[FieldError("commission" if mine else "centre", "unknown-code")])
        after, facts = write(there, code, content, published=published)
        if facts and expected not in (None, there.revision if there else 0):
            raise STALE_VERSION(version=there.revision if there else 0)
        return Decision(after, facts)

    for _ in range(MAX_TRIES):
        outcome = await app.programmes.change(code, decide, command)
        if outcome is not None:
            return outcome
        with suppress(DuplicateKey):  # another process was first
            return await app.programmes.add(code, decide(None), command)
    raise BUSY(retry_after=1)


async def kept_programme(app: App, code: str, grants: Sequence[Grant]) -> Programme:
    """A programme as it is kept, in the catalogue or not; raises NOT_FOUND for one beyond all `grants` as for none."""
    saved = await app.programmes.get(code)
    if saved is None or not any(reaches(grant, saved.state.content) for grant in grants):
        raise NOT_FOUND()
    return saved.state


async def kept_parts(app: App, written: Written) -> Parts:
    """What staff keep of all that a programme names."""
    named: list[tuple[Kind, str]] = [("centre", written.centre)]
    named += [("commission", written.commission)] if written.commission is not None else []
    named += [("requirement", code) for code in written.requirements]
    return parts_kept(await app.kept.some(named))
