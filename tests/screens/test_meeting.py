"""A board meets and votes by keyboard, each state of its pages looked at (acceptance 55, 56; ADRs 102, 113)."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.screens.test_applying import come_in, press
from tests.screens.test_deliberating import come_in_as_staff
from tests.screens.window import Window
from tests.service.portal.applications.applying import log_in_as
from tests.service.portal.applications.staff import appointed
from tests.service.portal.applications.test_meetings import BOARD, PROGRAMME, handed_over
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader


async def test_a_board_meets(window: Window, suite: Suite) -> None:
    page, juror, manager = window.page, f"{window.view}.juror@univ.test", f"{window.view}.meets@univ.test"
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, juror, Grant(Role.COMMISSION))
    async with Uploader(suite.url) as browser:
        await log_in_as(suite, browser, f"{window.view}.judged@example.org", profile=True)
        here = file_of(await handed_over(browser))
    await suite.settle()
    await come_in_as_staff(window, suite, manager, f"{here}/etat")
    await page.check("[name=state][value=complete]")
    await press(window, "main form button")
    await page.wait_for_url(here)
    await suite.settle()
    await page.goto("/gestion/seances/nouvelle")
    await window.look("board")
    await page.goto(f"/gestion/seances/nouvelle?commission={BOARD}")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("errors")
    await page.fill("[name=title]", f"Jury {window.view}")
    await page.fill("[name=place]", "Bâtiment F, salle 12")
    await page.fill("[name=time]", "14h30")
    for part, typed in (("day", "3"), ("month", "2"), ("year", "2027")):
        await page.fill(f"[name=day-{part}]", typed)
    await page.check(f"[name=programmes][value={PROGRAMME}]")
    await page.check("[name=voting][value=open]")
    await page.fill("[name=quorum]", "1")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("a[href$='/dossiers']")
    meeting = page.url
    await page.goto(f"{meeting}/dossiers")
    await page.check(f"[name=files][value='{here.rpartition('/')[2]}']")
    await window.look("choosing")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("a[href*='/deport/']")
    await page.goto(f"{meeting}/presence")
    await page.get_by_label(juror, exact=True).check()
    await window.look("presence")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("a[href*='/resultat/']")
    one = f"{urlsplit(meeting).path}/votes/{here.rpartition('/')[2]}"
    await page.context.clear_cookies()
    await come_in(window, juror, one)
    await window.look("vote")
    await press(window, "button[value=favourable]")
    await page.wait_for_selector("[role=status] a")
    await window.look("voted")
    await page.context.clear_cookies()
    await come_in(window, manager, f"{one}/cloture")
    await window.look("closing-vote")
    await press(window, "main form[method=post] button")
    await page.wait_for_url(one)
    await window.look("vote-closed")
    await page.goto(f"{meeting}/resultat/{PROGRAMME}")
    await page.select_option("[name^='kind.']", "unfavourable")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector(".govuk-error-summary")
    await window.look("outcome")
    await page.select_option("[name^='kind.']", "ranked_waitlist")
    await page.fill("[name^='order.']", "1")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("[role=status]")
    await page.goto(f"{meeting}/deport/{here.rpartition('/')[2]}")
    await window.look("recusal")
    await page.goto(meeting)
    await window.look("held")
    await page.goto(f"{meeting}/cloture")
    await window.look("closing")
    await press(window, "main form[method=post] button")
    await page.wait_for_selector("a[href$='/proces-verbal']")
    await window.look("closed")
    await page.goto("/gestion/seances")
    await window.look("meetings")
