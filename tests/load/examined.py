"""Files that staff have before them: one of each sort is made by the domains and saved, all others are copies of it.

A copy is the same documents under another person's and another application's id, as if all had been told long ago.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.applications.domain import opening, pieces, review, submission
from services.applications.domain.copies import ProfileCopy
from services.applications.domain.decisions import Said
from services.applications.domain.model import Document as Given
from services.applications.domain.model import Moment
from services.applications.domain.states import DecisionKind, FileState
from services.applications.publications import receipt_claims
from services.applications.repository.applications import APPLICATIONS
from services.applications.repository.cards import CARDS
from services.applications.repository.decisions import DECISIONS, Entry
from services.applications.repository.listing import LISTING
from services.applications.repository.submissions import SUBMISSIONS
from services.applications.usecases.app import App
from services.applications.usecases.decisions import types_in_force
from services.applications.usecases.listing import keep_row
from services.applications.wiring import use_cases
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.ports import Document, Store
from services.chassis.security.tokens import Signer
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.cli.offline import opened, opened_to_read
from services.contracts.actors import Role
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, LIFETIME_SECONDS
from services.contracts.api.receipts import SUBMISSION_RECEIPT
from services.contracts.events.accounts import AddressChanged, CardChanged, GrantPart, StaffChanged, StepsPart
from services.contracts.events.offers import ProgrammePublished
from services.mailer.repository import DIRECTORY
from tests.candidate import IDENTITY
from tests.load.population import CAMPAIGN, STEPS, programme_part, tell

KIM: Final = "kim"
"""Account of a manager of everything."""
BATCH: Final = 500
FAVOURABLE: Final = DecisionKind.FAVOURABLE
RANKED: Final = DecisionKind.RANKED_WAITLIST
_FIRST: Final = 1_000_000
"""Behind the numbers of `settle_in`."""
_FILE_NUMBER: Final = "AB12CD34"
_LISTED: Final = (APPLICATIONS, LISTING, CARDS, SUBMISSIONS, DECISIONS)


@dataclass(frozen=True)
class Sort:
    """So many files of a programme: submitted, or complete with a decision entered on each, of ranks from one on."""

    programme: str
    number: int
    entered: DecisionKind | None = None
    capacity: int = 24


@dataclass(frozen=True)
class File:
    """One of them."""

    account: str
    application: str
    entered: DecisionKind | None
    programme: str

    @property
    def address(self) -> str:
        """Where its person is written to."""
        return f"{self.account}@example.org"


async def laid(settings: Settings, sorts: Sequence[Sort]) -> list[list[File]]:
    """Lay all these files into the stores, and somebody who may do everything with them."""
    numbers = iter(range(_FIRST, 10 * _FIRST))
    async with opened(settings) as suite:
        applications = suite["applications"]
        now = applications.ports.clock.now()
        app = use_cases(applications.ports)
        await app.signer.load()
        known = StaffChanged(account=KIM, known_as="Kim", grants=[GrantPart(role=Role.MANAGER.value)])
        await tell(applications, known, now)
        return [await _sort(suite, app, sort, numbers, now) for sort in sorts]


async def staff_token(settings: Settings) -> str:
    """A token of that person, good for ten minutes from now, beside a suite that runs or without."""
    async with opened_to_read(settings, ("accounts",)) as suite:
        accounts = suite["accounts"]
        assert accounts.signer is not None
        await accounts.signer.load()
        more = {"kind": "staff", "grants": [{"role": Role.MANAGER.value}]}
        return token(accounts.signer, KIM, accounts.ports.clock.now(), **more)


def token(signer: Signer, account: str, now: datetime, **more: Any) -> str:
    """What accounts would give them."""
    issued = int(now.timestamp())
    claims = {"aud": AUDIENCE, "sub": account, "iat": issued, "exp": issued + LIFETIME_SECONDS, "sid": account}
    return signer.sign(claims | {"jti": account} | more, typ=ACCESS_TYPE)


async def _sort(
    suite: Mapping[str, Service], app: App, sort: Sort, numbers: Iterator[int], now: datetime
) -> list[File]:
    part = programme_part(now).model_copy(update={"code": sort.programme, "capacity": sort.capacity})
    for name in ("applications", "mailer"):
        await tell(suite[name], ProgrammePublished(code=sort.programme, programme=part), now)
    files = [_file(sort, next(numbers)) for _ in range(sort.number)]
    first, *others = files
    await _person(suite, first, now)
    await _saved(app, first, now)
    store = suite["applications"].ports.store
    for collection in _LISTED:
        if (made := await store.get(collection.name, _id_of(collection.name, first))) is not None:
            await copied(store, collection.name, made, first, others)
    mailer = suite["mailer"].ports.store
    person = await mailer.get(DIRECTORY.name, first.account)
    assert person is not None
    await copied(mailer, DIRECTORY.name, person, first, others)
    return files


def _file(sort: Sort, number: int) -> File:
    return File(f"person{number:020}", f"application{number:015}", sort.entered, sort.programme)


def _id_of(collection: str, file: File) -> str:
    return {CARDS.name: file.account, SUBMISSIONS.name: _submission(file)}.get(collection, file.application)


def _submission(file: File) -> str:
    return f"s{file.application}"


async def copied(
    store: Store, collection: str, made: Document, first: File, others: Sequence[File], *, file_number: str = ""
) -> None:
    """Lay the same document of all others; each has a file number of its own where that of the first is given."""
    text = json.dumps(made)

    def copy(place: int, other: File) -> Document:
        named = text.replace(first.account, other.account).replace(first.application, other.application)
        if file_number:
            named = named.replace(file_number, f"{place:08}")
        document: Document = json.loads(named)
        document.pop("audit", None)
        if collection == DECISIONS.name and first.entered is RANKED:
            document["entered"]["rank"] = place
        return document

    for start in range(0, len(others), BATCH):
        some = others[start : start + BATCH]
        added = await store.append(collection, [copy(start + 2 + at, other) for at, other in enumerate(some)])
        assert added == len(some)


async def _person(suite: Mapping[str, Service], file: File, now: datetime) -> None:
    steps = StepsPart.model_validate(STEPS)
    card = CardChanged(
        account=file.account, campaign=CAMPAIGN, file_number=_FILE_NUMBER, version=1, missing=[], steps=steps
    )
    address = AddressChanged(
        account=file.account,
        file_number=_FILE_NUMBER,
        email=file.address,
        family_name=str(IDENTITY["family_name"]),
        given_name=str(IDENTITY["given_name"]),
        language="fr",
    )
    await tell(suite["applications"], card, now)
    await tell(suite["mailer"], address, now)


async def _saved(app: App, file: File, now: datetime) -> None:
    """The file as its person has handed it over, with all its pieces; complete and with a decision if one is entered."""
    command = CommandContext(now, correlation="settling-in", actor=OPERATOR)
    moment = Moment(now, now.date(), now.date())
    holder = ProfileCopy(file.account, CAMPAIGN, _FILE_NUMBER, (), STEPS)
    offer = await app.programmes.of(file.programme)
    assert offer is not None
    state, _ = opening.open_application(holder, offer, f"{file.account}|0", moment, command.acting)
    for piece in state.pieces:
        code = piece.requirement.code
        if piece.requirement.conditional:
            state, _ = pieces.declare(state, code, moment, not_applicable=True)
        else:
            given = Given(f"{file.application}-{code}", "0" * 64, 300_000, "application/pdf", f"{code}.pdf")
            state, _ = pieces.deposit(state, code, given, moment)
    frozen = submission.freeze(state, STEPS, moment)
    assert frozen is not None
    claims = receipt_claims(file.application, state, frozen)
    signed = replace(frozen, receipt=app.signer.sign(claims, typ=SUBMISSION_RECEIPT))
    state, _ = submission.submit(state, _submission(file), signed, command.acting)
    if file.entered is not None:
        state, _ = review.mark(state, FileState.COMPLETE, signed, offer, moment, role=Role.MANAGER, by=command.acting)
    added = await app.applications.add(file.application, Decision(state), command)
    await app.submissions.write(_submission(file), added.saved, signed)
    if file.entered is not None:
        rank = 1 if file.entered is RANKED else None
        said = Said(kind=file.entered, rank=rank)
        entered, _ = said.entered(f"d{file.application}", moment, command.acting, types_in_force(app))
        await app.decisions.add(file.application, Decision(Entry(file.account, entered)), command)
    await keep_row(app, file.application)
