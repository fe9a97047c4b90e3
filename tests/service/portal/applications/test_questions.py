"""Questions of a programme on the page of its application, in a browser without JavaScript."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import ASKS, apply, form_of, give, somebody
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import PASSWORD

ASKS_WHY = "UPVD-L3-SCIENCES-INGENIEUR"
"""It asks for some lines that need not be there."""
HINT = "N’oubliez pas de consulter l’onglet « Questions »"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_question_is_answered_otherwise_answered_and_taken_back(zoe: Uploader) -> None:
    """Acceptance 43, 119: the hint and the tab are there because something is asked."""
    page = await apply(zoe, ASKS)
    here = page.path
    assert HINT in page.words
    assert "Souhaitez-vous suivre la formation en alternance" in page.words
    assert "#questions" in page.links
    assert "#information" in page.links
    assert "Informations complémentaires" in page.words
    assert "La formation a lieu à Perpignan" in page.words
    question = f"{here}/questions/alternance"
    assert question in page.links
    form = form_of(await zoe.open(question), question)
    first, again = await asyncio.gather(zoe.send(form, answer="yes"), zoe.send(form, answer="yes"))
    for page in (first, again):
        assert (page.status, page.address) == (200, here)
    assert "Oui" in first.words
    assert HINT not in first.words and "#information" in first.links, "nothing is left to be answered there"
    asked = await zoe.open(question)
    assert form_of(asked, question).fields["answer"] == "yes"
    await zoe.send(form_of(asked, question), answer="no")
    page = await zoe.open(here)
    taken_back = await zoe.send(form_of(page, "/questions/alternance/retrait"))
    assert (taken_back.status, taken_back.address) == (200, here)
    assert HINT in taken_back.words
    assert not [form for form in taken_back.forms if form.action.endswith("/retrait")]


async def test_a_programme_that_asks_nothing_has_no_tab(zoe: Uploader) -> None:
    """Acceptance 119."""
    page = await apply(zoe, "UPVD-BUT2-TECHNIQUES-COMMERCIALISATION")
    assert "N’oubliez pas de consulter" not in page.words
    foreign = await zoe.open(f"/candidatures/{'0' * 26}")
    assert (foreign.status, foreign.words.count("Vérifiez l’adresse")) == (404, 1), "said once"
    assert "#questions" not in page.links


async def test_a_required_question_is_in_the_way_with_its_link(zoe: Uploader) -> None:
    """Acceptance 67."""
    here = (await apply(zoe, ASKS)).path
    check = await zoe.open(f"{here}/transmission")
    assert "À répondre" in check.words
    assert f"{here}/questions/alternance" in check.links


async def test_what_is_refused_stays_typed_with_its_error(zoe: Uploader) -> None:
    here = (await apply(zoe, ASKS_WHY)).path
    question = f"{here}/questions/motivation"
    form = form_of(await zoe.open(question), question)
    typed = "La mer,\r\n<b>l’été</b> " + "é" * 1000
    page = await zoe.send(form, answer=typed)
    assert page.status == 422
    assert "#answer" in page.links
    assert "Saisissez 1000 caractères au plus" in page.words
    assert form_of(page, question).fields["answer"].replace("\r", "") == typed.replace("\r", "")
    assert (await zoe.send(form, answer=" ")).status == 422
    page = await zoe.send(form, answer="é" * 1000)
    assert (page.status, page.address) == (200, here)
    form = form_of(await zoe.open(question), question)
    page = await zoe.send(form, answer="<b>Été</b>\r\nà la mer")
    assert "<b>Été</b>\nà la mer" in page.words
    assert "<b>Été" not in page.html


async def test_what_was_answered_in_another_tab_is_not_written_over_unseen(zoe: Uploader) -> None:
    """Two tabs: both answers are shown, and the one that is wanted is kept; what else was given meanwhile is no matter."""
    page = await apply(zoe, ASKS_WHY)
    question = f"{page.path}/questions/motivation"
    one, other = [form_of(await zoe.open(question), question) for _ in range(2)]
    await give(zoe, page, "cv", pdf())
    assert (await zoe.send(one, answer="Mille\r\nraisons")).status == 200
    late = await zoe.send(other, answer="La <b>mer</b>")
    assert (late.status, "#answer" in late.links) == (412, True)
    assert "dans un autre onglet" in late.words and "Mille\nraisons" in late.words
    wanted = form_of(late, question)
    assert wanted.fields["answer"] == "La <b>mer</b>"
    assert "Mille" in (await zoe.open(page.path)).words
    assert "La <b>mer</b>" in (await zoe.send(wanted, answer="La <b>mer</b>")).words
    assert (await zoe.send(other, answer="La <b>mer</b>")).status == 200, "the same answer is no other one"
    taken_back = form_of(await zoe.open(page.path), "/questions/motivation/retrait")
    await zoe.send(taken_back)
    assert (await zoe.send(wanted, answer="Encore")).status == 412


async def test_an_answer_is_not_lost_with_the_session_that_ends_while_it_is_written(suite: Suite) -> None:
    """What was typed comes back behind the login, and is saved with one button; also what is far too long to be."""
    async with somebody(suite) as kim:
        question = f"{(await apply(kim, ASKS_WHY)).path}/questions/motivation"
        form = form_of(await kim.open(question), question)
        kim.keep_cookies(session="")
        login = await kim.send(form, answer="La mer,\r\n« toujours ».")
        assert "pas perdu" in login.words
        again = await kim.send(login.forms[0], login=kim.email, password=PASSWORD)
        done = await kim.send(again.forms[0])
        assert (done.status, "La mer,\n« toujours »." in done.words) == (200, True)
        form = form_of(await kim.open(question), question)
        kim.keep_cookies(session="")
        login = await kim.send(form, answer="é" * 10_000)
        again = await kim.send(login.forms[0], login=kim.email, password=PASSWORD)
        refused = await kim.send(again.forms[0])
        assert (refused.status, form_of(refused, question).fields["answer"]) == (422, "é" * 10_000)


async def test_nothing_is_asked_of_strangers_nor_about_nothing(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62."""
    here = (await apply(zoe, ASKS)).path
    form = form_of(await zoe.open(f"{here}/questions/alternance"), "/questions/alternance")
    assert (await zoe.open(f"{here}/questions/nothing")).status == 404
    async with somebody(suite) as kim:
        await kim.open("/candidatures")
        assert (await kim.open(f"{here}/questions/alternance")).status == 404
        form.fields["form_token"] = kim.cookie("form") or ""
        assert (await kim.send(form, answer="yes")).status in (403, 404)
        assert (await kim.send(form, site="cross-site", answer="yes")).status == 403


async def test_a_given_up_application_asks_nothing_any_more(zoe: Uploader) -> None:
    """Acceptance 45, 71: the question's page leads back; a form from before is told why."""
    here = (await apply(zoe, ASKS)).path
    question = f"{here}/questions/alternance"
    form = form_of(await zoe.open(question), question)
    await zoe.send(form_of(await zoe.open(f"{here}/annulation"), "/annulation"))
    page = await zoe.open(here)
    assert question not in page.links
    assert HINT not in page.words
    assert (await zoe.open(question)).address == here
    page = await zoe.send(form, answer="yes")
    assert (page.status, "L’état de cette candidature est" in page.words) == (409, True)
