"""Joins the rooms of the mailer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

from services.chassis.context import CommandContext
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS, ClosedAccounts
from services.chassis.events.leases import Lease
from services.chassis.events.parking import Parking
from services.chassis.ports import MailTemporary
from services.chassis.security.sealing import Sealer
from services.chassis.service.connectors import connector_routes
from services.chassis.service.parameters import PARAMETERS, ParameterCopy
from services.chassis.service.service import FIGURES_SECONDS, Ports, Service
from services.chassis.service.timers import Timer, item_timer
from services.contracts.api.endpoints.mailer import API
from services.mailer.domain.priority import Priority
from services.mailer.integrity import violations
from services.mailer.repository import (
    DELIVERIES,
    DIRECTORY,
    ERASURES,
    GATHERED,
    MAIL_TEXTS,
    PROGRAMMES,
    DeliveryRepository,
    DirectoryCopies,
    Erasures,
    MailTextRepository,
)
from services.mailer.repository.alerts import ALERTS, BOARDS, Alerts, BoardCopies
from services.mailer.repository.mail_tests import COLLEAGUES, MAIL_TESTS, Colleagues, MailTestRepository
from services.mailer.repository.mailboxes import MAILBOXES, Mailboxes
from services.mailer.repository.programmes import ProgrammeCopies
from services.mailer.routes import routes
from services.mailer.settings import MailerSettings
from services.mailer.subscriptions import FROM_NOW, LISTENS, subscriptions
from services.mailer.usecases import alerts, retrying, returns
from services.mailer.usecases.app import App
from services.mailer.usecases.checking import check
from services.mailer.usecases.sending import (
    ABANDONED,
    Sender,
    look_after_abandoned,
    mails_under_way,
    recover,
    tell_figures,
)
from services.mailer.usecases.templates import Templates, shipped
from services.mailer.views import Views

__all__ = ["LISTENS", "build", "flush", "retry", "use_cases"]


def use_cases(ports: Ports) -> App:
    """What the use cases work with, its settings read from the environment."""
    settings = MailerSettings()
    zone = ports.settings.zone
    own = Templates(zone, Path(settings.templates)) if settings.templates else None
    return App(
        deliveries=DeliveryRepository(ports.store, ports.outbox),
        directory=DirectoryCopies(ports.store),
        closed_accounts=ClosedAccounts(ports.store),
        erasures=Erasures(ports.store, ports.outbox),
        mail_texts=MailTextRepository(ports.store, ports.outbox),
        mail_tests=MailTestRepository(ports.store, ports.outbox),
        colleagues=Colleagues(ports.store),
        programmes=ProgrammeCopies(ports.store),
        boards=BoardCopies(ports.store),
        alerts=Alerts(ports.store),
        mail=ports.mail,
        templates=own or shipped(zone),
        clock=ports.clock,
        base_url=ports.settings.base_url,
        instance=ports.store.instance,
        began=ports.clock.now(),
        settings=settings,
        parameters=ParameterCopy("mailer", ports.store, ports.settings),
        sealer=Sealer(ports.settings.link_secret, ports.settings.data),
        parking=Parking("mailer", ports.store, ports.clock),
    )


def build(ports: Ports) -> Service:
    """The service on its ports."""
    app = use_cases(ports)

    @asynccontextmanager
    async def checked() -> AsyncIterator[None]:
        check(app.templates, LISTENS)  # where mails are written; operations' commands go on whatever stands there
        yield

    @asynccontextmanager
    async def recovered() -> AsyncIterator[None]:
        with suppress(MailTemporary):  # then the timer looks into it, once the transport can tell
            await recover(app)
        yield

    return Service(
        api=API,
        ports=ports,
        routes=(
            *routes(app, Views(app.deliveries, app.directory)),
            *connector_routes("mailer", ports.connectors, frozenset({"mail", "bounces"}), off=("bounces",)),
        ),
        aggregates=(DELIVERIES, ERASURES, MAIL_TEXTS, MAIL_TESTS),
        collections=(
            DIRECTORY,
            PROGRAMMES,
            GATHERED,
            PARAMETERS,
            CLOSED_ACCOUNTS,
            BOARDS,
            ALERTS,
            COLLEAGUES,
            MAILBOXES,
        ),
        subscriptions=subscriptions(ports, app),
        from_now=FROM_NOW,
        timers=(
            item_timer(ABANDONED, 60, partial(mails_under_way, app), partial(look_after_abandoned, app), app.parking),
            item_timer("alerts", 30, partial(alerts.due, app), partial(alerts.tell, app), app.parking),
            app.parameters.timer,
            Timer("programme-boards", alerts.LEARN_SECONDS, partial(alerts.learn, app)),
            *_returns(ports, app),
            Timer("mails", FIGURES_SECONDS, partial(tell_figures, app)),
        ),
        needs=frozenset({"mail", "bounces"}),
        lifespans=(app.parameters.known, checked, app.sealer.running, recovered),
        tasks={f"send-{priority.value}": Sender(app, priority).run for priority in Priority},
        looks=tuple(event.set for event in app.queued.values()),
        integrity=partial(violations, ports, app),
        readers={
            DELIVERIES.name: app.deliveries.from_document,
            MAIL_TEXTS.name: app.mail_texts.from_document,
            MAIL_TESTS.name: app.mail_tests.from_document,
        },
    )


def _returns(ports: Ports, app: App) -> Sequence[Timer]:
    """Reads what came back, where there is a mailbox for that."""
    if ports.bounces is None:
        return ()
    term = timedelta(seconds=max(returns.LEASE_SECONDS, ports.settings.lease_seconds))
    lease = Lease(ports.store, ports.clock, "bounces", term)
    reader = returns.ReturnReader(app, ports.bounces, Mailboxes(ports.store), lease)
    return (Timer("bounces", returns.LOOK_SECONDS, reader.read),)


async def retry(ports: Ports, id: str, command: CommandContext) -> bool:
    """Have a delivery tried again, beside running mailers; False if there is none such; raises WRONG_STATE."""
    return await retrying.retry(use_cases(ports), id, command) is not None


async def flush(ports: Ports, command: CommandContext) -> int:
    """Have mails that were put off tried at once, beside running mailers; answer how many."""
    return await retrying.flush(use_cases(ports), command)
