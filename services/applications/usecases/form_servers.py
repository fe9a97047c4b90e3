"""Asking the server of forms what was filled in: by night and on last days, never while anybody waits (acceptance 64)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from services.applications.domain import forms
from services.applications.domain.asked import Delivery, FormAnswer
from services.applications.domain.model import Application
from services.applications.repository.surveys import LAST_DAY, NIGHT, survey_of
from services.applications.usecases.app import App
from services.applications.usecases.changing import change
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.ports import Document
from services.chassis.ports.forms import FormsUnavailable, Survey, SurveyResponse, WrongForms
from services.chassis.store.rows import readable
from services.contracts.api.forms import ANSWER_LENGTH, MAX_ANSWERS, QUESTION_LENGTH
from services.contracts.api.texts import DECOMPOSED, without_unreadable
from services.contracts.backoff import Backoff
from services.contracts.refusals import RefusedError
from services.contracts.text import normal, visible

log = structlog.get_logger(__name__)

FROM_HOUR: Final = 1
"""Of the night, by the institution's clock: then all surveys of open files are looked for."""
PAUSES: Final = Backoff(timedelta(minutes=5), timedelta(hours=2))
MAX_FAILURES: Final = 12
"""Of one survey in a row, over most of a day; then it waits for the next night."""
CUT: Final = " […]"
"""Where more was filled in than is kept."""


async def look_for_surveys(app: App, command: CommandContext) -> int:
    """Find, once a night, which surveys somebody's open file waits for; after a stop that is caught up.

    On a file's last day the night would be too late: then they are found four times an hour.
    """
    local = command.now.astimezone(app.zone)
    night, quarter = local.date().isoformat(), f"{local:%Y-%m-%dT%H}:{local.minute // 15 * 15:02}"
    due = app.moment(command).due
    if local.hour >= FROM_HOUR and await app.surveys.looked_on(NIGHT) != night:
        await _look(app, app.surveys.files_to_ask_for(due), command, by_night=True)
        await app.surveys.look(NIGHT, night)
    if await app.surveys.looked_on(LAST_DAY) != quarter:
        await _look(app, app.surveys.open_files(due, until=local.date()), command, by_night=False)
        await app.surveys.look(LAST_DAY, quarter)
    return 0


async def _look(app: App, files: AsyncIterator[Document], command: CommandContext, *, by_night: bool) -> None:
    """What was deleted at the server is looked for by night alone."""
    found: dict[Survey, set[tuple[str, str]]] = {}
    async for row in files:
        for offer, wanted in readable("applications", "applications", [row], partial(_asked_for, app)):
            for survey in wanted:
                found.setdefault(survey, set()).add(offer)
    for survey, offers in found.items():
        await app.surveys.ask(survey, offers if by_night else (), command.now)


def due(app: App, command: CommandContext) -> AsyncIterator[Document]:
    """Which surveys are to be asked about by now."""
    return app.surveys.due(command.now)


async def ask(app: App, row: Document, command: CommandContext) -> int:
    """Ask about one survey, and keep what was filled in for files that are open.

    Raises FormsUnavailable, so that other surveys are not asked about in vain.
    """
    survey, there = survey_of(row), set[str]()
    try:
        async with aclosing(app.form_server.responses(survey)) as parts:
            async for responses in parts:
                there |= {each.id for each in responses}
                await _take(app, survey, [each for each in responses if each.sent_off], command)
    except WrongForms as error:
        log.warning("forms.wrong", survey=survey.id, why=str(error))
        await app.surveys.asked(row)
        return 1
    except FormsUnavailable as error:
        failures = row["failures"] + 1
        log.warning("forms.unavailable", survey=survey.id, failures=failures, why=str(error))
        if failures >= MAX_FAILURES:
            await app.surveys.asked(row)
        else:
            await app.surveys.defer(row, command.now + PAUSES.after(failures))
        raise
    for programme in row.get("programmes", ()):
        campaigns = row.get("campaigns") or await _offered_in(app, programme)
        async with aclosing(app.surveys.files_to(programme, campaigns)) as files:
            await _look_for_deleted(app, survey, files, frozenset(there), command)
    await app.surveys.asked(row)
    return 1


def _asked_for(app: App, row: Mapping[str, Any]) -> tuple[tuple[str, str], set[Survey]]:
    """The programme and campaign of a file, and the surveys of its forms: what is filled in may still be changed there.

    A programme that was rolled over is offered in the next campaign, while files of the one before are examined.
    """
    surveys = {app.form_server.survey_of(each["form"]["url"]) for each in row.get("forms", ())}
    return (row["programme"]["code"], row["campaign"]), {each for each in surveys if each is not None}


async def _offered_in(app: App, programme: str) -> Sequence[str]:
    """The campaign of a programme, for what the release before has noted to be asked about."""
    offer = await app.programmes.of(programme)
    return () if offer is None else (offer.campaign,)


async def _look_for_deleted(
    app: App, survey: Survey, files: AsyncIterator[Document], there: frozenset[str], command: CommandContext
) -> None:
    """Note of which files the server has what was filled in no more; what it said stays."""
    moment = app.moment(command)
    lost_in = partial(_lost_in, app, survey, there)
    async for row in files:
        ids = [id for id in readable("applications", "applications", [row], lost_in) if id]
        for saved in await app.applications.of_ids(ids) if ids else ():
            for filled in saved.state.forms:
                lost = forms.is_lost(filled, there) and app.form_server.survey_of(filled.form.url) == survey
                if lost and forms.takes(saved.state):
                    decide = partial(forms.lose, code=filled.form.code, there=there, moment=moment)
                    with suppress(RefusedError):  # it has been erased meanwhile
                        await change(app, Actor(saved.state.account), saved.id, command, decide)


def _lost_in(app: App, survey: Survey, there: frozenset[str], row: Mapping[str, Any]) -> str:
    """The id of a file of which something was read there that is there no more, and is not known to be gone; else nothing.

    By its row alone: of ten thousand files that are looked through in a night hardly one has lost anything.
    """
    for form in row.get("forms", ()):
        latest = form.get("since") or form.get("delivery") or {}
        is_lost = latest.get("read") and "gone_at" not in form and latest["id"] not in there
        if is_lost and app.form_server.survey_of(form["form"]["url"]) == survey:
            return str(row["_id"])
    return ""


async def _take(app: App, survey: Survey, responses: Sequence[SurveyResponse], command: CommandContext) -> None:
    by_application: dict[str, list[SurveyResponse]] = {}
    for response in responses:
        by_application.setdefault(response.application, []).append(response)
    for saved in await app.applications.of_ids(list(by_application)):
        for response in by_application[saved.id]:
            if not survey.file_number or response.file_number.upper() == saved.state.file_number:
                await _fill_in(app, saved, survey, response, command)


async def _fill_in(
    app: App, saved: Versioned[Application], survey: Survey, response: SurveyResponse, command: CommandContext
) -> None:
    """Keep a response as what its server tells by itself is kept; one that came before, or an older one, changes nothing."""
    at, answers = _filled_in_at(app, response, command.now), _bounded(response.answers)
    delivery = Delivery(response.id, at, command.now, answers, read=True)
    moment, owner = app.moment(command), Actor(saved.state.account)
    for filled in saved.state.forms:
        if (
            forms.takes(saved.state)
            and filled.counts(delivery)
            and app.form_server.survey_of(filled.form.url) == survey
        ):
            decide = partial(forms.fill_in, code=filled.form.code, delivery=delivery, moment=moment)
            with suppress(RefusedError):  # it is submitted meanwhile, or its last day is over: then it stays as it is
                await change(app, owner, saved.id, command, decide)


def _filled_in_at(app: App, response: SurveyResponse, now: datetime) -> datetime:
    """By the server's clock, which is taken to be in the institution's zone; never after it was told."""
    at = response.filled_in_at
    return now if at is None else min(now, at.replace(tzinfo=app.zone).astimezone(UTC))


def _bounded(answers: Sequence[tuple[str, str]]) -> tuple[FormAnswer, ...]:
    """As many and as long as call-backs may tell; where something is cut off, that is seen."""
    kept = list(answers[: MAX_ANSWERS - 1] if len(answers) > MAX_ANSWERS else answers)
    if len(kept) < len(answers):
        kept.append((CUT.strip(), CUT.strip()))
    return tuple(FormAnswer(_cut(question, QUESTION_LENGTH), _cut(answer, ANSWER_LENGTH)) for question, answer in kept)


def _cut(text: str, longest: int) -> str:
    readable_text = normal("NFC", visible(str(without_unreadable(text[: longest * DECOMPOSED])))).strip()
    return readable_text if len(readable_text) <= longest else readable_text[: longest - len(CUT)] + CUT
