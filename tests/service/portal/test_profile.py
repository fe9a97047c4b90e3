"""The profile on pages, without JavaScript (acceptance 23 to 25, 27 to 33, 35, 107, 117)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.accounts.client import AccountsClient
from tests.service.portal.browser import Browser, Form, Page
from tests.service.portal.people import an_account, log_in

IDENTITY = {
    "title": "mrs",
    "family_name": "L’Hôte",
    "given_name": "Zoé",
    "birth_date-day": "17",
    "birth_date-month": "5",
    "birth_date-year": "2003",
    "birth_country": "YU",
    "birth_place": "Novi Sad",
    "nationality": "XA",
    "mobile": "0692 12 34 56",
}
ADDRESS = {"lines.0": "1 rue des Oiseaux", "postcode": "66000", "city": "Perpignan", "country": "FR"}
BACCALAUREATE = {"kind": "bac", "year": "2021", "series": "Générale", "honours": "Bien", "country": "FR"}
STEPS = {"/profil/identite": IDENTITY, "/profil/adresse": ADDRESS, "/profil/baccalaureat": BACCALAUREATE}


@pytest.fixture
async def zoe(suite: Suite) -> AsyncIterator[Browser]:
    """Logged in, nothing of the profile given."""
    await an_account(suite)
    async with Browser(suite.url) as browser:
        await log_in(browser)
        yield browser


async def fill_in(zoe: Browser, path: str, **fields: str) -> Page:
    page = await zoe.open(path)
    return await zoe.send(page.forms[0], **fields)


def error_of(page: Page, field: str) -> str:
    found = re.search(rf'id="{re.escape(field)}-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]*)', page.html)
    return found[1].strip() if found else ""


async def test_the_steps_come_in_order_and_each_leads_to_the_next(zoe: Browser) -> None:
    """Acceptance 23, 24, 107: a stateless person born in a state that is no more, with a number of La Réunion."""
    page = await zoe.open("/profil")
    steps = re.findall(r'class="govuk-link govuk-task-list__link" href="([^"]*)"', page.html)
    assert steps == [
        *STEPS,
        "/profil/cursus-interne",
        "/profil/cursus-externe",
        "/profil/stages",
        "/profil/experiences",
    ]
    assert page.words.count("À renseigner") == 3
    assert (await fill_in(zoe, "/profil/identite", **IDENTITY)).path == "/profil/adresse"
    assert (await fill_in(zoe, "/profil/adresse", **ADDRESS)).path == "/profil/baccalaureat"
    page = await fill_in(zoe, "/profil/baccalaureat", **BACCALAUREATE)
    assert page.path == "/profil?enregistre=baccalaureate"
    assert "Votre dossier est complet" in page.words and page.words.count("Renseigné") == 3
    for path, given in STEPS.items():
        kept = (await zoe.open(path)).forms[0].fields
        assert kept.items() >= (given | ({"mobile": "+262692123456"} if "mobile" in given else {})).items()


async def test_a_second_baccalaureate_takes_the_place_of_the_first(zoe: Browser) -> None:
    """Acceptance 25: the form shows the one that there is, and no other can be added."""
    for year in ("2022", BACCALAUREATE["year"]):
        await fill_in(zoe, "/profil/baccalaureat", **BACCALAUREATE | {"year": year})
        page = await zoe.open("/profil/baccalaureat")
        assert page.forms[0].fields["year"] == year
        assert [link for link in page.links if link.startswith("/profil/baccalaureat/")] == []


async def test_the_series_are_those_of_the_year(zoe: Browser) -> None:
    """Once a year is typed; what was chosen before stays to be seen."""
    assert '<option value="S"' in (await zoe.open("/profil/baccalaureat")).html
    assert (await fill_in(zoe, "/profil/baccalaureat", **BACCALAUREATE | {"series": "S"})).path == "/profil/identite"
    page = await zoe.open("/profil/baccalaureat")
    assert "Économique et sociale" not in page.words and "STMG" in page.words
    assert page.forms[0].fields["series"] == "S"


async def test_all_that_is_wrong_is_said_beside_its_field_and_nothing_is_lost(zoe: Browser) -> None:
    typed = {"family_name": "1234", "given_name": "", "birth_date-day": "31", "birth_date-month": "2", "phone": "12"}
    page = await fill_in(zoe, "/profil/identite", **IDENTITY | typed)
    assert page.status == 422
    for field in ("family_name", "given_name", "phone"):
        assert error_of(page, field) and f'href="#{field}"' in page.html and f'id="{field}"' in page.html
    assert error_of(page, "birth_date-whole") and 'href="#birth_date"' in page.html and 'id="birth_date"' in page.html
    assert page.forms[0].fields.items() >= (IDENTITY | typed).items()
    assert re.search(r"Nom de naissance \*\s", page.html)
    assert re.search(r'href="#given_name">Prénom\s:\sCe champ est obligatoire', page.html)
    fixed = await zoe.send(page.forms[0], **IDENTITY | {"phone": ""})
    assert fixed.path == "/profil/adresse"


def starred(page: Page) -> set[str]:
    """The fields beside whose labels there is a star."""
    return set(re.findall(r'<label[^>]*for="([^"]+)"[^>]*>[^<]* \*\s*</label>', page.html))


async def test_what_must_be_filled_in_has_a_star(zoe: Browser) -> None:
    """Also where that depends on another field, as far as it is said already."""
    assert starred(await zoe.open("/profil/adresse")) == {"country", "lines.0", "postcode", "city"}
    abroad = await fill_in(zoe, "/profil/adresse", country="DE")
    assert starred(abroad) == {"country", "lines.0", "city"}
    path = "/profil/baccalaureat"
    assert not starred(await zoe.open(path)) & {"year", "series"}
    for kind, needed in (("bac", {"year", "series"}), ("equivalent", {"year"})):
        assert starred(await fill_in(zoe, path, kind=kind)) == needed
    assert starred(await zoe.open("/profil/scolarite")) >= {"national_student_number", "certified"}


async def test_empty_forms_say_all_that_is_asked_in_the_order_of_the_page(zoe: Browser) -> None:
    first, last = ["title", "family_name", "given_name"], ["birth_country", "birth_place", "nationality"]
    for path, typed, asked in (
        ("/profil/identite", {}, [*first, "birth_date", *last]),
        ("/profil/adresse", {}, ["lines.0", "postcode", "city"]),
        ("/profil/baccalaureat", {}, ["kind"]),
        ("/profil/baccalaureat", {"kind": "bac"}, ["year", "series"]),
    ):
        page = await fill_in(zoe, path, **typed)
        assert page.status == 422 and page.complaints == asked, path
        assert [field for field in asked if field != "birth_date" and not error_of(page, field)] == [], path


async def test_who_has_one_name_says_so(zoe: Browser) -> None:
    """Acceptance 107."""
    page = await fill_in(zoe, "/profil/identite", **IDENTITY | {"given_name": "", "single_name": "1"})
    assert page.path == "/profil/adresse"
    assert (await zoe.open("/profil/identite")).forms[0].fields["single_name"] == "1"


async def test_the_communes_of_a_postcode_are_offered_without_scripts(zoe: Browser) -> None:
    """Acceptance 31."""
    page = await fill_in(zoe, "/profil/adresse", **ADDRESS | {"postcode": "66 200", "city": ""})
    assert page.status == 422 and '<option value="Elne">' in page.html
    wrong = await zoe.send(page.forms[0], city="Perpignan")
    assert wrong.status == 422 and "n’a pas ce code postal" in error_of(wrong, "city")
    assert (await zoe.send(wrong.forms[0], commune="Elne")).path == "/profil/identite"
    assert (await zoe.open("/profil/adresse")).forms[0].fields["city"] == "Elne"


async def test_two_tabs_show_both_versions_and_one_is_chosen(zoe: Browser) -> None:
    """Acceptance 35."""
    await fill_in(zoe, "/profil/adresse", **ADDRESS)
    one, other = await zoe.open("/profil/adresse"), await zoe.open("/profil/adresse")
    await zoe.send(one.forms[0], **ADDRESS | {"lines.0": "2 rue des Ânes"})
    late = await zoe.send(other.forms[0], **ADDRESS | {"lines.0": "3 rue <b>des Oies</b>"})
    assert late.status == 412
    assert "2 rue des Ânes" in late.words and "3 rue &lt;b&gt;des Oies" in late.html
    assert "Perpignan" not in late.words
    assert (await zoe.open("/profil/adresse")).forms[0].fields["lines.0"] == "2 rue des Ânes"
    await zoe.send(late.forms[0])
    assert (await zoe.open("/profil/adresse")).forms[0].fields["lines.0"] == "3 rue <b>des Oies</b>"


async def test_a_missing_student_number_is_said_where_it_is_asked(zoe: Browser) -> None:
    """Acceptance 29."""
    await fill_in(zoe, "/profil/identite", **IDENTITY | {"nationality": "FR"})
    await fill_in(zoe, "/profil/adresse", **ADDRESS)
    page = await fill_in(zoe, "/profil/baccalaureat", **BACCALAUREATE)
    assert page.path.partition("?")[0] == "/profil/identite", "where it is asked"
    assert "« Baccalauréat » est enregistrée" in page.words, "and not lost by it"
    assert error_of(page, "national_student_number")
    page = await zoe.open("/profil")
    assert "À compléter" in page.words
    page = await zoe.open("/profil/identite")
    assert error_of(page, "national_student_number") and starred(page) >= {"national_student_number"}
    page = await fill_in(zoe, "/profil/identite", national_student_number="0123456789N")
    assert "caractère" in error_of(page, "national_student_number")


async def test_a_year_in_letters_is_said_beside_its_field_and_stands_in_no_log(
    zoe: Browser, capfd: pytest.CaptureFixture[str]
) -> None:
    """Acceptance 32."""
    for path in ("/profil/baccalaureat", "/profil/stages/ajouter"):
        page = await fill_in(zoe, path, **{**STEPS.get(path, {}), "year": "20O3"})
        assert page.status == 422 and error_of(page, "year")
        assert page.forms[0].fields["year"] == "20O3"
    assert "20O3" not in "".join(capfd.readouterr())


async def test_a_tag_that_was_never_given_is_a_version_of_another_tab(zoe: Browser) -> None:
    """Acceptance 35: both versions are shown, and nothing is lost."""
    await fill_in(zoe, "/profil/identite", **IDENTITY)
    form = (await zoe.open("/profil/identite")).forms[0]
    for tag in ('identity-1"', "identity-1\r\nX-Odd: 1", '"', "é", "*", 'a", "b', " "):
        page = await zoe.send(form, tag=tag, family_name="Autre")
        assert page.status == 412 and "Autre" in page.words and "L’Hôte" in page.words, tag


ROWS: dict[str, dict[str, Any]] = {
    "/profil/cursus-externe": {"year": "2023", "diploma_label": "Licence de biologie", "obtained": "pending"},
    "/profil/stages": {
        "year": "2025",
        "duration": "2 mois",
        "organisation": "IFREMER",
        "description": "Algues\r\nvertes",
    },
    "/profil/experiences": {"year": "2024", "title": "Vendange", "duration": "3 semaines", "organisation": "Mas Amiel"},
}


@pytest.mark.parametrize("path", ROWS)
async def test_rows_are_added_changed_and_taken_away(zoe: Browser, path: str) -> None:
    """Acceptance 27."""
    assert (await zoe.open(path)).links.count(f"{path}/ajouter") == 1
    empty = await fill_in(zoe, f"{path}/ajouter")
    assert empty.status == 422 and error_of(empty, "year")
    await zoe.send(empty.forms[0], **ROWS[path])
    listed = await zoe.send(empty.forms[0], **ROWS[path])  # a double click
    assert listed.path == path
    (change,) = [link for link in listed.links if re.fullmatch(rf"{path}/[0-9a-z]{{26}}", link)]
    first, second = await zoe.open(change), await zoe.open(change)
    assert (
        first.forms[0].fields.items()
        >= {**ROWS[path], **({"description": "Algues\nvertes"} if "stages" in path else {})}.items()
    )
    assert "2022" in (await zoe.send(first.forms[0], year="2022")).words
    late = await zoe.send(second.forms[0], year="2021")
    assert late.status == 412 and "2022" in late.words and "2021" in late.words
    assert "2021" in (await zoe.send(late.forms[0])).words
    gone = await zoe.send((await zoe.open(f"{change}/retirer")).forms[0])
    assert gone.path == path and "2021" not in gone.words
    assert (await zoe.open(change)).status == 404
    assert "1 ligne" not in (await zoe.open("/profil")).words


async def test_nobody_sees_a_profile_without_being_logged_in(suite: Suite) -> None:
    async with Browser(suite.url) as stranger:
        for path in ("/profil", *STEPS, *ROWS, "/profil/cursus-interne", "/profil/stages/ajouter"):
            assert (await stranger.open(path)).path.startswith("/connexion?next=")


async def test_the_internal_record_is_the_registrars(zoe: Browser) -> None:
    """Acceptance 28."""
    assert "scolarité" in (await zoe.open("/profil/cursus-interne")).words


async def kept_as_typed(zoe: Browser, path: str, draft: str, **typed: str) -> Page:
    """What the script sends while somebody types, and the page when it is opened again."""
    form = (await zoe.open(path)).forms[0]
    kept = await zoe.send(Form(f"/profil/brouillon/{draft}", form.fields), **typed)
    assert kept.status == 204
    return await zoe.open(path)


async def test_what_was_typed_comes_back_until_it_is_saved_or_thrown_away(zoe: Browser) -> None:
    """Acceptance 34."""
    page = await kept_as_typed(zoe, "/profil/adresse", "address", **ADDRESS | {"postcode": "66"})
    assert "sans l’enregistrer" in page.words and page.forms[0].fields["postcode"] == "66"
    page = await zoe.send(page.forms[1])
    assert page.path == "/profil/adresse" and page.forms[0].fields["postcode"] == ""
    page = await kept_as_typed(zoe, "/profil/adresse", "address", **ADDRESS)
    await zoe.send(page.forms[0])
    page = await zoe.open("/profil/adresse")
    assert "sans l’enregistrer" not in page.words and page.forms[0].fields["city"] == "Perpignan"
    page = await kept_as_typed(zoe, "/profil/stages/ajouter", "internships", year="2025", description="Algues")
    assert page.forms[0].fields.items() >= {"year": "2025", "description": "Algues"}.items()


async def test_a_draft_of_an_older_version_never_overwrites_a_newer_one(zoe: Browser) -> None:
    """Acceptance 34, 35."""
    await fill_in(zoe, "/profil/adresse", **ADDRESS)
    old = await zoe.open("/profil/adresse")
    await fill_in(zoe, "/profil/adresse", **ADDRESS | {"lines.0": "2 rue des Ânes"})
    await zoe.send(Form("/profil/brouillon/address", old.forms[0].fields), **{"lines.0": "3 rue des Oies"})
    page = await zoe.open("/profil/adresse")
    assert (await zoe.send(page.forms[0])).status == 412


async def test_drafts_are_taken_from_our_own_pages_alone(zoe: Browser) -> None:
    form = (await zoe.open("/profil/adresse")).forms[0]
    draft = Form("/profil/brouillon/address", form.fields)
    assert (await zoe.send(draft, site="cross-site", city="Elne")).status == 403
    assert "sans l’enregistrer" not in (await zoe.open("/profil/adresse")).words


async def test_last_years_answers_are_read_ticked_and_taken_over(suite: Suite, clock: FixedClock, zoe: Browser) -> None:
    """The person of an earlier campaign reads each step, takes over what is ticked, and gives the others."""
    assert "/profil/reprise" not in (await zoe.open("/profil")).links
    for path, given in STEPS.items():
        await fill_in(zoe, path, **given)
    await fill_in(zoe, "/profil/stages/ajouter", **ROWS["/profil/stages"])
    await AccountsClient(suite, clock).open_campaign("2028", closing="2027")
    login = await an_account(suite)
    async with Browser(suite.url) as browser:
        await log_in(browser, login)
        assert "/profil/reprise" in (await browser.open("/profil")).links
        page = await browser.open("/profil/reprise")
        for words in ("L’Hôte", "17/5/2003", "1 rue des Oiseaux", "Générale", "J’ai relu « Baccalauréat »"):
            assert words in page.words, words
        (form,) = [form for form in page.forms if form.action == "/profil/reprise"]
        wrong = await browser.tick(form, "part")
        assert wrong.status == 422 and "#part" in wrong.links and "Cochez au moins une étape" in wrong.words
        for _ in range(2):  # pressed twice
            page = await browser.tick(form, "part", "identity", "address")
            assert page.path == "/profil?repris=1" and "ont été reprises" in page.words
        assert page.words.count("Renseigné") == 2 and page.words.count("À renseigner") == 1
        assert "/profil/reprise" in page.links
        assert (await browser.open("/profil/identite")).forms[0].fields["family_name"] == "L’Hôte"
        await fill_in(browser, "/profil/baccalaureat", **BACCALAUREATE | {"year": "2022"})
        assert "/profil/reprise" in (await browser.open("/profil")).links, "a work placement of last year is left"
        assert (await browser.tick(form, "part", "internships")).path == "/profil?repris=1"
        assert "/profil/reprise" not in (await browser.open("/profil")).links
        assert "plus rien à reprendre" in (await browser.open("/profil/reprise")).words
