"""What the registrar knows, on pages and without JavaScript (acceptance 26, 27, 28)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from services.portal.wiring import pages
from tests.parameters import hear
from tests.records import NATIONAL, STUDENT, write_json
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import an_account, log_in, without_a_catalogue

REGISTRAR = "scolarite@univ.test"
MANAGED = "Géré par la scolarité"
RECORD = "/profil/scolarite"
CERTIFIED = {
    "national_student_number": NATIONAL,
    "birth_date-day": "14",
    "birth_date-month": "5",
    "birth_date-year": "2003",
    "certified": "1",
}


@pytest.fixture
async def suite(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Suite]:
    folder = tmp_path / "records"
    folder.mkdir()
    write_json(folder)
    async with without_a_catalogue(tmp_path / "var", clock, pages, sis=f"file:{folder}") as suite:
        yield suite


@pytest.fixture
async def zoe(suite: Suite) -> AsyncIterator[Browser]:
    """Logged in, nothing of the profile given."""
    await an_account(suite, family_name="Durand")
    async with Browser(suite.url) as browser:
        await log_in(browser)
        yield browser


async def certify(suite: Suite, zoe: Browser, **fields: str) -> Page:
    """Press the button; answers the page as it is once the registrar was asked."""
    page = await zoe.send((await zoe.open(RECORD)).forms[0], **CERTIFIED | fields)
    assert (page.status, page.address) == (200, RECORD), page.words
    await suite.settle()
    return await zoe.open(RECORD)


async def test_who_certifies_finds_the_steps_locked_and_the_record_read_only(suite: Suite, zoe: Browser) -> None:
    """Acceptance 26, 28: no button and no field for what the registrar manages, and whom to write to."""
    overview = await zoe.open("/profil")
    assert RECORD in overview.links and "J’étudie ou j’ai étudié ici" in overview.words
    assert RECORD in (await zoe.open("/profil/cursus-interne")).links
    form = await zoe.open(RECORD)
    assert "Je certifie être Zoé Durand" in form.words
    page = await certify(suite, zoe)
    assert "a transmis vos données" in page.words

    overview = await zoe.open("/profil")
    assert overview.words.count(MANAGED) == 3 and RECORD in overview.links  # nobody else asks for news
    record = await zoe.open("/profil/cursus-interne")
    assert RECORD in record.links
    assert MANAGED in record.words and "2024-2025" in record.words and "14,5/20" in record.words
    baccalaureate = await zoe.open("/profil/baccalaureat")
    assert MANAGED in baccalaureate.words and "Générale" in baccalaureate.words and "Bien" in baccalaureate.words
    for read_only in (record, baccalaureate):
        assert [form.action for form in read_only.forms] == ["/deconnexion"]
        assert any(link.startswith("mailto:") for link in read_only.links)
    identity = await zoe.open("/profil/identite")
    assert MANAGED in identity.words and "Durand" in identity.words and "14/5/2003" in identity.words
    asked = set(identity.forms[0].fields) - {"key", "tag", "form"}
    assert {"mobile", "phone", "usual_name", "other_given_names"} <= asked
    assert not asked & {"family_name", "given_name", "title", "nationality", "birth_place", "national_student_number"}


async def test_phones_and_address_are_ones_own_and_studies_are_added(suite: Suite, zoe: Browser) -> None:
    """Acceptance 26, 27."""
    await certify(suite, zoe)
    page = await zoe.send((await zoe.open("/profil/identite")).forms[0], mobile="12")
    assert page.status == 422 and MANAGED in page.words and "Durand" in page.words
    page = await zoe.send(page.forms[0], mobile="06 12 34 56 78")
    assert page.address == "/profil/adresse"
    address = {"lines.0": "1 rue des Oiseaux", "postcode": "66000", "city": "Perpignan", "country": "FR"}
    page = await zoe.send(page.forms[0], **address)
    assert (page.address == "/profil" and "Vous pouvez candidater" in page.words) or "formations" in page.words
    assert (await zoe.open("/profil/identite")).forms[0].fields["mobile"] == "+33612345678"
    page = await zoe.open("/profil/cursus-externe/ajouter")
    page = await zoe.send(page.forms[0], year="2019", diploma_label="DUT", obtained="yes")
    assert page.path == "/profil/cursus-externe" and "DUT" in page.words


async def test_pressed_twice_and_by_back_the_record_is_the_same(suite: Suite, zoe: Browser) -> None:
    """Both presses lead to the same page; sent again by Back once it is there, nothing changes."""
    form = (await zoe.open(RECORD)).forms[0]
    for page in await asyncio.gather(*(zoe.send(form, **CERTIFIED) for _ in range(2))):
        assert (page.status, page.address) == (200, RECORD), page.words
    await suite.settle()
    overview = await zoe.open("/profil")
    assert overview.words.count(MANAGED) == 3
    assert (await zoe.send(form, **CERTIFIED)).address == RECORD
    await suite.settle()
    assert (await zoe.open("/profil")).words == overview.words


async def test_a_page_from_before_says_who_manages_it(suite: Suite, zoe: Browser) -> None:
    """A form that was open while the record came: refused in words, with the registrar's address."""
    await hear(suite, {"institution.registrar_contacts": [f"{STUDENT['centre']}={REGISTRAR}"]})
    old = await zoe.open("/profil/baccalaureat")
    await certify(suite, zoe)
    page = await zoe.send(old.forms[0], kind="none")
    assert page.status == 403 and MANAGED in page.words and REGISTRAR in page.words
    assert f"mailto:{REGISTRAR}" in (await zoe.open("/profil/baccalaureat")).links


async def test_who_is_not_found_reads_whom_to_ask_and_fills_in_the_rest(suite: Suite, zoe: Browser) -> None:
    await hear(suite, {"institution.registrar_contact": REGISTRAR})
    page = await certify(suite, zoe, **{"birth_date-day": "15"})
    assert "ne connaît personne" in page.words and f"mailto:{REGISTRAR}" in page.links
    assert (await zoe.open("/profil/identite")).forms[0].fields.keys() >= {"family_name", "nationality"}


async def test_all_that_is_wrong_is_told_at_once_and_nothing_typed_is_lost(zoe: Browser) -> None:
    page = await zoe.send((await zoe.open(RECORD)).forms[0], national_student_number="0123456789N")
    assert page.status == 422
    for link in ("#national_student_number", "#birth_date", "#certified"):
        assert link in page.links
    assert page.forms[0].fields["national_student_number"] == "0123456789N"
    assert "certifier" in page.words


async def test_nobody_sees_the_page_without_being_logged_in(suite: Suite) -> None:
    async with Browser(suite.url) as stranger:
        assert (await stranger.open(RECORD)).path.startswith("/connexion?next=")
