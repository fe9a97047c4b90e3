"""HTTP in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.actors import Role
from services.contracts.api import mail_texts as api
from services.contracts.api.endpoints import mail_texts as endpoints
from services.contracts.api.endpoints.mailer import OWN_MESSAGES, RETRY_DELIVERY, STAFF_DELIVERIES
from services.contracts.api.identity import Grant
from services.contracts.api.mailer import DeliveryPage, DeliveryQuery, DeliveryView, MessagePage, MessageQuery
from services.contracts.instants import instant_text
from services.contracts.languages import LANGUAGES, Language
from services.contracts.refusals import NOT_FOUND
from services.mailer.domain.mail_tests import MARK
from services.mailer.domain.mail_texts import Earlier, MailTexts
from services.mailer.usecases import mail_texts, rendering, retrying
from services.mailer.usecases.app import App
from services.mailer.usecases.drafting import allowed_in
from services.mailer.usecases.mail_texts import InForce
from services.mailer.views import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of the mailer."""

    async def own_messages(request: Request) -> Response[MessagePage]:
        query = request.query(MessageQuery)
        return Response(await views.messages_of(request.actor, query.limit, query.after, request.command.now))

    async def deliveries(request: Request) -> Response[DeliveryPage]:
        return Response(await views.deliveries_by(request.query(DeliveryQuery), _grants(request)))

    async def retry(request: Request) -> Response[DeliveryView]:
        _require_all(request, Role.SUPPORT, Role.ADMIN)
        # It is the mail of somebody else, whom no limit of theirs protects from being helped.
        done = await retrying.retry(app, request.path["id"], replace(request.command, personal=False))
        if done is None:
            raise NOT_FOUND()
        return Response(await views.delivery(done.saved), events=done.events)

    return [
        Route(OWN_MESSAGES, own_messages),
        Route(STAFF_DELIVERIES, deliveries),
        Route(RETRY_DELIVERY, retry),
        Route(endpoints.MAIL_TEXTS_LIST, partial(_all, app)),
        Route(endpoints.MAIL_TEXTS, partial(_one, app)),
        Route(endpoints.SET_MAIL_TEXTS, lambda request: _write(app, request)),
        Route(endpoints.RESET_MAIL_TEXTS, partial(_reset, app)),
        Route(endpoints.MAIL_PREVIEW, lambda request: _preview(app, request)),
        Route(endpoints.MAIL_TEST, lambda request: _test(app, request)),
    ]


async def _all(app: App, request: Request) -> Response[api.MailTextsList]:
    _require_all(request, Role.ADMIN)
    found = [
        await mail_texts.in_force(app, template.kind, language)
        for template in mail_texts.writable(app)
        for language in LANGUAGES
    ]
    return Response(api.MailTextsList(items=[_row(each) for each in found]))


async def _one(app: App, request: Request) -> Response[api.MailTextsView]:
    return _shown(await mail_texts.in_force(app, *_wanted(request)))


async def _write(app: App, request: Posted[api.MailTextsBody]) -> Response[api.MailTextsView]:
    kind, language = _wanted(request)
    return _shown(await mail_texts.write(app, kind, language, _texts(request.body), request.command))


async def _reset(app: App, request: Request) -> Response[api.MailTextsView]:
    kind, language = _wanted(request)
    return _shown(await mail_texts.write(app, kind, language, None, request.command))


async def _preview(app: App, request: Posted[api.MailPreviewBody]) -> Response[api.MailPreview]:
    found = await _rendered(app, request)
    letter, of = found.letter, found.of
    file = None if of is None else api.MailPreviewFile(application=of.application, programme=of.programme)
    return Response(
        api.MailPreview(
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            examples=list(found.examples),
            file=file,
            programmes=list(found.others),
        )
    )


async def _test(app: App, request: Posted[api.MailPreviewBody]) -> Response[api.MailTest]:
    kind, language = _wanted(request)
    found = await _rendered(app, request)
    address, left = await rendering.send_test(app, kind, language, found, request.command)
    return Response(api.MailTest(subject=f"{MARK}{found.letter.subject}", address=address, left=left))


async def _rendered(app: App, request: Posted[api.MailPreviewBody]) -> rendering.Rendered:
    kind, language = _wanted(request)
    body = request.body
    managing = [each for each in request.actor.grants if each.role == Role.MANAGER]
    wanted = None if body.file_number is None else rendering.Wanted(body.file_number, managing, body.programme)
    return await rendering.render(app, kind, language, _texts(body), wanted)


def _wanted(request: Request | Posted[Any]) -> tuple[str, Language]:
    _require_all(request, Role.ADMIN)
    return request.path["kind"], request.path["language"]


def _texts(body: api.MailTextsBody) -> MailTexts:
    return MailTexts(body.subject, body.body)


def _row(found: InForce) -> api.MailTextsRow:
    at = found.sheet.at
    return api.MailTextsRow(
        kind=found.template.kind,
        language=found.language,
        subject=found.texts.subject,
        own=found.sheet.texts is not None,
        changed_at=None if at is None else instant_text(at),
    )


def _shown(found: InForce) -> Response[api.MailTextsView]:
    sheet, allowed = found.sheet, allowed_in(found.template)
    view = api.MailTextsView(
        kind=found.template.kind,
        language=found.language,
        subject=found.texts.subject,
        body=found.texts.body,
        own=sheet.texts is not None,
        variables=list(allowed.body),
        sometimes=list(allowed.sometimes),
        needed=list(allowed.needed),
        changed_at=None if sheet.at is None else instant_text(sheet.at),
        changed_by=sheet.by or None,
        version=found.version,
        earlier=[_entry(each) for each in sheet.earlier],
    )
    return Response(view, etag=found.version)


def _entry(entry: Earlier) -> api.MailEntry:
    said = {} if entry.texts is None else {"subject": entry.texts.subject, "body": entry.texts.body}
    return api.MailEntry(at=instant_text(entry.at), by=entry.by, **said)


def _grants(request: Request) -> Sequence[Grant] | None:
    """For which files somebody manages; None who looks after all mails; raises NOT_FOUND."""
    if _has_all(request, Role.SUPPORT, Role.ADMIN):
        return None
    if managing := [each for each in request.actor.grants if each.role == Role.MANAGER]:
        return managing
    raise NOT_FOUND()


def _require_all(request: Request | Posted[Any], *roles: Role) -> None:
    """What is of no centre is out of the scope of whoever has a right for some; raises NOT_FOUND."""
    if not _has_all(request, *roles):
        raise NOT_FOUND()


def _has_all(request: Request | Posted[Any], *roles: Role) -> bool:
    grants = request.actor.grants
    return any(each.role in roles and each.centres is None and each.commissions is None for each in grants)
