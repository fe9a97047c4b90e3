"""What the screens of staff need before they are looked at."""

from __future__ import annotations

import asyncio
import hashlib

from playwright.async_api import expect

from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.testing import Suite
from services.contracts.events.accounts import ClosingChanged
from services.contracts.events.mailer import MailBounced
from services.offers.wiring import set_parameters
from tests.screens.test_applying import NAME, prepared, press
from tests.screens.window import WAIT_MILLISECONDS, Window
from tests.service.portal.applications.applying import form_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import log_in

PIECES = ("cv", "releves-bac", "releves-post-bac", "lettre-motivation")


async def handed_over(suite: Suite, person: str) -> str:
    """The address at which staff find an application that was submitted."""
    here = await prepared(suite, person, PIECES)
    async with Uploader(suite.url) as browser:
        await log_in(browser, person)
        await browser.send(form_of(await browser.open(f"{here}/transmission"), "/transmission"))
    await suite.settle()
    return here.replace("/candidatures", "/gestion")


async def run_over(window: Window) -> None:
    """What came of an act for many files: a script opens the page anew once it is over; without one it is opened again."""
    page, done = window.page, "h1:has-text('fait'), h1:has-text('done')"
    await page.wait_for_url("**/gestion/lots/*")
    if not window.view.scripts:
        async with asyncio.timeout(300):
            while not await page.query_selector(done):
                await page.goto(page.url)
    await page.wait_for_selector(done)


async def arranged(window: Window) -> None:
    """The list with other columns and a view, and as it was afterwards."""
    page = window.page
    columns, views = "form[action='/gestion/colonnes']", "form[action='/gestion/vues']"
    await page.click("details:has(form[action='/gestion/vues']) summary")
    await page.fill("#view-name", f"Les plus récentes : {NAME}"[:60])
    await press(window, f"{views} button")
    await page.wait_for_selector(".parvis-views", state="attached")
    for form in (views, columns):
        await page.click(f"details:has({form}) summary")
    await window.look("arranging")
    for code in ("pieces", "city", "notes"):
        await page.check(f"[name=column][value={code}]")
    await press(window, f"{columns} button")
    await page.wait_for_selector(".parvis-list--chosen")
    await window.look("columns")
    await page.click("details:has(form[action='/gestion/exports']) summary")
    await window.look("export-asked")
    await press(window, "form[action='/gestion/exports'] button")
    await page.wait_for_url("**/gestion/exports")
    async with asyncio.timeout(300):
        while not await page.query_selector("a[href$='/fichier']"):
            await page.goto("/gestion/exports")
    await window.look("exports")
    await page.goto("/gestion?etat=toutes&attente=oui&tri=recents")
    await page.click(f"details:has({columns}) summary")
    await press(window, f"{columns} [name=usual]")
    await page.wait_for_selector(".parvis-list--files:not(.parvis-list--chosen)")


async def keys_alone(window: Window, here: str) -> None:
    """A piece by single letters: none counts in a field or where they are switched off, and all lead on (WCAG 2.1.4)."""
    page, switch = window.page, "[data-keys-on]"
    refused, comment = page.locator("[name=verdict][value=refused]"), page.locator("#comment")
    await page.click("details[data-keys] summary")
    await window.look("keys")
    await page.uncheck(switch)
    await page.reload()
    await page.keyboard.press("r")
    assert not await refused.is_checked() and not await page.is_checked(switch), "switched off, also on the next page"
    await page.click("details[data-keys] summary")
    await page.check(switch)
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("r")
    assert await refused.is_checked(), "and on"
    assert await page.evaluate("document.activeElement.id") == "comment_code", (
        "what the institution suggests comes first"
    )
    await page.keyboard.press("Escape")
    await page.select_option("#comment_code", "FLOU")
    await comment.focus()
    await page.keyboard.type("vrpn")
    assert await comment.input_value() == "vrpn", "a reason is typed, and no letter of it does anything"
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("p")
    await page.wait_for_url(f"{here}/pieces/{PIECES[1]}")
    await page.keyboard.press("n")
    await page.wait_for_url("**/gestion?**fin=1")
    await window.look("last-of-list")


async def changed_meanwhile(window: Window, suite: Suite, email: str, here: str) -> None:
    """An open list is told that somebody has changed a file of it, and its rows stay."""
    page, mark = window.page, window.page.locator("[data-asks]")
    await page.clock.install()
    await page.goto("/gestion?etat=incomplete")
    row = page.locator(f"a[href='{here}']")
    place = await row.bounding_box()
    await expect(mark).to_be_hidden(timeout=WAIT_MILLISECONDS)
    async with Uploader(suite.url) as elsewhere:
        await log_in(elsewhere, email)
        await elsewhere.send((await elsewhere.open(f"{here}/etat")).forms[0], state="complete")
    await suite.settle()
    await page.clock.fast_forward(40_000)
    await expect(mark).to_be_visible(timeout=WAIT_MILLISECONDS)
    assert await row.bounding_box() == place
    await window.look("list-changed")
    await press(window, "[data-asks] a")
    await expect(row).to_have_count(0, timeout=WAIT_MILLISECONDS)


async def filled_in_for(window: Window, here: str) -> None:
    """What staff do in the candidate's place, each form refused once without a reason."""
    page, place = window.page, f"{here}/au-nom"
    await page.goto(place)
    await window.look("in-place")
    removal = f"{place}/pieces/{PIECES[-1]}/retrait"
    await press(window, f"a[href='{removal}']")
    await page.wait_for_selector("#reason")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("in-place-removal-errors")
    await page.fill("#reason", f"Formulaire signé au guichet : {NAME}"[:200])
    await press(window, "main form button")
    await page.wait_for_url(place)
    await window.look("in-place-done")
    await press(window, f"a[href='{place}/pieces/{PIECES[-1]}']")
    await page.wait_for_selector("#file")
    await window.look("in-place-deposit")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("in-place-deposit-errors")


async def commenting(suite: Suite) -> None:
    """The institution suggests what is said of pieces."""
    texts = [
        "FLOU | Le document est illisible : numérisez-le de nouveau. | The document cannot be read.",
        f"LONG | {NAME * 2}",
    ]
    await set_to(suite, {"applications.piece_comments": texts})


async def told_in_vain(suite: Suite, here: str) -> None:
    """The mail of the decision on a file came back."""
    id = here.rpartition("/")[2]
    files = [{"application": id, "kind": "decision-conditional"}]
    about = {"delivery": f"d-{id}", "account": "", "kind": "decision-conditional", "files": files, "hard": True}
    await suite.publish(MailBounced.model_validate(about), "mailer")


async def set_to(suite: Suite, given: dict[str, str | list[str]]) -> None:
    """`parvis parameters set`."""
    ports = suite.service("offers").service.ports
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    await set_parameters(ports, given, command=command, expected=None, dry_run=False)
    await suite.settle()


async def enrolling(suite: Suite) -> None:
    """The institution says how one enrols."""
    given: dict[str, str | list[str]] = {
        "enrolment.link_fr": "https://inscription.universite.example/etudiants/inscription-administrative?annee=2027",
        "enrolment.message_fr": "Munissez-vous de votre lettre d’admission.",
        "enrolment.conditional": "at-acceptance",
    }
    await set_to(suite, given)


async def closed(suite: Suite, here: str) -> None:
    """The account of a file is closed for itself, so that its files are those of the other one."""
    store = suite.service("applications").service.ports.store
    row = await store.get("applications", here.rpartition("/")[2])
    assert row is not None
    account, at = row["account"], "2027-02-02T09:00:00.000Z"
    told = ClosingChanged(account=account, campaign=row["campaign"], kept=account, closed_at=at)
    await ClosedAccounts(store).keep(told, 1)


async def lettered(window: Window, suite: Suite, own: str) -> str:
    """The letter of an application is downloaded and looked up by its code, which its address ends in."""
    page = window.page
    await page.goto("/lettre")
    await window.look("letter-code")
    await page.goto(f"/lettre/{'0' * 26}")
    await window.look("letter-unknown")
    response = await page.context.request.get(f"{suite.url}{own}/lettre")
    assert response.status == 200
    store, digest = suite.service("documents").service.ports.store, hashlib.sha256(await response.body()).hexdigest()
    (row,) = [each for each in await store.find("documents", {}, limit=1000) if each["sha256"] == digest]
    await page.goto(f"/lettre/{row['_id']}")
    await window.look("letter-genuine")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("letter-unnamed")
    await page.fill("[name=name]", NAME)
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-inset-text")
    await window.look("letter-of-another")
    return f"/lettre/{row['_id']}"


async def has_groups(window: Window, suite: Suite, places: str, groups: str) -> None:
    """The programme has these groups of its waiting list, and who examines has heard of it."""
    await window.page.goto(places.removesuffix("/places"))
    await window.page.fill("[name=groups]", groups)
    await press(window, "main form button")
    await window.page.wait_for_selector(".govuk-notification-banner")
    await suite.settle()
