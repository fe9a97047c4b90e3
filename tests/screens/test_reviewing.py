"""Staff examine a file by keyboard, each state of their pages looked at (acceptance 55, 56, 66, 72)."""

from __future__ import annotations

import re
import zlib

from services.chassis.testing import Suite
from tests.screens.reviewing import (
    PIECES,
    arranged,
    changed_meanwhile,
    closed,
    commenting,
    enrolling,
    filled_in_for,
    handed_over,
    has_groups,
    keys_alone,
    lettered,
    run_over,
    told_in_vain,
)
from tests.screens.test_applying import NAME, come_in, press
from tests.screens.window import Window
from tests.service.portal.applications.applying import ASKS, apply, give_profile, log_in_as
from tests.service.portal.applications.staff import appointed
from tests.service.portal.applications.test_forms import fill_in
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser
from tests.service.portal.people import an_account


async def test_a_file_is_examined(window: Window, suite: Suite) -> None:
    page, email = window.page, f"{window.view}.manager@univ.test"
    here = await handed_over(suite, f"{window.view}.examined@example.org")
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await commenting(suite)
    await come_in(window, email, "/gestion")
    await window.look("list")
    await window.reads(".parvis-list--files th, .parvis-list__title")
    await page.goto(f"/gestion?etat=toutes&attente=oui&tri=recents&centre={'X' * 20}")
    await window.look("beyond-reach")
    await page.goto("/gestion?etat=toutes&attente=oui&tri=recents&suivi=nobody")
    await window.look("narrowed")
    await arranged(window)
    await page.goto("/gestion")
    await press(window, f"a[href='{here}']")
    await page.wait_for_selector("#piece-cv")
    await window.look("file")
    await window.reads("table[aria-labelledby=pieces] th")
    await press(window, f"a[href='{here}/pieces/cv']")
    await page.wait_for_selector("[name=verdict]")
    await window.look("piece")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("piece-errors")
    if window.view.scripts:
        await page.goto(f"{here}/pieces/cv")
        await keys_alone(window, here)
    for piece in PIECES[:-1]:
        await page.goto(f"{here}/pieces/{piece}")
        if window.view.scripts:
            await page.keyboard.press("v")
        else:
            await page.focus("[name=verdict]")
            await page.keyboard.press("Space")
            await press(window, "main form button")
        await page.wait_for_selector(f"main form:not([action$='/{piece}'])")
    await page.goto(f"{here}/pieces/{PIECES[-1]}")
    await page.check("[name=verdict][value=refused]")
    await page.select_option("[name=comment_code]", "FLOU")
    await page.fill("[name=comment]", f"Illisible : {NAME}")
    await press(window, "main form button")
    await page.wait_for_url(f"{here}/etat")
    await page.goto(here)
    await window.look("judged")
    for name in ("reouverture", "etat"):
        await page.goto(f"{here}/{name}")
        await window.look(name)
    await page.check("[name=state][value=incomplete]")
    await press(window, "main form button")
    await page.wait_for_url(here)
    await page.goto(f"{here}/delai")
    await window.look("delai")
    await filled_in_for(window, here)
    await page.goto(f"{here}/notes")
    await window.look("notes")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("notes-errors")
    await page.fill("[name=text]", f"À rappeler lundi : {NAME}")
    await press(window, "main form button")
    await page.wait_for_selector(".parvis-notes")
    await press(window, "button[name=assignee]")
    await page.wait_for_selector("[name=assignee][value=none]")
    await window.look("sheet")
    for name in ("etiquettes", "frais", "code", "historique"):
        await page.goto(f"{here}/{name}")
        await window.look(name)
    await press(window, "a[href*='instant?at=']")
    await page.wait_for_selector("#was")
    await window.look("past")
    if window.view.scripts:
        await changed_meanwhile(window, suite, email, here)
    await page.goto("/gestion?etat=cancelled")
    await window.look("empty")


async def test_a_place_is_offered_and_answered(window: Window, suite: Suite) -> None:
    """Acceptance 79, 80, 83, 85, 86: the decision is entered and validated, its candidate answers."""
    page, email = window.page, f"{window.view}.decides@univ.test"
    person = f"{window.view}.decided@example.org"
    here = await handed_over(suite, person)
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, f"{here}/decision")
    await window.look("decision")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("decision-errors")
    await page.check("[name=type][value=AVIS_FAVORABLE]")
    await page.fill("[name=comment]", f"Très bon dossier : {NAME}")
    await page.fill("[name=condition-1-text]", f"Obtenir le diplôme de licence : {NAME}")
    await page.fill("[name=condition-2-text]", "Niveau B2 en français")
    await press(window, "main form button")
    await page.wait_for_url(f"{here}#decision")
    await window.look("entered")
    await press(window, f"a[href='{here}/decision/validation']")
    await page.wait_for_selector("[name=decision]", state="attached")
    await window.look("validation")
    await press(window, "main form button")
    await page.wait_for_url(f"{here}#decision")
    await told_in_vain(suite, here)
    await closed(suite, here)
    await page.reload()
    await page.wait_for_selector("main .govuk-inset-text a[href*='personne=']")
    await window.look("decided")
    await press(window, f"a[href='{here}/conditions/2']")
    await page.wait_for_selector("[name=state]", state="attached")
    await page.check("[name=state][value=not_met]")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("condition")
    await page.fill("[name=reason]", f"Niveau B1 seulement : {NAME}")
    await press(window, "main form button")
    await page.wait_for_url(f"{here}#decision")
    await window.look("followed")
    await press(window, ".parvis-header__form button")
    await page.wait_for_url("/deconnexion")
    own = here.replace("/gestion", "/candidatures")
    await come_in(window, person, own)
    await window.look("offered")
    await press(window, f"a[href='{own}/reponse']")
    await page.wait_for_selector("[name=answer]")
    await window.look("answer")
    await page.check("[name=answer][value=accept]")
    await enrolling(suite)
    await press(window, "main form button")
    await page.wait_for_url(own)
    await window.look("accepted")
    letter = await lettered(window, suite, own)
    await page.goto(own)
    await press(window, f"a[href='{own}/reponse']")
    await page.wait_for_selector("[name=answer]")
    await page.check("[name=answer][value=withdraw]")
    await press(window, "main form button")
    await page.wait_for_selector("[name=sure]", state="attached")
    await window.look("withdrawal")
    await press(window, "main form button")
    await page.wait_for_url(own)
    await window.look("withdrawn")
    await press(window, ".parvis-header__form button")
    await page.wait_for_url("/deconnexion")
    await page.goto(letter)
    await window.look("letter-replaced")
    await come_in(window, email, here)
    await window.look("given-up")
    await page.goto("/gestion")
    await press(window, "main .govuk-inset-text a[href*='mail=lost']")
    await page.wait_for_url("**mail=lost**")
    await window.look("mail-lost")


async def test_a_place_is_waited_for_and_offered_by_rank(window: Window, suite: Suite) -> None:
    """Acceptance 89-91: the candidate's rank, the programme's places, and the list that is left."""
    page, email = window.page, f"{window.view}.ranks@univ.test"
    people = [f"{window.view}.{each}@example.org" for each in ("waits", "waits-too")]
    here, other = [await handed_over(suite, person) for person in people]
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    taken = zlib.crc32(f"{window.view}".encode()) % 40_000
    await come_in(window, email, f"{here}/decision")
    for rank, each in enumerate((here, other), 2 * taken + 1):
        await page.goto(f"{each}/decision")
        await page.check("[name=type][value=AVIS_LISTE_COMP]")
        await page.fill("[name=rank]", str(rank))
        await press(window, "main form button")
        await page.wait_for_url(f"{each}#decision")
        await press(window, f"a[href='{each}/decision/validation']")
        await page.wait_for_selector("[name=decision]", state="attached")
        await press(window, "main form button")
        await page.wait_for_url(f"{each}#decision")
    await press(window, "a[href$='/places']")
    await page.wait_for_url(re.compile("/places$"))
    await window.look("places")
    places = page.url
    await page.goto(f"{places}/arret")
    await window.look("list-until")
    await page.goto(f"{places}/proposition")
    await window.look("who-is-next")
    await press(window, "main form button")
    await page.wait_for_url(places)
    await page.goto(f"{places}/simulation?n=1")
    await window.look("simulation")
    await has_groups(window, suite, places, "PRIMO ; Primo-entrants ; First entrants ; 1\nAUTRES ; Autres")
    await page.goto(places)
    await page.wait_for_selector("#waiting-3")
    await window.look("places-of-groups")
    await has_groups(window, suite, places, "")
    await press(window, ".parvis-header__form button")
    await page.wait_for_url("/deconnexion")
    own = other.replace("/gestion", "/candidatures")
    await come_in(window, people[1], own)
    await window.look("waits")
    await press(window, f"a[href='{own}/liste']")
    await page.wait_for_url(f"{own}/liste")
    await window.look("leaving")
    await press(window, "main form button")
    await page.wait_for_url(own)
    await window.look("left")


async def test_files_are_ticked_and_one_thing_is_done_to_all(window: Window, suite: Suite) -> None:
    """Acceptance 93: what would come of it is seen before."""
    page, email = window.page, f"{window.view}.many@univ.test"
    here = await handed_over(suite, f"{window.view}.ticked@example.org")
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, "/gestion")
    await page.check(f"[name=id][value='{here.rpartition('/')[2]}']")
    await page.select_option("[name=action]", "mark_incomplete")
    await window.look("ticked")
    await press(window, "form[action$='/gestion/lot'] button")
    await page.wait_for_selector("#submission_deadline")
    await window.look("action")
    await press(window, "main form button")
    await page.wait_for_selector("h1:has-text('Aperçu'), h1:has-text('Preview')")
    await window.look("preview")
    await press(window, "main form button")
    await run_over(window)
    await window.look("done")
    await page.goto("/gestion?etat=toutes")
    await page.check(f"[name=id][value='{here.rpartition('/')[2]}']")
    await page.select_option("[name=action]", "enter_decision")
    await press(window, "form[action$='/gestion/lot'] button")
    await page.wait_for_selector("[name=type]")
    await page.check("[name=type][value=AVIS_LISTE_COMP]")
    await page.fill("[name=rank]", "3")
    await window.look("decision")
    await press(window, "main form button")
    await page.wait_for_selector("h1:has-text('Aperçu'), h1:has-text('Preview')")
    await window.look("decision-preview")
    await press(window, "main form button")
    await run_over(window)
    await page.goto("/gestion?etat=toutes&decision=entered")
    await window.look("decided")
    await page.goto("/gestion/lots")
    await window.look("runs")
    await page.click("main section a >> nth=0")
    await page.click("a[href$='/annulation']")
    await page.wait_for_selector("input[name=digest]", state="attached")
    await window.look("undo-preview")
    await press(window, "main form button")
    await run_over(window)
    await window.look("undone")
    await page.goto("/gestion?etat=toutes")
    await page.check(f"[name=id][value='{here.rpartition('/')[2]}']")
    await page.select_option("[name=action]", "judge")
    await press(window, "form[action$='/gestion/lot'] button")
    await page.wait_for_selector("[name=piece]")
    await window.look("verdict")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("verdict-errors")
    await page.goto("/gestion?etat=toutes&suivi=gone")
    await window.look("gone")
    await page.goto("/gestion?etat=toutes")
    await page.check(f"[name=id][value='{here.rpartition('/')[2]}']")
    await page.select_option("[name=action]", "assign")
    await press(window, "form[action$='/gestion/lot'] button")
    await page.wait_for_selector("[name=assignee]")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("assign-errors")
    await page.select_option("[name=assignee]", index=1)
    await press(window, "main form button")
    await page.wait_for_selector("h1:has-text('Aperçu'), h1:has-text('Preview')")
    await window.look("assign-preview")


async def test_what_was_filled_in_in_a_form_is_read(window: Window, suite: Suite) -> None:
    """Acceptance 64, where staff see it."""
    email, person = f"{window.view}.reader@univ.test", f"{window.view}.filled-in@example.org"
    async with Uploader(suite.url) as browser:
        await log_in_as(suite, browser, person, profile=True)
        id = (await apply(browser, ASKS)).path.rpartition("/")[2]
    await fill_in(suite, id, ("Où vous voyez-vous dans dix ans ?", "En mer.\nOu presque."), ("", ""))
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, "/gestion")
    await window.page.goto(f"/gestion/{id}")
    await window.page.wait_for_selector("[aria-labelledby=forms] dt")
    await window.look("forms-of-a-file")
    await window.page.goto("/gestion/statistiques")
    await window.look("statistics")
    await window.page.goto(str(await window.page.get_attribute("tbody a[href*=formation]", "href")))
    await window.look("statistics-by-day")


async def test_an_application_is_opened_for_somebody(window: Window, suite: Suite) -> None:
    """Acceptance 47."""
    page, person = window.page, f"{window.view}.invited@example.org"
    number = await an_account(suite, person)
    await give_profile(suite, person)
    email = f"{window.view}.opener@univ.test"
    async with Browser(suite.url) as browser:
        await appointed(suite, browser, email)
    await come_in(window, email, "/gestion/ouverture")
    await page.wait_for_selector("#file_number")
    await window.look("open-for")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("open-for-errors")
    await page.fill("#file_number", number)
    await page.fill("#words", "mer")
    await press(window, "main form button")
    await page.wait_for_selector("[name=kind]")
    await window.look("open-what")
    await press(window, "main form button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("open-what-errors")
    await page.check("[name=programme] >> nth=0")
    await page.check("[name=kind][value=offer]")
    await press(window, "main form button")
    await page.wait_for_selector("#piece-cv")
    await window.look("offered")
