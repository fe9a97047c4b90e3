"""The pages behind the links of mails: opening one changes nothing, the button does (acceptance 6 to 8, 10, 12, 13, 16)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from yarl import URL

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.portal.browser import Browser, Page

PASSWORD = "un chat sur un mur de pierre"
PERSON = {"family_name": "L'Hôte", "given_name": "Zoé", "email": "zoe@example.org", "language": "fr"}


async def ask(suite: Suite, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
    async with suite.client.post(f"/api/accounts{path}", json=body) as response:
        answer: dict[str, Any] = await response.json(content_type=None)
        assert response.status == status, answer
        return answer


async def newest_link(suite: Suite, mails: int) -> str:
    """That of the last of so many mails, which are handed over by themselves, once all has come to rest."""
    await suite.settle()
    async with asyncio.timeout(120):
        while len(found := suite.mails()) < mails:
            await asyncio.sleep(0.05)
    assert len(found) == mails
    texts = [str(part.get_content()) for mail in found if (part := mail.get_body(("plain",))) is not None]
    links = [match[0] for text in texts if (match := re.search(r"http://\S+token=\S+", text))]
    return links[-1]


@pytest.fixture
async def link(suite: Suite) -> str:
    await ask(suite, "/accounts", PERSON | {"email_confirmation": PERSON["email"]}, 202)
    return await newest_link(suite, 1)


def error_of(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-error"[^>]*>\s*<span[^>]*>[^<]*</span>\s*([^<]*)', page.html)
    return found[1].strip() if found else ""


async def test_opening_the_link_changes_nothing_and_the_button_validates(
    suite: Suite, browser: Browser, link: str
) -> None:
    """Acceptance 6, 10: the address is that of the mail's text."""
    await browser.open(link)
    page = await browser.open(link)
    assert (page.status, page.heading) == (200, "Valider votre compte")
    done = await browser.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert (done.status, done.heading) == (200, "Votre compte est validé")
    login = re.search(r"\b[0-9A-Z]{8}\b", done.words)
    assert login is not None
    await ask(suite, "/sessions", {"login": login[0], "password": PASSWORD}, 200)
    assert PASSWORD not in done.html


async def test_a_second_time_says_that_it_is_done(browser: Browser, link: str) -> None:
    """Acceptance 8."""
    page = await browser.open(link)
    again = await browser.open(link)
    await browser.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    done = await browser.open(link)
    assert done.heading == "Votre compte est déjà validé" and done.links.count("/connexion") == 2
    late = await browser.send(again.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert (late.status, late.heading) == (409, "Votre compte est déjà validé")
    twice = await browser.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert twice.heading == "Votre compte est validé"


@pytest.mark.parametrize(
    ("password", "repeated", "field", "message"),
    [
        ("x" * 11, "x" * 11, "password", "12"),
        ("x" * 129, "x" * 129, "password", "128"),
        ("", "", "password", ""),
        ("password1234", "password1234", "password", ""),
        (PASSWORD, PASSWORD + "x", "repeated", "identiques"),
    ],
)
async def test_a_refused_password_is_explained_in_place(
    browser: Browser, link: str, password: str, repeated: str, field: str, message: str
) -> None:
    """Acceptance 16."""
    page = await browser.open(link)
    assert "astérisque" in page.words and page.html.count("Mot de passe *") == 1
    refused = await browser.send(page.forms[0], password=password, repeated=repeated)
    assert refused.status == 422
    assert message in error_of(refused, field)
    assert error_of(refused, field)
    assert f'href="#{field}"' in refused.html
    if password:
        assert f'value="{password}"' not in refused.html
    done = await browser.send(refused.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert done.heading == "Votre compte est validé"


async def test_an_expired_link_offers_a_new_one(suite: Suite, browser: Browser, link: str, clock: FixedClock) -> None:
    """Acceptance 7."""
    opened_in_time = await browser.open(link)
    clock.advance(hours=120, seconds=1)
    page = await browser.open(link)
    assert (page.status, page.heading) == (200, "Ce lien n’est plus valable")
    late = await browser.send(opened_in_time.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert (late.status, late.heading) == (410, "Ce lien n’est plus valable")
    wrong = await browser.send(page.forms[0], email="nobody")
    assert wrong.status == 422
    assert error_of(wrong, "email")
    assert wrong.forms[0].fields["email"] == "nobody"
    for address in ("zoe@example.org", "stranger@example.org"):
        sent = await browser.send(wrong.forms[0], email=address)
        assert (sent.status, sent.heading) == (200, "Consultez vos mails")
    await suite.settle()


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 200, "x" * 201, "a%2Fb", "%00", "é"])
async def test_a_link_that_nobody_sent_is_not_recognised(browser: Browser, token: str) -> None:
    for path in ("/validation", "/reinitialisation"):
        page = await browser.open(f"{path}?token={token}")
        assert (page.status, page.heading) == (404, "Ce lien n’est pas reconnu")
        assert f"{path}/lien" in page.links
        assert (await browser.open(path)).status == 404


async def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    suite: Suite, browser: Browser, link: str, clock: FixedClock
) -> None:
    """Acceptance 13: once, and within two hours."""
    page = await browser.open(link)
    done = await browser.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    login = re.search(r"\b[0-9A-Z]{8}\b", done.words)
    assert login is not None
    await ask(suite, "/password-resets", {"email": PERSON["email"]}, 202)
    reset = await newest_link(suite, 2)
    assert (await browser.open(reset.replace("/reinitialisation", "/validation"))).status == 404
    form = (await browser.open(reset)).forms[0]
    short = await browser.send(form, password="short", repeated="short")
    assert "12" in error_of(short, "password")
    changed = await browser.send(short.forms[0], password=PASSWORD[::-1], repeated=PASSWORD[::-1])
    assert (changed.status, changed.heading) == (200, "Votre mot de passe est changé")
    await ask(suite, "/sessions", {"login": login[0], "password": PASSWORD[::-1]}, 200)
    await ask(suite, "/sessions", {"login": login[0], "password": PASSWORD}, 401)
    used = await browser.open(reset)
    assert used.heading == "Ce lien a déjà servi"
    assert "/reinitialisation/lien" in used.links, "who did not do that can act at once"
    clock.advance(minutes=5)
    await ask(suite, "/password-resets", {"email": PERSON["email"]}, 202)
    late = (await browser.open(reset := await newest_link(suite, 4))).forms[0]
    clock.advance(hours=2)
    assert (await browser.open(reset)).heading == "Ce lien n’est plus valable"
    assert (await browser.send(late, password=PASSWORD, repeated=PASSWORD)).status == 410


async def test_asking_twice_leaves_the_link_of_the_first_mail_good(suite: Suite, browser: Browser, link: str) -> None:
    await ask(suite, "/validations/resend", {"email": PERSON["email"]}, 202)
    assert await newest_link(suite, 2) != link
    page = await browser.open(link)
    done = await browser.send(page.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert done.heading == "Votre compte est validé"


async def test_a_new_link_can_be_asked_for_without_an_old_one(suite: Suite, browser: Browser, link: str) -> None:
    """Acceptance 14: whether or not the address has an account, the same page answers."""
    for path, heading in (
        ("/validation/lien", "Recevoir un nouveau lien de validation"),
        ("/reinitialisation/lien", "Identifiants oubliés"),
    ):
        page = await browser.open(path)
        assert (page.status, page.heading) == (200, heading)
        strange, own = [
            await browser.send(page.forms[0], email=email) for email in ("stranger@example.org", PERSON["email"])
        ]
        assert (strange.status, strange.heading) == (200, "Consultez vos mails")
        assert (own.status, own.path, own.words) == (strange.status, strange.path, strange.words)
    await suite.settle()


async def test_what_answers_a_form_can_be_read_in_the_other_language(suite: Suite, browser: Browser, link: str) -> None:
    form = (await browser.open(link)).forms[0]
    short = await browser.send(form, password="short", repeated="short")
    again = await browser.open(in_english(short))
    assert (again.status, again.heading) == (200, "Validate your account")
    done = await browser.send(again.forms[0], password=PASSWORD, repeated=PASSWORD)
    assert done.heading == "Your account is validated"
    french = next(link for link in done.links if "lang=fr" in link)
    assert (await browser.open(french)).heading == "Votre compte est déjà validé"
    asked = await browser.send((await browser.open("/validation/lien")).forms[0], email="zoe@example.org")
    assert (await browser.open(in_english(asked))).heading == "Get a new validation link"
    await suite.settle()


def in_english(page: Page) -> str:
    return next(link for link in page.links if "lang=en" in link)


async def test_a_link_of_a_mail_that_is_opened_in_two_tabs_works_in_both(suite: Suite, link: str) -> None:
    """Browsers send a cookie along from a webmail's page only if it is not `Strict`: both tabs have one token."""
    async with suite.client.get(link.removeprefix(suite.url), headers={"Accept": "text/html"}) as response:
        assert "samesite=lax" in response.headers["Set-Cookie"].lower()


async def test_forms_are_taken_from_our_own_pages_alone(suite: Suite, browser: Browser, link: str) -> None:
    form = (await browser.open(link)).forms[0]
    fields = {"password": PASSWORD, "repeated": PASSWORD}
    for site in ("cross-site", "same-site", "none"):
        page = await browser.send(form, site=site, **fields)
        assert (page.status, page.heading) == (403, "Cette page n’est plus valable")
    assert (await browser.send(form, **fields, form_token="x" * 43)).status == 403
    assert (await browser.send(form, **fields, form_token="")).status == 403
    async with Browser(suite.url) as other:
        assert (await other.send(form, **fields)).status == 403
    async with suite.client.post("/validation", json=fields) as response:
        assert response.status == 403
    done = await browser.send(form, site=None, **fields)
    assert done.heading == "Votre compte est validé"


async def test_a_form_may_not_be_endless(browser: Browser, link: str) -> None:
    form = (await browser.open(link)).forms[0]
    assert (await browser.send(form, password=PASSWORD, repeated=PASSWORD, more="x" * 20000)).status == 403


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("nonsense", b"token=a"),
        ("utf-7", b"token=a"),
        ("utf-8", b"token=%ff"),
        ("utf-8", b"token=\xff"),
        ("utf-8", b"a&" * 65),
        ("utf-8", b"token=" + b"a" * 16384),
    ],
)
async def test_a_form_that_cannot_be_read_is_no_form_of_ours(suite: Suite, charset: str, body: bytes) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    for path in ("/validation", "/reinitialisation", "/validation/lien"):
        async with suite.client.post(path, data=body, headers={"Content-Type": kind}) as response:
            assert response.status == 403
            assert response.content_type == "text/html"


@pytest.mark.parametrize("token", ["%00", "%ff", "%ed%a0%80", "%2e%2e%2f", "a%0ab", "%E2%80%AE"])
async def test_a_strange_token_is_unknown(suite: Suite, token: str) -> None:
    async with suite.client.get(URL(f"{suite.url}/validation?token={token}", encoded=True)) as response:
        assert response.status == 404
