"""Taking requests for mails, all alike, and doing what each needs afterwards (ADR 36).

Who asks is answered as soon as the request is kept: with the same words, after the same work, whether there is an account
or not. What is done then nobody outside can see but who reads the mails of the address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from services.accounts.domain import throttles
from services.accounts.domain.requests import Request
from services.accounts.repository.requests import request_of
from services.accounts.usecases import email_changes
from services.accounts.usecases.app import App
from services.accounts.usecases.constant_time import constant_time
from services.accounts.usecases.mailing import mail_identifiers, mail_new_link
from services.accounts.usecases.registration import open_or_tell
from services.chassis.clients import Client
from services.chassis.context import NOBODY, Actor, CommandContext
from services.chassis.ports import Document
from services.chassis.telemetry import tracing
from services.chassis.telemetry.spans import Attributes, SpanKind
from services.contracts.actors import ActorKind, staff_id
from services.contracts.refusals.accounts import TOO_MANY_REQUESTS
from services.contracts.spans import Attribute


async def take(
    app: App,
    request: Request,
    client: Client | None,
    command: CommandContext,
    claim: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Keep a request whose fields are checked; raises TOO_MANY_REQUESTS, KEY_REUSED.

    Of staff who help, their own acts are bounded, and not the line, which is that of everybody beside them. `claim` uses
    up, last of all, what entitles to it, and may refuse.
    """
    bounds = _bounds(app, client) if request.given is None else []
    async with constant_time(app.settings.neutral_milliseconds):
        if wait := await app.throttles.count(bounds, command.now):
            raise TOO_MANY_REQUESTS(retry_after=wait, seconds=wait)
        await app.keys.claim(command)
        if claim is not None:
            await claim()
        await app.requests.put(command.key or app.ids.new(), request)
        app.asked.set()


def _bounds(app: App, client: Client | None) -> Sequence[throttles.ThrottleLimit]:
    return throttles.requests(
        client.address if client else None,
        client.network if client else None,
        per_line=app.settings.requests_per_address,
        per_network=app.settings.requests_per_network,
        for_all=app.settings.requests_per_hour,
    )


async def taken(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """What was taken and is not yet done, the longest waiting first."""
    app.asked.clear()
    async for row in app.requests.rows():
        yield row


async def unfinished(app: App) -> int:
    """How much was taken and is still to be done: mails, and records that were not asked for even once."""
    return await app.requests.count() + await app.lookups.fresh()


async def answer(app: App, row: Document, command: CommandContext) -> int:
    """Do what one request asks for.

    Its id is the key of the work: done twice, by two replicas or after a crash, it is done once.
    """
    request = request_of(row)
    attributes: Attributes = {Attribute.SERVICE: "accounts", Attribute.CORRELATION: request.correlation}
    actor, on_behalf_of = NOBODY, None
    if request.given is not None:
        actor = Actor(staff_id(request.given.by), ActorKind.STAFF)
        on_behalf_of = Actor(request.account)
    with tracing.span(f"work off {request.what}", SpanKind.CONSUMER, attributes, request.traceparent) as span:
        await _work_off(
            app,
            request,
            CommandContext(
                request.at,
                request.correlation,
                actor,
                on_behalf_of,
                key=row["_id"],
                digest="request",
                traceparent=span.traceparent,
            ),
        )
    await app.requests.done(row["_id"])
    return 1


async def _work_off(app: App, request: Request, work: CommandContext) -> None:
    match request.what:
        case "registration":
            await open_or_tell(app, request.person, request.campaign, request.ent, work)
        case "validation":
            await mail_new_link(app, request.person.email, work)
        case "password-reset":
            await mail_identifiers(app, request.person.email, work)
        case "email-change":
            await email_changes.work_off(app, request, work)
