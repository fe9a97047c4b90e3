"""Managers look after pre-enrolments that the student records refuse or have lost, each page looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from services import SERVICES
from services.applications.usecases import reconciling
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite, run_suite
from services.documents.domain import hand_overs
from services.documents.repository.hand_overs import HAND_OVERS, HandOvers
from services.portal.wiring import pages
from tests.pre_enrolments import SECRET, SampleSis, sample_sis
from tests.screens.test_applying import come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.applying import FORMS_SECRET, somebody
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_pre_enrolment import hand_over
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.browser import Browser

HERE = "/gestion/pre-inscriptions"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sis(clock: FixedClock) -> AsyncIterator[SampleSis]:
    async with sample_sis() as made:
        made.now = clock.now
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def suite(tmp_path_factory: pytest.TempPathFactory, clock: FixedClock, sis: SampleSis) -> AsyncIterator[Suite]:
    """All services and the portal, and student records that refuse somebody and have lost somebody else."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")
        environment.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "20")
        run = partial(run_suite, services=tuple(SERVICES), clock=clock, pages=pages, forms_secret=FORMS_SECRET)
        folder = tmp_path_factory.mktemp("screens")
        async with run(folder, pre_enrolment=sis.url, pre_enrolment_secret=SECRET) as suite:
            await suite.settle()
            for name, reason in (
                ("vera", "INE inconnu dans Apogée : la personne n’a jamais été inscrite"),
                ("wim", ""),
            ):
                sis.everybody = reason
                await accepts(suite, name)
            sis.people.clear()
            await compared(suite)  # the first look only says when the next one is due
            clock.advance(hours=20)
            await compared(suite)
            await documents_follow(suite)
            yield suite


async def documents_follow(suite: Suite) -> None:
    """One of their documents has gone, one was refused, and one is tried again."""
    await suite.settle()
    store, now = suite.service("documents").service.ports.store, suite.clock.now()
    records, wanted = HandOvers(store), {"one": "diplome", "two": "releve", "three": "cv"}
    for row in await store.find(HAND_OVERS.name, {}, limit=10):

        def told(record: hand_overs.HandOver) -> hand_overs.HandOver:
            first, second, third = (record := hand_overs.follow(record, wanted, now)).documents
            record = hand_overs.taken(record, first, now)
            record = hand_overs.refused(record, second, "Pièce inconnue dans Apogée : le code n’y est pas décrit", now)
            return hand_overs.unanswered(record, third, now)

        await records.change(row["_id"], told)


async def accepts(suite: Suite, name: str) -> None:
    """Somebody accepts a place that a manager of that name has offered, and is handed over."""
    async with somebody(suite) as zoe, staff(suite, name) as vera:
        own = await submitted(zoe)
        page = await vera.open(f"{file_of(own)}/decision")
        await vera.send(page.forms[0], type="AVIS_FAVORABLE")
        await vera.send((await vera.open(f"{file_of(own)}/decision/validation")).forms[0])
        await zoe.send((await zoe.open(f"{own.path}/reponse")).forms[0], answer="accept")
        await hand_over(suite)


async def compared(suite: Suite) -> None:
    """What the timer does when the night has come."""
    ports = suite.service("applications").service.ports
    assert ports.pre_enrolment is not None
    command = CommandContext(ports.clock.now(), "timer", acting_service("applications"))
    app = use_cases(ports)
    await reconciling.look(app, ports.pre_enrolment, command)


async def test_who_is_refused_and_who_is_lost_are_seen_and_tried_anew(window: Window, suite: Suite) -> None:
    page, email = window.page, f"mona.{window.view}@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, HERE)
    await page.wait_for_selector("tbody tr")
    await window.look("refused")
    await page.goto(f"{HERE}?pile=perdues")
    await page.wait_for_selector("tbody tr")
    await window.look("lost")
    await press(window, "main button[name=whole]")
    await page.wait_for_selector("#changed")
    await window.look("preview")
    await page.goto(f"{HERE}?pile=annulations")
    await window.look("nobody")
    await page.goto(f"{HERE}/pieces")
    await page.wait_for_selector("tbody tr")
    await window.look("documents")
    await press(window, "tbody button")
    await page.wait_for_selector(".govuk-notification-banner")
