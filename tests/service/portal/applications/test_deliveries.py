"""Support finds mails that did not arrive, and sends them again by a button, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.mailer.domain.delivery import Delivery, Letter
from services.mailer.domain.priority import Priority
from services.mailer.domain.returns import Return
from services.mailer.domain.states import State
from services.mailer.repository import DeliveryRepository
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser
from tests.service.portal.people import log_in

HERE = "/gestion/messages"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def lost(
    suite: Suite, id: str, file_number: str, state: State = State.UNKNOWN, returns: tuple[Return, ...] = ()
) -> None:
    """A mail to this person of which nobody knows whether it went out, or that came so far."""
    ports = suite.service("mailer").service.ports
    (known,) = await ports.store.find("directory", {"file_number": file_number}, limit=2)
    at = suite.clock.now() - timedelta(hours=2)
    delivery = Delivery(
        account=known["_id"],
        kind="answer-due",
        language="fr",
        address=known["email"],
        name="Zoé",
        priority=Priority.NORMAL,
        letter=Letter(f"Répondez avant demain ({id})", "Bonjour", "<p>Bonjour</p>"),
        created_at=at,
        due_at=None,
        state=state,
        reason={State.UNKNOWN: "unknown", State.BOUNCED: "bounced"}.get(state, "refused"),
        ended_at=at,
        attempts=1,
        returns=returns,
    )
    await DeliveryRepository(ports.store, ports.outbox).add(id, Decision(delivery), CommandContext(at, "c", OPERATOR))


async def test_what_did_not_arrive_is_seen_first_and_sent_again(suite: Suite, zoe: Uploader) -> None:
    number = (await zoe.open("/compte")).words.partition("Numéro de dossier")[2].split()[0].strip(".:")
    await lost(suite, "lost-1", number)
    await lost(suite, "lost-2", number, State.FAILED)
    async with Browser(suite.url) as sam:
        await appointed(suite, sam, "sam@univ.test", Grant(Role.SUPPORT))
        page = await log_in(sam, "sam@univ.test")
        assert (page.address, page.heading) == (HERE, "Messages envoyés")
        assert "(lost-1)" in page.words and "Sort inconnu" in page.words and "refusé définitivement" in page.words
        assert "token=" not in page.words
        page = await sam.open(f"{HERE}?numero={number}&etat=unknown")
        assert "(lost-1)" in page.words and "(lost-2)" not in page.words
        again = next(form for form in page.forms if "lost-1" in form.action)
        page = await sam.send(again)
        assert page.status == 200 and "de nouveau en attente" in page.words and "(lost-1)" not in page.words
        await all_mails_are_handed_over(suite)
        page = await sam.send(again)
        assert page.status == 200  # pressed twice
        page = await sam.open(f"{HERE}?numero={number}&etat=sent")
        assert "(lost-1)" in page.words and "Relancé à la main" in page.words
        late = next(form for form in (await sam.open(f"{HERE}?etat=failed")).forms if "lost-2" in form.action)
        assert (await sam.send(late)).status == 200
        assert (await sam.send(late, key="another")).status == 409
        wrong = await sam.open(f"{HERE}?numero=x")
        assert wrong.status == 422 and "#numero" in wrong.links
        assert "Aucun message" in (await sam.open(f"{HERE}?numero=ZZZZ9999")).words
    async with staff(suite, "max") as manager:
        page = await manager.open(f"{HERE}?etat=tous")
        assert page.status == 200 and not [form for form in page.forms if form.action.startswith(f"{HERE}/")]
        assert "(lost-1)" not in page.words, "what tells of no file of theirs"
        wrong = await manager.open(f"{HERE}?commission=-")
        assert wrong.status == 422 and "#commission" in wrong.links
    assert (await zoe.open(HERE)).status == 403
