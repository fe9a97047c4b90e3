"""A crowd of candidates whose files lack nothing but the submission, laid into the stores before a suite starts on them.

What services would have heard of each other goes through their own subscriptions; applications and documents are made by
their domains and saved without events, as if those had been told long ago.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.applications.domain import opening, pieces
from services.applications.domain.copies import ProfileCopy, ProgrammeCopy
from services.applications.domain.model import Document as Given
from services.applications.domain.model import Moment
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.outbox import Outbox
from services.chassis.security.tokens import Signer
from services.chassis.service.objects import claim_objects
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.cli.offline import opened, opened_to_read
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, LIFETIME_SECONDS
from services.contracts.events.accounts import AddressChanged, CardChanged, StepsPart
from services.contracts.events.catalogue import Event
from services.contracts.events.offers import (
    ContactPart,
    ProgrammePart,
    ProgrammePublished,
    RequirementPart,
    TextPart,
    UnitPart,
)
from services.documents.domain import document as documents
from services.documents.repository.documents import DocumentRepository
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import MEGABYTE
from tests.candidate import ADDRESS, BACCALAUREATE, IDENTITY

AT_ONCE = 200
PROGRAMME = "M1-MER"
CAMPAIGN = "2027"
DEPOSITED = tuple(code for code, asked in usual_requirements(2 * MEGABYTE).items() if not asked.conditional)
"""The pieces that hold a document."""
STEPS: dict[str, dict[str, Any]] = {"identity": IDENTITY, "address": ADDRESS, "baccalaureate": BACCALAUREATE}


@dataclass(frozen=True)
class Person:
    """A candidate, and the application that is ready to be submitted."""

    account: str
    application: str
    token: str

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request of theirs carries."""
        return {"Authorization": f"Bearer {self.token}"}


async def settle_in(settings: Settings, count: int) -> list[Person]:
    """Lay so many candidates into the stores of these settings; their tokens are good for ten minutes."""
    async with opened(settings) as suite:
        accounts = suite["accounts"]
        assert accounts.signer is not None
        await accounts.signer.load()
        now = accounts.ports.clock.now()
        await _own_objects(suite["documents"])
        programme = programme_part(now)
        for name in ("applications", "mailer"):
            await tell(suite[name], ProgrammePublished(code=PROGRAMME, programme=programme), now)
        offer = await ProgrammeCopies(suite["applications"].ports.store).of(PROGRAMME)
        assert offer is not None
        crowd = [_person(number, accounts.signer, now) for number in range(count)]
        for start in range(0, count, AT_ONCE):
            await asyncio.gather(*(_settle(suite, person, offer, now) for person in crowd[start : start + AT_ONCE]))
        return crowd


async def _own_objects(service: Service) -> None:
    """Give the object store its name before rows speak of bytes that are not in it."""

    async def none(limit: int) -> Sequence[str]:
        return ()

    await claim_objects(service.ports.store, service.ports.objects, none, service.ports.ids)


async def logged_in_again(settings: Settings, crowd: Sequence[Person]) -> list[Person]:
    """The same people with tokens that are good for ten minutes from now."""
    async with opened_to_read(settings, ("accounts",)) as suite:
        accounts = suite["accounts"]
        assert accounts.signer is not None
        await accounts.signer.load()
        now = accounts.ports.clock.now()
        return [_person(number, accounts.signer, now) for number in range(len(crowd))]


def programme_part(now: datetime) -> ProgrammePart:
    """Open since ten days, with the eight pieces that universities usually ask for."""
    today = now.date()
    return ProgrammePart(
        code=PROGRAMME,
        version=1,
        campaign=CAMPAIGN,
        title=TextPart(fr="Sciences de la mer", en="Marine science"),
        centre=UnitPart(code="SEE", label="UFR Sciences exactes et expérimentales"),
        diploma=UnitPart(code="M1", label="Master 1"),
        route="controlled",
        opens_on=str(today - timedelta(days=10)),
        closes_on=str(today + timedelta(days=30)),
        submission_deadline=str(today + timedelta(days=37)),
        answer_delay_days=15,
        capacity=24,
        contact=ContactPart(email="scolarite@univ.example"),
        requirements=[
            RequirementPart(
                code=requirement.code,
                label=TextPart(fr=requirement.label.fr, en=requirement.label.en),
                conditional=requirement.conditional,
                common=requirement.common,
                max_bytes=requirement.max_bytes,
                media_types=list(requirement.media_types),
                model_document=requirement.model_document,
            )
            for requirement in usual_requirements(2 * MEGABYTE).values()
        ],
    )


async def tell(service: Service, event: Event, now: datetime) -> None:
    """Let a service hear an event, past its inbox."""
    command = CommandContext(
        now, correlation="settling-in", event=f"settling-in.{event.partition_key}", sequence=1, actor=OPERATOR
    )
    await service.subscriptions[type(event)](event, command)


def _person(number: int, signer: Signer, now: datetime) -> Person:
    account = f"person{number:020}"
    issued = int(now.timestamp())
    claims = {
        "aud": AUDIENCE,
        "sub": account,
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
        "sid": f"session{number}",
        "jti": f"token{number}",
    }
    return Person(account, f"application{number:015}", signer.sign(claims, typ=ACCESS_TYPE))


async def _settle(suite: Mapping[str, Service], person: Person, offer: ProgrammeCopy, now: datetime) -> None:
    card = CardChanged(
        account=person.account,
        campaign=CAMPAIGN,
        file_number="AB12CD34",
        version=1,
        missing=[],
        steps=StepsPart.model_validate(STEPS),
    )
    address = AddressChanged(
        account=person.account,
        file_number="AB12CD34",
        email=f"{person.account}@example.org",
        family_name=str(IDENTITY["family_name"]),
        given_name=str(IDENTITY["given_name"]),
        language="fr",
    )
    await asyncio.gather(tell(suite["applications"], card, now), tell(suite["mailer"], address, now))
    await asyncio.gather(*_file(suite, person, offer, now))


def _file(
    suite: Mapping[str, Service], person: Person, offer: ProgrammeCopy, now: datetime
) -> Sequence[Awaitable[object]]:
    """The application with a document in each piece, and the documents."""
    applications, ports = suite["applications"].ports, suite["documents"].ports
    command = CommandContext(now, correlation="settling-in", actor=OPERATOR)
    rows = DocumentRepository(ports.store, Outbox())
    saved: list[Awaitable[object]] = []
    moment = Moment(now, now.date(), now.date())
    holder = ProfileCopy(person.account, CAMPAIGN, "AB12CD34", (), STEPS)
    state, _ = opening.open_application(holder, offer, f"{person.account}|0", moment, command.acting)
    for piece in state.pieces:
        code = piece.requirement.code
        if piece.requirement.conditional:
            state, _ = pieces.declare(state, code, moment, not_applicable=True)
            continue
        id = f"{person.application}-{code}"
        digest = hashlib.sha256(id.encode()).hexdigest()
        given = Given(id, digest, 2 * MEGABYTE, "application/pdf", f"{piece.requirement.label['fr']}.pdf")
        state, _ = pieces.deposit(state, code, given, moment)
        row, _ = documents.store(
            account=person.account,
            sha256=digest,
            size=given.size,
            media_type=given.media_type,
            filename=given.filename,
            object=f"documents/{digest}",
            now=now,
            keep=timedelta(days=7),
        )
        held = documents.attach(row, documents.Attachment(person.application, code))
        saved.append(rows.add(id, Decision(held), command))
    repository = ApplicationRepository(applications.store, Outbox())
    return [*saved, repository.add(person.application, Decision(state), command)]
