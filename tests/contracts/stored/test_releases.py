"""What released versions have stored is read for ever, and what a newer one has stored loses nothing here.

A folder of this one is a release; a file is a service's store: a document or more of each collection, as it was written.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import AsyncExitStack
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from services import SERVICES
from services.accounts.repository.accounts import AccountRepository
from services.accounts.repository.campaigns import CampaignRepository as CampaignCopies
from services.accounts.repository.keys import KeyRepository
from services.accounts.repository.sessions import SessionRepository
from services.applications.domain.receipts import digest_of
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.deadlines import DEADLINES
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.shown import SHOWN
from services.chassis import urls
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import OWN, Aggregates, Decision
from services.chassis.events.copies import Copies
from services.chassis.events.journal import Journal
from services.chassis.events.outbox import Outbox
from services.chassis.ports import Collection, Document, Store
from services.chassis.store.evolution import upcast
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Audience
from services.contracts.events.envelope import Envelope
from services.documents.repository.documents import DocumentRepository
from services.mailer.repository import DIRECTORY, PROGRAMMES, DeliveryRepository
from services.offers.repository.campaigns import CampaignRepository
from services.offers.repository.programmes import ProgrammeRepository

HERE: Final = Path(__file__).parent
NOW: Final = datetime(2026, 11, 28, 6, tzinfo=UTC)

AGGREGATES: Final[dict[tuple[str, str], type[Aggregates[Any]]]] = {
    ("accounts", "accounts"): AccountRepository,
    ("applications", "applications"): ApplicationRepository,
    ("documents", "documents"): DocumentRepository,
    ("mailer", "deliveries"): DeliveryRepository,
    ("offers", "campaigns"): CampaignRepository,
    ("offers", "programmes"): ProgrammeRepository,
}


async def claimed(store: Store, row: Document) -> bool:
    """A key that is bound to a body is known by it."""
    await KeyRepository(store).claim(CommandContext(NOW, "test", key=row["_id"], digest=row["digest"], actor=OPERATOR))
    return True


READERS: Final[dict[tuple[str, str], Callable[[Store, Document], Any]]] = {
    ("accounts", "campaigns"): lambda store, _: CampaignCopies(store).load(),
    ("accounts", "command_keys"): claimed,
    ("accounts", "sessions"): lambda store, row: SessionRepository(store).get(row["_id"]),
    ("applications", "cards"): lambda store, row: CardCopies(store).of(row["_id"]),
    ("applications", "programmes"): lambda store, row: ProgrammeCopies(store).of(row["_id"]),
    ("mailer", "directory"): lambda store, row: Copies(store, DIRECTORY).get(row["_id"]),
    ("mailer", "programmes"): lambda store, row: Copies(store, PROGRAMMES).get(row["_id"]),
}
"""Who reads the documents of the other collections that are more than a name and an instant."""

SAMPLES: Final = [
    pytest.param(file.stem, collection, document, id=f"{file.parent.name}-{file.stem}-{collection}-{number}")
    for file in sorted(HERE.glob("*/*.json"))
    for collection, documents in json.loads(file.read_text()).items()
    for number, document in enumerate(documents)
]
FREE: Final = frozenset({"asked"})
"""Members whose own members are data of any name."""


def of(table: dict[tuple[str, str], Any]) -> list[Any]:
    """The samples of a table's collections."""
    return [sample for sample in SAMPLES if sample.values[:2] in table]


async def opened(stack: AsyncExitStack, folder: Path, service: str, collection: str, document: Document) -> Store:
    """A store that holds this document, and is prepared as the service does it."""
    store = urls.open_store("sqlite:", service=service, data=folder)
    stack.push_async_callback(store.close)
    kind = AGGREGATES.get((service, collection))
    # A programme is read together with what was moved in its campaign.
    await store.prepare([kind.collection if kind else Collection(collection), DEADLINES])
    await store.insert(collection, document)
    return store


def with_news(value: Any, name: str = "") -> Any:
    """The same as a release of the future writes it: every object has one member more."""
    match value:
        case dict():
            more = {} if name in FREE else {"of_a_newer_release": {"told": [1, {"deep": True}]}}
            return {key: with_news(member, key) for key, member in value.items()} | more
        case list():
            return [with_news(each, name) for each in value]
        case _:
            return value


def test_every_collection_of_a_release_has_its_sample() -> None:
    for release in {file.parent for file in HERE.glob("*/*.json")}:
        assert {file.stem for file in release.glob("*.json")} == set(SERVICES) - {"portal"}
    assert {sample.values[:2] for sample in SAMPLES} >= {*AGGREGATES, *READERS}


@pytest.mark.parametrize(("service", "collection", "document"), of(AGGREGATES))
async def test_an_aggregate_of_a_release_is_read_whole(
    tmp_path: Path, service: str, collection: str, document: Document
) -> None:
    async with AsyncExitStack() as stack:
        store = await opened(stack, tmp_path, service, collection, document)
        repository = AGGREGATES[service, collection](store, Outbox())
        saved = await repository.get(document["_id"])
    assert saved is not None
    content = {name: value for name, value in saved.document.items() if name not in OWN}
    assert repository.to_document(saved.state) == content


@pytest.mark.parametrize(("service", "collection", "document"), of(AGGREGATES))
async def test_an_older_release_loses_no_field_of_a_newer(
    tmp_path: Path, service: str, collection: str, document: Document
) -> None:
    """Acceptance 112."""
    known = upcast(document, AGGREGATES[service, collection].upcasters)
    newer = {name: value if name in OWN else with_news(value, name) for name, value in known.items()}
    newer |= {"of_a_newer_release": ["at", "the", "top"], "schema": 99, "meta": document["meta"] | {"newer": 1}}
    async with AsyncExitStack() as stack:
        store = await opened(stack, tmp_path, service, collection, deepcopy(newer))
        repository = AGGREGATES[service, collection](store, Outbox())
        done = await repository.change(
            document["_id"], Decision, CommandContext(NOW, "test", key="k", digest="d", actor=OPERATOR)
        )
        after = await store.get(collection, document["_id"])
    assert done is not None and not done.repeated
    assert after is not None and after["version"] == newer["version"] + 1
    # Whatever is written says since when it looks as it does, where that was not kept yet.
    assert {name: value for name, value in after.items() if name not in OWN | {SHOWN}} == {
        name: value for name, value in newer.items() if name not in OWN
    }
    assert (after["schema"], after["meta"]["newer"]) == (99, 1)


@pytest.mark.parametrize(("service", "collection", "document"), of(READERS))
async def test_a_plain_document_of_any_release_is_read(
    tmp_path: Path, service: str, collection: str, document: Document
) -> None:
    for number, stored in enumerate((document, with_news(document))):
        async with AsyncExitStack() as stack:
            store = await opened(stack, tmp_path / str(number), service, collection, stored)
            assert await READERS[service, collection](store, stored)


@pytest.mark.parametrize(
    ("service", "collection", "document"), [s for s in SAMPLES if s.values[1] in {"journal", "internal"}]
)
async def test_a_journal_of_a_release_is_read(
    tmp_path: Path, service: str, collection: str, document: Document
) -> None:
    async with AsyncExitStack() as stack:
        store = await opened(stack, tmp_path, service, collection, document)
        audience = Audience.INTERNAL if collection == "internal" else Audience.PUBLIC
        (entry,) = await Journal(store, audience).read(document["_id"] - 1)
    assert Envelope.decode(entry.body).id == document["event_id"]


async def test_all_that_0_1_0_let_happen_to_an_application_was_its_candidates_doing(tmp_path: Path) -> None:
    """Acceptance 94: who has acted stands in the history of every release."""
    (application, *_) = json.loads((HERE / "0.1.0/applications.json").read_text())["applications"]
    async with AsyncExitStack() as stack:
        store = await opened(stack, tmp_path, "applications", "applications", application)
        saved = await ApplicationRepository(store, Outbox()).get(application["_id"])
    assert saved is not None
    owner = Acting(f"account:{application['account']}")
    assert [(past.state.value, past.by) for past in saved.state.history] == [("draft", owner), ("submitted", owner)]


@pytest.mark.parametrize("document", [s.values[2] for s in SAMPLES if s.values[1] == "applications"])
def test_a_receipt_of_a_release_still_names_the_digest_of_its_profile(document: Document) -> None:
    """The bytes that are digested are the same for ever."""
    for submission in document.get("submissions", []):
        payload = submission["receipt"].split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        assert claims["profile_sha256"] == digest_of(submission["profile"])
