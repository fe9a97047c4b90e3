"""Coming in by the ENT on pages, over HTTP and without JavaScript, with the development ENT (acceptance 11, 22, 118)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.ent.development import CAS_PATH, OIDC_PATH
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from services.contracts.events.offers import CampaignActivated
from services.portal.development_ent.people import PEOPLE
from services.portal.pages.ent import MAX_NOTICE_BYTES, MAX_WAYS
from services.portal.visits import ENTRY_SECONDS
from services.portal.wiring import pages
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import an_account, an_administrator, log_in

CAMPAIGN = CampaignActivated(campaign="2027", label="2027", starts_on="2026-11-01", ends_on="2027-10-31")
WAY = "/connexion/ent"


@pytest.fixture
async def suite(request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Suite]:
    services, ent = ("accounts", "mailer"), getattr(request, "param", None)
    async with run_suite(tmp_path, services=services, clock=clock, pages=pages, ent=ent) as suite:
        await suite.publish(CAMPAIGN, "offers")
        await suite.settle()
        yield suite


async def be(browser: Browser, login: str, way: str = WAY) -> Page:
    """Choose somebody at the ENT; answers the page to which one comes back."""
    chooser = await browser.open(way)
    assert chooser.heading == "ENT de développement" and "inventées" in chooser.words
    return await browser.send(chooser.forms[0], person=login)


async def link_in(suite: Suite) -> str:
    """The link of the newest mail, which is handed over by itself once all has come to rest."""
    async with asyncio.timeout(120):
        while not (mails := suite.mails()):
            await asyncio.sleep(0.05)
    body = mails[-1].get_body(("plain",))
    found = re.search(r"http://\S+token=\S+", str(body.get_content()) if body is not None else "")
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("suite", "login", "email"),
    [
        (None, "amartin", "alice.martin@etu.example.org"),
        ("development:oidc", "ddiallo", ""),
        ("development:oidc", "gbernard", "gilles.bernard@example.org"),
    ],
    indirect=["suite"],
)
async def test_a_student_registers_by_the_ent_follows_the_mail_and_then_needs_the_ent_alone(
    suite: Suite, browser: Browser, login: str, email: str
) -> None:
    """Acceptance 11; somebody of whom the ENT knows no address types one; staff are candidates too (118)."""
    person = next(each for each in PEOPLE if each.login == login)
    door = await browser.open("/connexion?next=/formations")
    assert f"{WAY}?next=/formations" in door.links
    assert "Je suis étudiant à l’université" in door.words and "Je ne suis pas étudiant" in door.words
    form = await be(browser, login)
    assert (form.path, form.status) == ("/inscription/ent", 200)
    filled = form.forms[0].fields
    assert (filled["family_name"], filled["given_name"], filled["email"]) == (
        person.family_name,
        person.given_name,
        email,
    )
    typed = email or "djibril@example.net"
    wrong = await browser.send(form.forms[0], email=typed, email_confirmation="other@example.net")
    assert (wrong.status, wrong.forms[0].fields["family_name"]) == (422, person.family_name)
    after = await browser.send(wrong.forms[0], email_confirmation=typed)
    assert after.path == "/inscription/suite"
    await suite.settle()
    again = await be(browser, login)
    assert "Vous avez déjà demandé un compte" in again.words
    opened = await browser.open(await link_in(suite))
    assert "password" not in opened.forms[0].fields and "connectée à l’ENT" in opened.words
    done = await browser.send(opened.forms[0])
    assert done.heading == "Votre compte est validé"
    inside = await be(browser, login, f"{WAY}?next=/inscription/suite")
    assert inside.path == "/inscription/suite"
    assert browser.cookie("session") is not None
    account, password = await browser.open("/compte"), await browser.open("/compte/mot-de-passe")
    assert "Vous entrez dans ce compte par l’ENT" in account.words and "/compte/mot-de-passe" not in account.links
    assert password.heading == "Vous entrez par l’ENT, sans mot de passe"
    assert [form.action for form in password.forms] == ["/deconnexion"] and "/reinitialisation/lien" in password.links
    await browser.send(inside.forms[-1])
    assert browser.cookie("session") is None


async def test_coming_back_without_having_been_sent_is_refused_kindly(suite: Suite, browser: Browser) -> None:
    """Nobody can be made to come in as somebody else: the state is in this browser or nowhere."""
    for back in ("?ticket=ST-1-x&state=x", "?code=x", "?error=access_denied", ""):
        page = await browser.open(f"{WAY}/retour{back}")
        assert (page.status, page.heading) == (403, "Cette connexion par l’ENT n’est plus valable")
        assert WAY in page.links and "/connexion" in page.links
    async with Browser(suite.url) as attacker:
        brought = (await attacker.open(WAY)).forms[0].fields["service"]
    await browser.open(WAY)
    stolen = await browser.open(f"{brought.removeprefix(suite.url)}?ticket=ST-anything")
    assert (stolen.status, browser.cookie("session")) == (403, None)
    assert stolen.heading == "Cette connexion par l’ENT n’est plus valable"
    english = await browser.open(f"{WAY}/retour?lang=en")
    assert english.heading == "This sign-in is no longer valid"


async def test_the_form_of_the_ent_is_for_who_comes_from_there(browser: Browser) -> None:
    page = await browser.open("/inscription/ent")
    assert page.heading == "ENT de développement"


async def test_the_form_of_the_ent_says_whose_it_is_and_ends_with_its_use_a_login_and_a_log_out(
    suite: Suite, browser: Browser
) -> None:
    """On a shared computer the next person finds nobody's name, and nobody registers with somebody else's identity."""

    async def is_forgotten() -> bool:
        return (await browser.open("/inscription/ent")).heading == "ENT de développement"

    form = await be(browser, "fsaidi")
    assert form.cookies["entry"]["max-age"] == ""
    wrong = await browser.send(form.forms[0], given_name="Bob", family_name="Bob", email="bob@example.net")
    assert "D’après l’ENT, vous êtes Farah Saïdi" in wrong.words and "Ce n’est pas moi" in wrong.words
    other = await browser.send(wrong.forms[1])
    assert other.path == "/connexion" and await is_forgotten()
    email = "alice.martin@etu.example.org"
    sent = await browser.send((await be(browser, "amartin")).forms[0], email_confirmation=email)
    assert sent.path == "/inscription/suite" and await is_forgotten()
    await suite.settle()
    await browser.send((await browser.open(await link_in(suite))).forms[0])
    await an_account(suite, "zoe@example.org")
    await be(browser, "fsaidi")
    inside = await log_in(browser, "zoe@example.org")
    assert await is_forgotten()
    await be(browser, "fsaidi")
    await browser.send(inside.forms[-1])
    assert browser.cookie("session") is None and await is_forgotten()
    farah = await be(browser, "fsaidi")
    await be(browser, "gbernard")
    stale = await browser.send(farah.forms[0], email="farah@example.net", email_confirmation="farah@example.net")
    assert stale.path == "/inscription/ent" and "D’après l’ENT, vous êtes Gilles Bernard" in stale.words
    await be(browser, "amartin")
    assert await is_forgotten()


async def test_the_form_of_the_ent_is_good_for_an_hour(browser: Browser, clock: FixedClock) -> None:
    await be(browser, "fsaidi")
    clock.advance(seconds=ENTRY_SECONDS - 1)
    assert (await browser.open("/inscription/ent")).status == 200
    clock.advance(seconds=1)
    assert (await browser.open("/inscription/ent")).heading == "ENT de développement"


async def test_each_tab_comes_back_from_the_ent_and_who_is_in_stays_in(
    suite: Suite, browser: Browser, clock: FixedClock
) -> None:
    await browser.send((await be(browser, "amartin")).forms[0], email_confirmation="alice.martin@etu.example.org")
    await suite.settle()
    await browser.send((await browser.open(await link_in(suite))).forms[0])
    tabs = []
    for _ in range(MAX_WAYS + 1):
        tabs.append(await browser.open(f"{WAY}?next=/compte"))
        clock.advance(seconds=1)
    for tab in tabs[1:]:
        assert (await browser.send(tab.forms[0], person="amartin")).path == "/compte"
    back = await browser.send(tabs[1].forms[0], person="amartin")
    assert (back.path, back.status) == ("/", 200) and browser.cookie("session") is not None
    await browser.send(back.forms[-1])
    assert (await browser.send(tabs[0].forms[0], person="amartin")).status == 403, "one more than there are places for"


@pytest.mark.parametrize(
    ("onward", "path"),
    [
        ("/inscription/suite?x=" + "x" * 179, "/inscription/suite?x=" + "x" * 179),
        ("/inscription/suite?x=" + "x" * 180, "/"),
        (WAY, "/"),
        ("/connexion/%65nt?next=/compte", "/"),
        (f"{WAY}/retour", "/"),
    ],
    ids=["longest", "longer", "ent", "ent written otherwise", "back from the ent"],
)
async def test_one_goes_on_to_where_one_can_or_home(suite: Suite, browser: Browser, onward: str, path: str) -> None:
    """Neither a page that is too long for the API nor the way to the ENT itself is where one goes on to."""
    await browser.send((await be(browser, "amartin")).forms[0], email_confirmation="alice.martin@etu.example.org")
    await suite.settle()
    await browser.send((await browser.open(await link_in(suite))).forms[0])
    assert (await be(browser, "amartin", str(URL(WAY).with_query(next=onward)))).path == path


async def test_a_ticket_that_is_too_long_is_refused_as_others_are(suite: Suite, browser: Browser) -> None:
    service = (await browser.open(WAY)).forms[0].fields["service"].removeprefix(suite.url)
    page = await browser.open(f"{service}?ticket=ST-{'x' * 298}")
    assert (page.status, page.heading) == (403, "Cette connexion par l’ENT n’est plus valable")


async def test_an_account_of_the_same_address_is_not_taken_over(suite: Suite, browser: Browser) -> None:
    """The address is proved by its own mail alone."""
    await an_account(suite, "alice.martin@etu.example.org")
    form = await be(browser, "amartin")
    await browser.send(form.forms[0], email_confirmation="alice.martin@etu.example.org")
    await suite.settle()
    assert (await be(browser, "amartin")).path == "/inscription/ent"
    assert browser.cookie("session") is None
    assert (await log_in(browser, "alice.martin@etu.example.org")).status == 200


async def test_who_logs_out_at_the_ent_is_logged_out_here(suite: Suite, browser: Browser) -> None:
    """By the notice of CAS to the very page to which people come back; another's ends nothing."""
    await browser.send((await be(browser, "amartin")).forms[0], email_confirmation="alice.martin@etu.example.org")
    await suite.settle()
    await browser.send((await browser.open(await link_in(suite))).forms[0])
    form = (await browser.open(WAY)).forms[0]
    chosen = form.fields | {"person": "amartin"}
    ours = {"Sec-Fetch-Site": "same-origin", "Cookie": f"form={browser.cookie('form')}"}
    async with suite.client.post(form.action, data=chosen, headers=ours, allow_redirects=False) as response:
        back = URL(response.headers["Location"])
    await browser.open(str(back))
    for ticket, path in (("ST-another", "/compte"), (back.query["ticket"], "/connexion")):
        notice = (
            '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="1">'
            f"<samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
        )
        async with suite.client.post(back.with_query(None), data={"logoutRequest": notice}) as response:
            assert response.status == 200
        assert (await browser.open("/compte")).path.partition("?")[0] == path


async def test_the_ent_logs_out_over_the_back_channel_alone(suite: Suite) -> None:
    """No browser, no cookie, no form of ours; what is no notice ends nothing."""
    for notice, status in (({"logoutRequest": "<a/>"}, 401), ({"logout_token": "a.b.c"}, 401), ({}, 401)):
        async with suite.client.post(f"{WAY}/retour", data=notice) as response:
            assert response.status == status
    async with suite.client.post(f"{WAY}/retour", data={"logoutRequest": "x" * MAX_NOTICE_BYTES}) as response:
        assert response.status == 401


@pytest.mark.parametrize("path", [f"{CAS_PATH}/login", f"{OIDC_PATH}/auth", f"{OIDC_PATH}/jwks"])
async def test_the_development_ent_is_for_this_machine_alone(browser: Browser, path: str) -> None:
    assert (await browser.open(path, {"X-Forwarded-For": "192.0.2.1"})).status == 404
    assert (await browser.open(path, {"Host": "parvis.test"})).status == 404


async def test_the_development_ent_sends_nobody_elsewhere(browser: Browser) -> None:
    for path in (f"{CAS_PATH}/login?service=https://evil.test/", f"{OIDC_PATH}/auth?redirect_uri=https://evil.test/"):
        page = await browser.open(path)
        assert page.status == 400 and "On ne sait pas d’où vous venez" in page.words


async def test_without_an_ent_no_button_is_there(tmp_path: Path, clock: FixedClock) -> None:
    async with (
        run_suite(tmp_path, services=("accounts",), clock=clock, pages=pages, ent="none:") as suite,
        Browser(suite.url) as browser,
    ):
        assert WAY not in (await browser.open("/connexion")).links
        assert (await browser.open(WAY)).heading == "Pas de connexion par l’ENT"
        assert (await browser.open(f"{CAS_PATH}/login")).status == 404


async def test_an_ent_that_is_away_leaves_the_other_door_open(tmp_path: Path, clock: FixedClock) -> None:
    ent = "oidc+http://parvis@127.0.0.1:1/realm"
    async with (
        run_suite(tmp_path, services=("accounts",), clock=clock, pages=pages, ent=ent) as suite,
        Browser(suite.url) as browser,
    ):
        page = await browser.open(WAY)
        assert (page.status, page.heading) == (503, "L’ENT ne répond pas")
        assert "/connexion" in page.links


def test_six_students_and_four_members_of_staff_are_there() -> None:
    assert [person.kind for person in PEOPLE] == ["student"] * 6 + ["staff"] * 4


async def test_one_person_of_the_ent_has_the_space_of_staff_and_that_of_candidates(
    suite: Suite, browser: Browser
) -> None:
    """Acceptance 118; an administrator says on a page who it is, and nothing but the ENT is asked of them."""
    await an_administrator(suite, "ada@univ.test")
    command = CommandContext(suite.clock.now(), "test", OPERATOR)
    ports = suite.service("accounts").service.ports
    saved = await add_staff(ports, "helene@univ.test", Grant(Role.ADMIN), "fr", command)
    async with Browser(suite.url) as ada:
        await log_in(ada, "ada@univ.test")
        asked = await ada.open(f"/gestion/personnes/{saved.state.file_number}/ent")
        wrong = await ada.send(asked.forms[0], ent_login="two words")
        assert (wrong.status, wrong.forms[0].fields["ent_login"]) == (422, "two words")
        done = await ada.send(wrong.forms[0], ent_login="hmoreau")
        assert "Une personne de l’ENT entre par ce compte." in done.words
        again = await ada.send(asked.forms[0], ent_login="ikone")
        assert again.status == 412, "the page was of before"
        there = await ada.open(f"/gestion/personnes/{saved.state.file_number}/ent")
        assert there.forms[0].fields["ent_login"] == "hmoreau"
        assert (await ada.send(there.forms[0], ent_login="")).status == 422, "an empty field is not nobody"
        gone = await ada.send(there.forms[1])
        assert "Personne n’entre par l’ENT." in gone.words
        there = await ada.open(f"/gestion/personnes/{saved.state.file_number}/ent")
        assert there.forms[0].fields["ent_login"] == ""
        assert "Retirer la connexion par l’ENT" not in there.words
        assert "Identifiant ENT : hmoreau" in (await ada.send(there.forms[0], ent_login="hmoreau")).words
    home = await be(browser, "hmoreau", f"{WAY}?next=/gestion/personnes")
    assert (home.path, home.status) == ("/gestion/personnes", 200)
    assert f"{WAY}?next=/candidatures" in home.links
    assert "/compte/second-facteur" in home.links
    own = await be(browser, "hmoreau", f"{WAY}?next=/compte/second-facteur")
    assert (own.path, own.status) == ("/compte/second-facteur", 200)
    form = await be(browser, "hmoreau", f"{WAY}?next=/candidatures")
    assert (form.path, form.forms[0].fields["family_name"]) == ("/inscription/ent", "Moreau")
    for page in ("/messages", "/compte", "/compte/adresse", "/compte/donnees"):
        assert (await be(browser, "hmoreau", f"{WAY}?next={page}")).path == "/inscription/ent", "a candidate's"
    back = await be(browser, "hmoreau", f"{WAY}?next=/gestion/personnes")
    assert back.status == 200
