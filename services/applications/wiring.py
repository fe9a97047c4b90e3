"""Joins the rooms of applications."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from services.applications import usecases
from services.applications.integrity import violations
from services.applications.repository import (
    APPLICATIONS,
    CARDS,
    PROGRAMMES,
    SUBMISSIONS,
    ApplicationRepository,
    CardCopies,
    ProgrammeCopies,
    Submissions,
    submission_of,
)
from services.applications.routes import routes
from services.applications.settings import ApplicationsSettings
from services.applications.subscriptions import LISTENS, subscriptions
from services.applications.usecases import Applications
from services.applications.views.applications import Views
from services.chassis.events.parking import Parking
from services.chassis.security.revocations import noting
from services.chassis.security.tokens import KEYS, Signer
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import item_timer
from services.contracts.events.accounts import SessionRevoked

__all__ = ["LISTENS", "build", "use_cases"]

GONE_SECONDS: Final = 60


def use_cases(ports: Ports) -> Applications:
    """What the use cases work with, its settings read from the environment."""
    return Applications(
        applications=ApplicationRepository(ports.store, ports.outbox),
        submissions=Submissions(ports.store),
        cards=CardCopies(ports.store),
        programmes=ProgrammeCopies(ports.store),
        ids=ports.ids,
        keysets=ports.keysets,
        signer=Signer("applications", ports.store, ports.clock, ports.ids),
        zone=ports.settings.zone,
        settings=ApplicationsSettings(),
    )


def build(ports: Ports) -> Service:
    """The service, its settings read from the environment."""
    app = use_cases(ports)
    return Service(
        name="applications",
        title="Applications",
        description="Applications to programmes: opened, filled piece by piece, submitted with a signed receipt.",
        ports=ports,
        routes=routes(app, Views(app.applications, app.submissions, app.programmes)),
        refusals=Path(__file__).with_name("refusals.toml"),
        aggregates=(APPLICATIONS,),
        collections=(SUBMISSIONS, CARDS, PROGRAMMES, KEYS),
        undone=(CARDS,),
        from_now=(SessionRevoked,),
        subscriptions={**subscriptions(app), SessionRevoked: noting(ports.store)},
        timers=(
            item_timer(
                "gone",
                GONE_SECONDS,
                partial(usecases.erased_lately, app),
                partial(usecases.look_again, app),
                Parking("applications", ports.store, ports.clock),
            ),
        ),
        signer=app.signer,
        integrity=partial(violations, ports.store, app),
        readers={APPLICATIONS.name: app.applications.loaded, SUBMISSIONS.name: submission_of},
    )
