"""A store that does a thing and cannot say so: every mail goes out all the same, once, and is known to have gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.chassis.clock import SKEW, FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS, ClosedAccounts
from services.chassis.events.outbox import Outbox
from services.chassis.events.parking import PARKED, Parking
from services.chassis.mail.maildir import MaildirMail
from services.chassis.ports import Document, StoreUnavailable
from services.chassis.security.sealing import Sealer
from services.chassis.service.parameters import ParameterCopy
from services.chassis.service.timers import item_timer
from services.chassis.settings import Settings
from services.chassis.store.sqlite import SqliteStore
from services.mailer.domain.delivery import PAUSES, Delivery, Letter
from services.mailer.domain.priority import Priority
from services.mailer.domain.states import State
from services.mailer.repository import (
    DELIVERIES,
    DIRECTORY,
    GATHERED,
    PROGRAMMES,
    DeliveryRepository,
    DirectoryCopies,
    Erasures,
    MailTextRepository,
)
from services.mailer.repository.alerts import Alerts, BoardCopies
from services.mailer.repository.mail_tests import Colleagues, MailTestRepository
from services.mailer.repository.programmes import ProgrammeCopies
from services.mailer.settings import MailerSettings
from services.mailer.usecases.app import App
from services.mailer.usecases.sending import ABANDONED, Sender, look_after_abandoned, mails_under_way, recover
from services.mailer.usecases.templates import Templates

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TongueTied(SqliteStore):
    """The answers to the replacements numbered in `lost` get lost after the deed, or before it."""

    lost: frozenset[int] = frozenset()
    before = False
    replaced = 0

    async def replace(self, collection: str, document: Document, *, version: int) -> bool:
        self.replaced += 1
        if self.replaced not in self.lost:
            return await super().replace(collection, document, version=version)
        if not self.before:
            await super().replace(collection, document, version=version)
        raise StoreUnavailable


@asynccontextmanager
async def mailer(folder: Path) -> AsyncIterator[tuple[TongueTied, App]]:
    """A mailer with one mail to send."""
    store, clock = TongueTied(folder / "mailer.sqlite"), FixedClock(NOON)
    await store.prepare([DELIVERIES, DIRECTORY, PROGRAMMES, GATHERED, PARKED, CLOSED_ACCOUNTS])
    app = App(
        deliveries=DeliveryRepository(store, Outbox()),
        directory=DirectoryCopies(store),
        closed_accounts=ClosedAccounts(store),
        erasures=Erasures(store, Outbox()),
        mail_texts=MailTextRepository(store, Outbox()),
        mail_tests=MailTestRepository(store, Outbox()),
        colleagues=Colleagues(store),
        programmes=ProgrammeCopies(store),
        boards=BoardCopies(store),
        alerts=Alerts(store),
        mail=MaildirMail(folder / "mail"),
        templates=Templates(ZoneInfo("Europe/Paris")),
        clock=clock,
        base_url="http://localhost",
        instance=store.instance,
        began=NOON,
        settings=MailerSettings(),
        parameters=ParameterCopy("mailer", store, Settings()),
        sealer=Sealer("a-secret", folder),
        parking=Parking("mailer", store, clock),
    )
    letter = Letter("Subject", "Text", "<p>Text</p>")
    delivery = Delivery("a1", "application-opened", "fr", "zoe@example.org", "Zoé", Priority.URGENT, letter, NOON, NOON)
    await app.deliveries.add("one", Decision(delivery, []), CommandContext(NOON, correlation="c", actor=OPERATOR))
    yield store, app
    await app.mail.close()
    await store.close()


async def sent_in(app: App, priority: Priority) -> int:
    """How many mails of a priority a sender takes up, and is done with."""
    sender = Sender(app, priority)
    taken_up = await sender.take_up()
    await sender.finish()
    return taken_up


async def looked_into(app: App) -> int:
    """How many mails the timer found to be left behind."""
    timer = item_timer(ABANDONED, 60, partial(mails_under_way, app), partial(look_after_abandoned, app), app.parking)
    return await timer.run(CommandContext(app.clock.now(), correlation="c", actor=OPERATOR))


async def state_of(app: App) -> State:
    saved = await app.deliveries.get("one")
    assert saved is not None
    return saved.state.state


@pytest.mark.parametrize("before", [False, True], ids=["after the deed", "before it"])
@pytest.mark.parametrize("lost", [{1}, {2}, {1, 2, 3}, {2, 3}, {1, 3}], ids=str)
async def test_a_mail_goes_out_once_whatever_answers_are_lost(tmp_path: Path, lost: set[int], before: bool) -> None:
    """The first replacement takes the mail, the next one says that it is sent."""
    async with mailer(tmp_path) as (store, app):
        store.lost, store.before = frozenset(lost), before
        assert await sent_in(app, Priority.URGENT) == 1
        assert await state_of(app) is State.SENT
        assert len(list((tmp_path / "mail/new").iterdir())) == 1
        assert await sent_in(app, Priority.URGENT) == 0


async def test_what_another_process_is_sending_is_looked_into_when_it_is_surely_dead(tmp_path: Path) -> None:
    async with mailer(tmp_path) as (_, app):
        assert isinstance(app.clock, FixedClock)

        def taken_elsewhere(delivery: Delivery) -> Decision[Delivery]:
            return Decision(delivery.take("another", NOON), [])

        await app.deliveries.change("one", taken_elsewhere, CommandContext(NOON, correlation="c", actor=OPERATOR))
        assert await looked_into(app) == 0
        app.clock.advance(minutes=15)
        assert await recover(app) == 1
        assert await state_of(app) is State.QUEUED


async def test_what_is_being_sent_here_is_nothing_that_was_left(tmp_path: Path) -> None:
    async with mailer(tmp_path) as (_, app):
        assert isinstance(app.clock, FixedClock)

        def taken_here(delivery: Delivery) -> Decision[Delivery]:
            return Decision(delivery.take(app.instance, NOON), [])

        await app.deliveries.change("one", taken_here, CommandContext(NOON, correlation="c", actor=OPERATOR))
        app.clock.advance(minutes=15)
        assert await looked_into(app) == 0
        assert await state_of(app) is State.SENDING
        assert await recover(app) == 1
        assert await state_of(app) is State.QUEUED


async def test_a_letter_that_0_1_0_has_written_goes_out_with_its_link(tmp_path: Path) -> None:
    async with mailer(tmp_path) as (_, app):
        one = await app.deliveries.get("one")
        assert one is not None
        link = "https://x/?token=sesame"
        written = replace(
            one.state, letter=Letter("Subject", link, f'<a href="{link}">', "sesame"), priority=Priority.URGENT
        )
        await app.deliveries.add("two", Decision(written, []), CommandContext(NOON, correlation="c", actor=OPERATOR))
        assert await sent_in(app, Priority.URGENT) == 2
        mails = [file.read_text() for file in (tmp_path / "mail/new").iterdir()]
        assert [mail.count("token=3Dsesame") for mail in mails if "sesame" in mail] == [2]
        sent = await app.deliveries.get("two")
        assert sent is not None and "sesame" not in str(sent.document)


async def test_a_flood_of_newcomers_delays_no_mail_of_who_is_known(tmp_path: Path) -> None:
    """Acceptance 103, 108: each priority has its own sender, and within one, who asked last does not wait for all."""
    async with mailer(tmp_path) as (_, app):
        one = await app.deliveries.get("one")
        assert one is not None
        command = CommandContext(NOON, correlation="c", actor=OPERATOR)
        for number in range(40):
            due = NOON - timedelta(minutes=40 - number)
            for priority in (Priority.NEWCOMER, Priority.URGENT):
                waiting = replace(one.state, priority=priority, due_at=due)
                await app.deliveries.add(f"{priority.value}-{number:02}", Decision(waiting, []), command)
        assert await sent_in(app, Priority.URGENT) == app.settings.at_once
        assert await state_of(app) is State.SENT
        store = app.deliveries
        assert [(await store.get("newcomer-00")).state.state] == [State.QUEUED]  # type: ignore[union-attr]
        assert [(await store.get("urgent-00")).state.state] == [State.SENT]  # type: ignore[union-attr]


async def test_a_mail_that_was_put_off_while_the_clock_was_ahead_goes_out_when_it_is_right(tmp_path: Path) -> None:
    async with mailer(tmp_path) as (_, app):
        assert isinstance(app.clock, FixedClock)
        for due_at, sent in ((NOON + PAUSES.longest + SKEW, 0), (NOON + timedelta(days=8), 1)):

            def defer(delivery: Delivery, due_at: datetime = due_at) -> Decision[Delivery]:
                return Decision(replace(delivery, due_at=due_at))

            await app.deliveries.change("one", defer, CommandContext(NOON, correlation="c", actor=OPERATOR))
            assert await sent_in(app, Priority.URGENT) == sent
        assert await state_of(app) is State.SENT


async def test_a_mail_that_was_taken_while_the_clock_was_ahead_is_looked_into_when_it_is_right(tmp_path: Path) -> None:
    async with mailer(tmp_path) as (_, app):

        def take(delivery: Delivery) -> Decision[Delivery]:
            return Decision(delivery.take(app.instance, NOON + timedelta(days=8)))

        await app.deliveries.change("one", take, CommandContext(NOON, correlation="c", actor=OPERATOR))
        assert await looked_into(app) == 1
        assert await state_of(app) is State.QUEUED
