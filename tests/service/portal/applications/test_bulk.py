"""Staff do one thing to many files on pages, without JavaScript: choose, see what would come of it, confirm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.applying import apply, form_of, somebody
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of, until
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser, Page

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def chosen(browser: Browser, action: str, files: Sequence[str], state: str = "submitted") -> Page:
    """The page behind a list on which these were ticked."""
    page = await browser.open(f"/gestion?etat={state}")
    ids = [file.rpartition("/")[2] for file in files]
    return await browser.tick(form_of(page, "/gestion/lot"), "id", *ids, action=action)


async def confirmed(browser: Browser, page: Page) -> Page:
    """What has come of what was confirmed on a page, once it is over; what is refused."""
    page = await browser.send(page.forms[0])
    async with asyncio.timeout(60):
        while page.heading == "Action en cours":
            page = await browser.open(page.path)
    return page


async def test_many_files_are_given_back_at_once_after_a_look_at_what_would_come_of_it(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 72, 93."""
    mine = file_of(await submitted(zoe))
    async with somebody(suite) as max_, staff(suite, "lea") as lea:
        theirs = file_of(await submitted(max_))
        await all_mails_are_handed_over(suite)
        before = len(suite.mails())
        page = await chosen(lea, "mark_incomplete", [mine, theirs])
        assert "2 dossiers choisis" in page.words
        page = await lea.send(page.forms[0], **until("31", "2", "2027"))
        assert (page.status, page.forms[0].fields["submission_deadline-day"]) == (422, "31")
        page = await lea.send(page.forms[0], **until("2", "4", "2027"))
        assert page.heading == "Aperçu : ce qui se passerait"
        for words in ("2 dossiers changent", "Réceptionné", "Incomplet", "jusqu’au 2 avril 2027", "Dossier incomplet"):
            assert words in page.words, words
        assert {mine, theirs} <= set(page.links)
        await all_mails_are_handed_over(suite)
        assert len(suite.mails()) == before, "nothing is done yet"

        judged = await lea.open(f"{mine}/pieces/cv")
        await lea.send(judged.forms[0], verdict="refused", comment="Illisible")
        late = await lea.send(page.forms[0])
        assert late.status == 409 and "Des dossiers ont changé depuis l’aperçu" in late.words
        done = await confirmed(lea, late)
        assert (done.status, done.heading) == (200, "Ce qui a été fait")
        assert "Dossiers modifiés : 2 sur 2" in done.words
        again = await confirmed(lea, late)
        assert "Dossiers modifiés : 2 sur 2" in again.words, "pressed twice"
        await all_mails_are_handed_over(suite)
        assert len(suite.mails()) == before + 2
        assert "Incomplet" in (await lea.open(mine)).words and "Incomplet" in (await lea.open(theirs)).words


async def test_all_of_a_page_are_chosen_by_one_box_and_what_is_refused_is_said_with_its_reason(
    suite: Suite, zoe: Uploader
) -> None:
    """Acceptance 93."""
    draft = file_of(await apply(zoe))
    await suite.settle()
    async with staff(suite, "eva") as eva:
        page = await eva.open("/gestion?etat=draft")
        page = await eva.send(form_of(page, "/gestion/lot"), action="mark_complete", whole="1")
        assert draft in page.links and "Refusé pour" in page.words and "Aucun de ces dossiers" in page.words
        assert "L’état de la candidature est maintenant" in page.words
        page = await chosen(eva, "reopen", [draft], "draft")
        page = await eva.send(page.forms[0], reason="")
        assert page.status == 422 and "#reason" in page.links
        for fields, words in (({"action": "extend"}, "Aucun dossier"), ({"whole": "1"}, "Aucune action")):
            page = await eva.open("/gestion?etat=draft")
            page = await eva.send(form_of(page, "/gestion/lot"), **fields)
            assert page.status == 422 and words in page.words and "/gestion?etat=draft" in page.links
        page = await chosen(eva, "extend", [draft], "draft")
        page = await eva.send(page.forms[0], **until("2", "12", "2027"))
        done = await confirmed(eva, page)
        assert "Dossiers modifiés : 1 sur 1" in done.words and "2 décembre 2027" in done.words


async def test_one_decision_is_entered_and_validated_for_many_files(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 79, 80, 93: what it lacks is said with what was typed; nobody is told twice."""
    mine = file_of(await submitted(zoe))
    async with somebody(suite) as max_, staff(suite, "olga") as olga:
        theirs = file_of(await submitted(max_))
        await suite.settle()
        page = await chosen(olga, "enter_decision", [mine, theirs])
        assert "2 dossiers choisis" in page.words
        page = await olga.send(page.forms[0], type="AVIS_DEFAVORABLE", comment="Merci d’avoir candidaté")
        assert page.status == 422 and "#reason" in page.links
        page = await olga.send(page.forms[0], type="AVIS_LISTE_COMP", reason="", rank="4")
        assert "Merci d’avoir candidaté" in page.words and "Type de décision" in page.words
        for words in ("2 dossiers changent", "Liste complémentaire, rang 4", "rang 5 (saisie, non validée)"):
            assert words in page.words, words
        for _ in range(2):
            done = await confirmed(olga, page)
            assert "Dossiers modifiés : 2 sur 2" in done.words
        assert "Merci d’avoir candidaté" in (await olga.open(mine)).words
        await all_mails_are_handed_over(suite)
        before = len(suite.mails())
        page = await olga.send((await chosen(olga, "validate_decision", [mine, theirs])).forms[0])
        for words in ("2 dossiers changent", "rang 4 (décision validée)", "Liste complémentaire"):
            assert words in page.words, words
        for _ in range(2):
            done = await confirmed(olga, page)
            assert "Dossiers modifiés : 2 sur 2" in done.words
        again = await olga.send((await chosen(olga, "validate_decision", [mine])).forms[0])
        assert "Aucune décision n’attend d’être validée" in again.words
        await all_mails_are_handed_over(suite)
        assert len(suite.mails()) == before + 2


async def test_who_decides_on_a_draft_reads_that_it_was_never_submitted(suite: Suite, zoe: Uploader) -> None:
    """Among many and alone; of one that was submitted nothing of the kind is said."""
    never = "n’a jamais transmis ce dossier"
    mine = file_of(await apply(zoe))
    async with somebody(suite) as max_, staff(suite, "ines") as ines:
        theirs = file_of(await submitted(max_))
        await suite.settle()
        assert never in (await ines.open(f"{mine}/decision")).words
        assert never not in (await ines.open(f"{theirs}/decision")).words
        page = await chosen(ines, "enter_decision", [mine], state="draft")
        page = await ines.send(page.forms[0], type="AVIS_LISTE_COMP", rank="94")
        assert "1 dossier change" in page.words and never in page.words
        page = await chosen(ines, "enter_decision", [theirs])
        page = await ines.send(page.forms[0], type="AVIS_LISTE_COMP", rank="95")
        assert "1 dossier change" in page.words and never not in page.words


async def test_a_list_is_taken_away_as_a_file(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 97."""
    await submitted(zoe)
    await suite.settle()
    async with staff(suite, "lou") as lou:
        page = await lou.open("/gestion?etat=submitted")
        (workbook, table) = (link for link in page.links if "/export." in link)
        assert (await lou.take(workbook)).content.startswith(b"PK")
        assert "Müller-L’Hôte" in (await lou.take(table)).content.decode("utf-8-sig")


async def test_who_only_reads_is_offered_nothing(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 92."""
    await submitted(zoe)
    await suite.settle()
    async with staff(suite, "ivo", Grant(Role.COMMISSION)) as ivo:
        assert "/gestion/lot" not in [form.action for form in (await ivo.open("/gestion")).forms]
        assert (await ivo.open("/gestion/lot")).address == "/gestion"
        async with staff(suite, "ida") as ida:
            typed = form_of(await ida.open("/gestion?etat=submitted"), "/gestion/lot")
        for reader in (ivo, zoe):
            own = (await reader.open("/")).forms
            assert (await reader.tick(typed, "id", "x", action="extend", **own[0].fields)).status == 403


async def test_one_piece_of_many_files_is_judged_at_once(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 55, 93: it is chosen among those of the files, and each candidate reads the comment."""
    own = await submitted(zoe)
    await suite.settle()
    file = file_of(own)
    async with staff(suite, "jade") as jade:
        page = await chosen(jade, "judge", [file])
        assert "(dossiers : 1, à examiner : 1)" in page.words
        empty = await jade.send(page.forms[0], comment="Illisible")
        assert empty.status == 422 and {"#piece", "#verdict"} <= set(empty.links), empty.links
        assert "Illisible" in empty.html
        page = await jade.send(page.forms[0], piece="cv", verdict="refused", comment="Illisible")
        assert page.status == 200 and "1 dossier change" in page.words
        for words in ("Refusée", "Illisible", "Avis sur les pièces", "en un seul message par dossier", ".pdf"):
            assert words in page.words, words
        assert "Illisible" not in (await zoe.open(own.path)).words
        done = await confirmed(jade, page)
        assert (done.status, done.heading) == (200, "Ce qui a été fait")
        page = await chosen(jade, "judge", [file])
        again = await jade.send(page.forms[0], piece="cv", verdict="refused", comment="Illisible")
        assert "un seul message" not in again.words, "nobody is told of what stays as it is"
    assert "Illisible" in (await zoe.open(own.path)).words


async def test_candidates_are_reminded_of_what_their_files_lack(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 76, 93, 94: who gets which mail in which language is told before, and why somebody gets none."""
    async with staff(suite, "nour") as nour:
        own = await apply(zoe)
        await suite.settle()
        file = file_of(own)
        page = await chosen(nour, "remind", [file], "draft")
        empty = await nour.send(page.forms[0])
        assert empty.status == 422 and "#about" in empty.links, empty.links
        page = await nour.send(page.forms[0], about="pieces")
        assert page.heading == "Aperçu : ce qui se passerait"
        for words in ("1 dossier change", "Rappel de ce qui manque", "en français", "un seul mail"):
            assert words in page.words, words
        done = await confirmed(nour, page)
        assert (done.status, done.heading) == (200, "Ce qui a été fait")
        again = await nour.send((await chosen(nour, "remind", [file], "draft")).forms[0], about="pieces")
        assert "Un rappel est déjà parti aujourd’hui" in again.words and "Aucun de ces dossiers" in again.words
        trail = await nour.open(f"{file}/historique")
        assert "Rappel des pièces attendues" in trail.words


async def test_what_was_done_is_found_again_and_undone(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 93: what would be put back is told first, what somebody has changed since is left alone, and once."""
    mine = file_of(await submitted(zoe))
    async with somebody(suite) as max_, staff(suite, "rosa") as rosa, staff(suite, "tom") as tom:
        theirs = file_of(await submitted(max_))
        await suite.settle()
        done = await confirmed(rosa, await chosen(rosa, "mark_complete", [mine, theirs]))
        assert "Dossiers modifiés : 2 sur 2" in done.words and "Annuler cette action" in done.words
        listed = await rosa.open("/gestion/lots")
        assert done.address in listed.links and "modifiés : 2, inchangés : 0, refusés : 0" in listed.words
        assert "Vous n’avez lancé aucune action groupée" in (await tom.open("/gestion/lots")).words
        over = await rosa.open(f"{done.address}/avancement?fait=2")
        assert over.status == 200 and '"over": true' in over.html
        await rosa.send((await rosa.open(f"{theirs}/etat")).forms[0], state="incomplete", **until("2", "4", "2027"))
        page = await tom.open(f"{done.address}/annulation")
        for words in (
            "ce qui serait remis",
            "1 dossier change",
            "Refusé pour 1 dossier",
            "modifié depuis cette action",
        ):
            assert words in page.words, words
        late = await tom.open(f"{done.address}/annulation")
        back = await confirmed(tom, page)
        assert "Dossiers modifiés : 1 sur 2" in back.words and "Annulation : Marquer complet" in back.words
        assert "une annulation ne s’annule pas" in back.words and done.address in back.links
        assert "Réceptionné" in (await tom.open(mine)).words and "Incomplet" in (await tom.open(theirs)).words
        assert back.address in (await rosa.open(done.address)).links
        refused = await tom.send(late.forms[0])
        assert refused.status == 409 and "déjà été annulée" in refused.words
        assert (await rosa.open("/gestion/lots/01arz3ndektsv4rrffq69g5fav")).status == 404
    async with staff(suite, "otto", Grant(Role.COMMISSION)) as otto:
        assert (await otto.open("/gestion/lots")).status == 403
