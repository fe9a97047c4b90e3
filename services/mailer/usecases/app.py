"""What the use cases of the mailer work with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.events.parking import Parking
from services.chassis.ports import Clock, Mail
from services.chassis.security.sealing import Sealer
from services.chassis.service.parameters import ParameterCopy
from services.mailer.domain.priority import Priority
from services.mailer.repository import DeliveryRepository, DirectoryCopies, Erasures, MailTextRepository
from services.mailer.repository.alerts import Alerts, BoardCopies
from services.mailer.repository.mail_tests import Colleagues, MailTestRepository
from services.mailer.repository.programmes import ProgrammeCopies
from services.mailer.settings import MailerSettings
from services.mailer.usecases.templates import Templates


@dataclass(frozen=True, slots=True)
class App:
    """Repositories, transport, templates; `instance` is this process as deliveries remember it, whose life `began`
    at that instant; `queued` tells each priority's sender of new work."""

    deliveries: DeliveryRepository
    directory: DirectoryCopies
    closed_accounts: ClosedAccounts
    erasures: Erasures
    mail_texts: MailTextRepository
    mail_tests: MailTestRepository
    colleagues: Colleagues
    programmes: ProgrammeCopies
    boards: BoardCopies
    alerts: Alerts
    mail: Mail
    templates: Templates
    clock: Clock
    base_url: str
    instance: str
    began: datetime
    settings: MailerSettings
    parameters: ParameterCopy
    sealer: Sealer
    parking: Parking
    queued: Mapping[Priority, asyncio.Event] = field(
        default_factory=lambda: {priority: asyncio.Event() for priority in Priority}
    )
