"""A board that wants to be told of its files gets one mail for all that happened within an hour, and nobody's name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite, run_suite
from services.contracts.events.applications import (
    ApplicationCancelled,
    ApplicationDecided,
    ApplicationEvent,
    ApplicationOpened,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    MarkedSubmitted,
    OpenedComplete,
)
from services.contracts.events.commissions import AlertsPart, CommissionChanged, LettersPart
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished, TextPart, UnitPart
from services.mailer.domain.alerts import WRITTEN_WITHIN
from services.mailer.domain.delivery import delivery_id
from services.mailer.repository import PROGRAMMES
from services.mailer.repository.alerts import ALERTS
from services.mailer.usecases import alerts
from services.mailer.usecases.app import App
from services.mailer.wiring import use_cases
from services.offers.usecases.sample import load_sample
from services.offers.wiring import use_cases as offers
from tests.parameters import hear
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.mailer.test_mails import APPLICATION, PROGRAMME, directory, noon, text_of

__all__ = ["noon"]

ALL = ["opened", "cancelled", "submitted", "withdrawn", "promoted"]
HOUR = timedelta(hours=1)
SUBMITTED: Mapping[str, Any] = {"submitted_at": "2026-03-01T12:00:00.000Z", "receipt_sha256": "0" * 64, "pieces": []}


@pytest.fixture
async def suite(tmp_path: Path, noon: FixedClock) -> AsyncIterator[Suite]:
    """Two programmes of one board, and one of another."""
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon, timers_by_time=False) as running:
        await directory(running)
        for code, board in (("P0", "JURY"), ("P1", "JURY"), ("P2", "OTHER")):
            said = {
                "code": code,
                "title": TextPart(fr=f"Titre {code}"),
                "commission": UnitPart(code=board, label=board),
            }
            programme = PROGRAMME.model_copy(update=said)
            await running.publish(ProgrammePublished(code=code, programme=programme), "offers")
        yield running


async def board_says(suite: Suite, version: int = 1, code: str = "JURY", **told: Any) -> None:
    part = AlertsPart.model_validate({"on": ALL, "email": f"{code.lower()}@univ.example"} | told)
    label = TextPart(fr=f"Jury {code}", en=f"Board {code}")
    letters = LettersPart(kinds=[])
    await suite.publish(
        CommissionChanged(
            part=f"commission:{code}", commission=code, version=version, label=label, letters=letters, alerts=part
        ),
        "offers",
    )
    await suite.settle()


def of(event: type[ApplicationEvent], application: str, programme: str = "P0", **more: Any) -> ApplicationEvent:
    return event.model_validate(APPLICATION | {"application": application, "programme": programme} | more)


async def happen(suite: Suite, *events: ApplicationEvent) -> None:
    for event in events:
        await suite.publish(event, "applications")
    await suite.settle()


def work(suite: Suite) -> tuple[App, CommandContext]:
    ports = suite.service("mailer").service.ports
    return use_cases(ports), CommandContext(suite.clock.now(), "test", acting_service("mailer"))


async def passed(suite: Suite, pause: timedelta, count: int) -> list[EmailMessage]:
    """The mails to boards once that time has passed, by their addresses: they are, and stay, so many.

    The mailer's own timer may be at it at the same time: what it has begun it ends.
    """
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(seconds=pause.total_seconds())
    app, command = work(suite)
    async with asyncio.timeout(120):
        while rows := [row async for row in alerts.due(app, command)]:
            for row in rows:
                await alerts.tell(app, row, command)
    await all_mails_are_handed_over(suite)
    kept = await suite.service("mailer").service.ports.store.find("deliveries", {}, limit=1000)
    found = [row for row in kept if row["kind"] == "commission-alerted"]
    assert ([row["state"] for row in found], len(found)) == (["sent"] * count, count)
    mails = []
    for row in sorted(found, key=lambda row: (row["address"], row["created_at"], row["_id"])):
        mail = EmailMessage()
        mail["To"], mail["Subject"] = row["address"], row["letter"][0]
        mail.set_content(row["letter"][1])
        mails.append(mail)
    return mails


async def test_all_that_happens_within_an_hour_is_one_mail_to_each_board_which_names_nobody(suite: Suite) -> None:
    """`incumbent.md` 3.2: five switches; no mail for each candidate on a deadline evening."""
    await board_says(suite)
    await board_says(suite, code="OTHER", language="en", on=["submitted"])
    await happen(
        suite,
        *(of(ApplicationSubmitted, f"s{number}", "P1", **SUBMITTED) for number in range(30)),
        of(MarkedSubmitted, "m", because="staff", receipt="first"),
        of(ApplicationSubmitted, "o", "P2", **SUBMITTED),
        of(ApplicationCancelled, "o2", "P2"),
        of(OpenedComplete, "c"),
        of(ApplicationOpened, "b", submission_deadline="2026-05-02", by="staff"),
        of(ApplicationOpened, "a", submission_deadline="2026-05-02"),
        of(ApplicationCancelled, "a"),
        of(ApplicationWithdrawn, "w", because="day"),
        of(ApplicationDecided, "r", decision="favourable", because="rank"),
        of(ApplicationDecided, "f", decision="favourable"),
    )
    await passed(suite, HOUR - timedelta(seconds=1), 0)
    await happen(suite, of(ApplicationSubmitted, "last", **SUBMITTED))
    first, other = await passed(suite, timedelta(seconds=1), 2)
    assert (first["To"], first["Subject"]) == ("jury@univ.example", "Du nouveau dans les candidatures\u00a0: Jury JURY")
    said = text_of(first).replace("\u00a0", " ")
    lines = [line for line in said.splitlines() if line.startswith(("- ", "Dossiers", "Candid", "Désist", "Passages"))]
    assert lines == [
        "Dossiers transmis :",
        "- Titre P0 – Master 1 (P0) : 2",
        "- Titre P1 – Master 1 (P1) : 30",
        "Candidatures ouvertes par les gestionnaires :",
        "- Titre P0 – Master 1 (P0) : 2",
        "Candidatures annulées :",
        "- Titre P0 – Master 1 (P0) : 1",
        "Désistements :",
        "- Titre P0 – Master 1 (P0) : 1",
        "Passages en liste principale :",
        "- Titre P0 – Master 1 (P0) : 1",
    ]
    assert "Zoé" not in said and "AB12CD34" not in said and "/gestion" in said
    assert other["To"] == "other@univ.example" and "Files submitted:" in text_of(other)
    assert "cancelled" not in text_of(other), "it does not want that"
    await happen(suite, of(ApplicationSubmitted, "next", **SUBMITTED))
    assert len(await passed(suite, HOUR, 3)) == 3, "a mail for the next hour, and nothing twice"


async def test_who_gives_no_address_is_told_nothing_neither_who_takes_it_away(suite: Suite) -> None:
    """A board of which nothing was ever said has all switches off."""
    await happen(suite, of(ApplicationCancelled, "a"))
    await board_says(suite, email=None)
    await happen(suite, of(ApplicationCancelled, "b"))
    await board_says(suite, 2, on=[])
    await happen(suite, of(ApplicationCancelled, "c"))
    await board_says(suite, 3)
    await happen(suite, of(ApplicationCancelled, "d"))
    await board_says(suite, 4, email=None)
    await passed(suite, HOUR, 0)


async def test_who_wants_less_meanwhile_is_told_no_more_than_that(suite: Suite) -> None:
    await board_says(suite)
    await happen(suite, of(ApplicationCancelled, "a"), of(ApplicationSubmitted, "b", **SUBMITTED))
    await board_says(suite, 2, on=["submitted"])
    (mail,) = await passed(suite, HOUR, 1)
    said = text_of(mail)
    assert "Dossiers transmis" in said and "Candidatures annulées" not in said


async def test_what_happens_while_a_mail_is_written_waits_for_the_next_hour(suite: Suite) -> None:
    """It is not told by itself at once, since what it would join is told already."""
    await board_says(suite)
    await happen(suite, of(ApplicationCancelled, "a"))
    app, command = work(suite)
    (happened,) = await app.alerts.waiting("JURY")
    assert await app.alerts.claim(happened, "of-another", command.now)
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(seconds=60)
    await happen(suite, of(ApplicationCancelled, "b"))
    rows = await suite.service("mailer").service.ports.store.find(ALERTS.name, {"board": "JURY"}, sort=(("due_at", 1),))
    assert len({row["due_at"] for row in rows}) == 2


async def forget_boards(suite: Suite) -> None:
    """Have the mailer know what a release without alerts has kept of programmes."""
    store = suite.service("mailer").service.ports.store
    for row in await store.find(PROGRAMMES.name, {}, limit=1000):
        kept = {name: value for name, value in row.items() if name != "commission"}
        assert await store.replace(PROGRAMMES.name, kept | {"version": row["version"]}, version=row["version"])


async def test_what_happens_while_a_board_is_not_known_is_told_once_it_is(suite: Suite) -> None:
    """A release before this one has not kept whose a programme is."""
    await board_says(suite, on=["cancelled"])
    await forget_boards(suite)
    await happen(suite, of(ApplicationCancelled, "a"), of(ApplicationSubmitted, "b", **SUBMITTED))
    await happen(suite, of(ApplicationCancelled, "c", "P2"))
    for code, board in (("P0", "JURY"), ("P2", "OTHER")):
        said = {"code": code, "title": TextPart(fr=f"Titre {code}"), "commission": UnitPart(code=board, label=board)}
        programme = PROGRAMME.model_copy(update=said)
        await suite.publish(ProgrammeChanged(code=code, programme=programme), "offers")
    await suite.settle()
    (mail,) = await passed(suite, HOUR, 1)
    text = text_of(mail)
    assert "(P0)\u00a0: 1" in text and "Dossiers transmis" not in text


async def test_whose_programmes_are_is_learned_from_the_journal_of_offers(tmp_path: Path, noon: FixedClock) -> None:
    """Nobody has to write a programme anew after an upgrade."""
    async with run_suite(tmp_path / "var", services=["offers", "mailer"], clock=noon) as suite:
        ports, command = suite.service("offers").service.ports, work(suite)[1]
        await load_sample(offers(ports), command)
        await suite.settle()
        await forget_boards(suite)
        app, command = work(suite)
        codes = {code async for code in app.alerts.without_board()}
        assert codes
        await alerts.learn(app, command)
        async with asyncio.timeout(120):
            while [code async for code in app.alerts.without_board()]:
                await suite.service("offers").teller.say_position()
                await asyncio.sleep(0.05)


async def test_how_long_is_a_parameter(suite: Suite) -> None:
    await hear(suite, {"mailer.alert_minutes": 1440})
    await board_says(suite)
    await happen(suite, of(ApplicationCancelled, "a"))
    await passed(suite, timedelta(hours=23), 0)
    await passed(suite, HOUR, 1)


async def test_a_process_that_died_on_the_way_tells_nothing_twice_and_leaves_nothing_out(suite: Suite) -> None:
    """What a mail was to say is its own; what it does not say waits for the next."""
    await board_says(suite)
    await happen(suite, *(of(ApplicationCancelled, f"a{number}") for number in range(4)))
    app, command = work(suite)
    first, second, *_ = await app.alerts.waiting("JURY")
    id = delivery_id(first.event, "commission-alerted")
    assert await app.alerts.claim(first, id, command.now) and await app.alerts.claim(second, id, command.now)
    assert not await app.alerts.claim(first, "another", command.now), "it is as it was no more"
    for mail in await passed(suite, HOUR, 2):
        assert "(P0)\u00a0: 2" in text_of(mail)
    await happen(suite, of(ApplicationCancelled, "z"))
    (late,) = await app.alerts.waiting("JURY")
    assert await app.alerts.claim(late, id, command.now), "as if the mail had been written without it"
    await passed(suite, HOUR, 3)
    rows = await suite.service("mailer").service.ports.store.find(ALERTS.name, {}, limit=10)
    assert len(rows) == 5 and all("board" not in row for row in rows)


async def test_what_another_process_is_at_is_left_to_it_for_some_minutes(suite: Suite) -> None:
    await board_says(suite)
    await happen(suite, of(ApplicationCancelled, "a"))
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(seconds=HOUR.total_seconds())
    app, command = work(suite)
    (row,) = [row async for row in alerts.due(app, command)]
    (happened,) = await app.alerts.waiting("JURY")
    if await app.alerts.claim(happened, "of-another", command.now):
        assert await alerts.tell(app, row, command) == 0
    await passed(suite, WRITTEN_WITHIN, 1)
