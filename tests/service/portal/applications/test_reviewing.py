"""Staff examine a file on pages, without JavaScript: the list, the pieces one after the other, the state of the file."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.portal.pages.profile_fields import DATE_PARTS
from tests.candidate import pdf
from tests.service.portal.applications.applying import MER, apply, give
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.test_examined import submit, submitted
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser, Page
from tests.service.portal.people import log_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


def until(*day: str) -> dict[str, str]:
    """A last day as it is typed."""
    return {f"submission_deadline-{part}": typed for part, typed in zip(DATE_PARTS, day, strict=True)}


def since(*day: str) -> dict[str, str]:
    """The day of which a state is, as it is typed."""
    return {f"on-{part}": typed for part, typed in zip(DATE_PARTS, day, strict=True)}


def file_of(page: Page) -> str:
    """The page of staff for the file of a page of its candidate."""
    return "/gestion/" + page.path.split("/")[2]


async def narrow(marie: Uploader, file: str) -> None:
    """Search, remove a filter, see one person's files, name a centre that is not one's own (acceptance 62)."""
    page = await marie.open("/gestion?q=ABEL&attente=oui")
    assert page.words.count("Recherche : ABEL") == 1 and "Pièces à examiner : Il en reste" in page.words
    assert file not in page.links and "Aucun dossier ne correspond" in page.words
    page = await marie.open("/gestion?q=muller%20l&attente=oui")
    assert file in page.links and "Réceptionné (1)" in page.words and "Complet (0)" in page.words
    assert "/gestion?etat=toutes&q=muller+l" in page.links, "the same without one filter"
    person = next(link for link in page.links if link.startswith("/gestion?personne="))
    assert file in (await marie.open(person)).links
    page = await marie.open("/gestion?etat=submitted&tri=nom")
    assert file in page.links
    for order in ("nom", "numero", "recents"):
        page = await marie.open(f"/gestion?etat=submitted&decision=none&tri={order}")
        assert (page.status, file in page.links) == (200, True), order
    page = await marie.open("/gestion?q=muller&decision=favourable&reponse=none")
    assert (page.status, file in page.links) == (200, True)
    assert "Une recherche ne tient pas compte de la décision" in page.words and "Décision : " not in page.words
    page = await marie.open("/gestion?etat=submitted")
    every = "/gestion?etat=submitted&campagne=toutes"
    assert page.words.count("Campagne : Candidatures pour l’année ") == 1 and every in page.links
    page = await marie.open(every)
    assert (file in page.links, "/gestion?etat=submitted" in page.links) == (True, True)
    assert "Campagne : Toutes les campagnes" in page.words, "which is said, and goes back to this year's"
    for wrong in ("campagne=2099", "centre=NULLE-PART", "tri=couleur", "q=z"):
        refused = await marie.open(f"/gestion?{wrong}")
        assert (refused.status, file in refused.links) == (422, False), wrong


async def test_pieces_are_judged_one_after_the_other_and_the_file_is_given_back(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 55, 56, 57, 66, 70, 72, and 44 as far as the route is concerned."""
    own, draft = await submitted(zoe), await apply(zoe, "UPVD-M1-ENERGIE-SOLAIRE")
    await suite.settle()
    async with staff(suite, "marie") as marie:
        files = await marie.open("/gestion")
        assert (files.heading, file_of(own) in files.links) == ("Dossiers à examiner", True)
        assert "Müller-L’Hôte Zoé" in files.words
        await narrow(marie, file_of(own))
        drafts = await marie.open("/gestion?etat=draft")
        assert file_of(draft) in drafts.links and "Pas encore transmise" in drafts.words
        files = await marie.open("/gestion")
        assert file_of(draft) not in files.links
        file = await marie.open(file_of(own))
        assert file.heading.endswith("Müller-L’Hôte Zoé")
        assert "Type de traitement" in file.words and "Type de traitement" not in own.words
        for words in ("4 pièces restent à examiner", "Profil au moment de la transmission", "Perpignan", "17 mai 2003"):
            assert words in file.words, words
        for link, start in ((f"{file_of(own)}/pieces/cv/fichier", b"%PDF"), (f"{file_of(own)}/dossier", b"%PDF")):
            assert link in file.links
            assert (await marie.take(link)).content.startswith(start)
        pieces = [link for link in file.links if "/pieces/" in link and not link.endswith("/fichier")]
        assert pieces.count(pieces[0]) == 2, "the first that waits is the next one, too"
        pieces = list(dict.fromkeys(pieces))
        page = await marie.open(pieces[0])
        assert f'<img src="{pieces[0]}/apercu/1"' in page.html
        assert "Remarqué à la lecture du fichier" in page.words and "La page 1 est vide." in page.words
        assert (await marie.take(f"{pieces[0]}/apercu/1")).content.startswith(b"\xff\xd8\xff")
        for number, piece in enumerate(pieces[:-1]):
            assert page.address == piece
            page = await marie.send(page.forms[0], verdict="validated")
            assert page.address == pieces[number + 1]
            assert (pieces[number + 2 if number + 2 < len(pieces) else 0] in page.links) == (number + 2 < len(pieces))
        page = await marie.send(page.forms[0], verdict="refused", comment="La page 2 est illisible")
        assert page.address == f"{file_of(own)}/etat", "what the file needs now"
        assert "Toutes les pièces déposées ont été examinées" in page.words
        file = await marie.open(file_of(own))
        assert "Votre avis, donné le" in file.words and "La page 2 est illisible" in file.words
        assert page.forms[0].fields["state"] == "incomplete", "which somebody of the candidate's is to mend"
        page = await marie.send(page.forms[0], **until("2", "4", "2027"))
        assert page.address == file_of(own) and "Incomplet" in page.words
        assert "/gestion" in page.links, "back to the list that one came from"
        assert file_of(own) in (await marie.open("/gestion?etat=incomplete")).links
        assert "/gestion?etat=incomplete" in (await marie.open(file_of(own))).links
        assert file_of(own) not in (await marie.open("/gestion")).links

        own = await zoe.open(own.path)
        assert "La page 2 est illisible" in own.words and "2 avril 2027 à 23 h 59" in own.words
        (refused,) = [form for form in own.forms if form.action.endswith("/retrait")]
        own = await zoe.send(refused)
        own = await give(zoe, own, refused.action.split("/")[-2], pdf(), "nouveau.pdf")
        own = await submit(zoe, own.address)
        await suite.settle()
        file = await marie.open(file_of(own))
        assert "nouveau.pdf" in file.words and "1 pièce reste à examiner" in file.words


async def test_the_next_file_is_that_of_the_list_that_was_left(suite: Suite, zoe: Uploader) -> None:
    """Its filter and order are kept, and what it holds no more is passed over."""
    own = [await apply(zoe, code) for code in (MER, "UPVD-M1-ENERGIE-SOLAIRE", "UPVD-M2-CALCUL-HAUTE-PERFORMANCE")]
    await suite.settle()
    async with staff(suite, "nina") as nina:
        of = {file_of(each): each for each in own}
        row = (await nina.open("/gestion?etat=draft&tri=recents")).html.partition(f'href="{file_of(own[0])}"')[2]
        person = re.search(r"personne=([^&\"]+)", row)
        assert person is not None
        left = f"/gestion?etat=draft&personne={person[1]}&tri=recents"
        first, second, third = (link for link in (await nina.open(left)).links if link in of)
        page = await nina.open(first)
        assert f"{first}/suivant" in page.links
        assert (await nina.open(f"{first}/suivant")).address == second
        cancelled = await zoe.open(f"{of[second].path}/annulation")
        await zoe.send(cancelled.forms[0])
        await suite.settle()
        assert (await nina.open(f"{first}/suivant")).address == third, "what has left the list is passed over"
        assert (await nina.open(f"{second}/suivant")).address == third, "the list knows what was behind it"
        assert (await nina.open("/gestion/nowhere/suivant")).address == first
        page = await nina.open(f"{third}/suivant")
        assert page.address == "/gestion" and "C’était le dernier dossier de cette liste" in page.words
        assert left in (await nina.open(first)).links, "and back to it"
        await nina.open("/gestion?centre=NULLE-PART")
        assert (await nina.open(f"{first}/suivant")).status == 422


async def test_what_is_wrong_is_told_and_nothing_typed_is_lost(suite: Suite, zoe: Uploader) -> None:
    own = await submitted(zoe)
    async with staff(suite, "paul") as paul:
        piece = await paul.open(f"{file_of(own)}/pieces/cv")
        page = await paul.send(piece.forms[0], verdict="refused", comment="é" * 501)
        assert page.status == 422 and "#comment" in page.links
        assert page.forms[0].fields["comment"] == "é" * 501
        page = await paul.send(piece.forms[0], comment="Lisible ?")
        assert page.status == 422 and "#verdict" in page.links and page.forms[0].fields["comment"] == "Lisible ?"
        page = await paul.send(piece.forms[0], verdict="refused", comment="é" * 500)
        assert page.status == 200

        reopening = await paul.open(f"{file_of(own)}/reouverture")
        page = await paul.send(reopening.forms[0], **until("31", "2", "2027"))
        assert page.status == 422 and {"#reason", "#submission_deadline"} & set(page.links)
        assert page.forms[0].fields["submission_deadline-day"] == "31"


async def test_of_two_who_judge_one_piece_the_second_is_shown_what_the_first_said(suite: Suite, zoe: Uploader) -> None:
    """Two managers on one file: one wins, the other sees the difference; what others judge meanwhile is in nobody's way."""
    own = await submitted(zoe)
    cv, letter = f"{file_of(own)}/pieces/cv", f"{file_of(own)}/pieces/lettre-motivation"
    async with staff(suite, "ana") as ana, staff(suite, "bob") as bob:
        of_ana, of_bob, other = await ana.open(cv), await bob.open(cv), await bob.open(letter)
        assert (await ana.send(of_ana.forms[0], verdict="refused", comment="Illisible")).status == 200
        page = await bob.send(of_bob.forms[0], verdict="validated", comment="Très bien")
        assert page.status == 412
        assert "Cette pièce a changé" in page.words and "Illisible" in page.words and "Refusée" in page.words
        assert page.forms[0].fields["comment"] == "Très bien"
        assert "Illisible" in (await ana.open(file_of(own))).words
        assert (await bob.send(other.forms[0], verdict="validated")).status == 200, "another piece"
        assert (await ana.send(of_ana.forms[0], verdict="refused", comment="Illisible")).status == 200, "pressed twice"
        assert (await bob.send(page.forms[0], verdict="validated", comment="Très bien")).status == 200

        states = [await each.open(f"{file_of(own)}/etat") for each in (ana, bob)]
        assert (await ana.send(states[0].forms[0], state="complete")).status == 200
        page = await bob.send(states[1].forms[0], state="incomplete")
        assert page.status == 412 and "Ce dossier a changé" in page.words and "Complet" in page.words


async def test_a_file_is_reopened_and_one_person_given_more_time(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 73, 75."""
    own = await submitted(zoe)
    async with staff(suite, "lea") as lea:
        page = await lea.open(f"{file_of(own)}/reouverture")
        page = await lea.send(page.forms[0], reason="Transmise par erreur", **until("5", "3", "2027"))
        assert page.address == file_of(own), "a day of its own may be an earlier one"
        assert "Motif : Transmise par erreur" in page.words and "En attente" in page.words
        page = await lea.open(f"{file_of(own)}/delai")
        page = await lea.send(page.forms[0], **until("9", "4", "2027"))
        assert "9 avril 2027 à 23 h 59" in page.words
    own = await zoe.open(own.path)
    assert "9 avril 2027 à 23 h 59" in own.words and "erreur" not in own.words


async def test_who_reaches_nothing_of_it_finds_nothing(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62, 77, 92: of another centre, a commission before it is complete, candidates, nobody."""
    own = await submitted(zoe)
    draft = await apply(zoe, "UPVD-M1-ENERGIE-SOLAIRE")
    async with staff(suite, "elsewhere", Grant(Role.MANAGER, centres=("UPVD-LSH",))) as elsewhere:
        assert file_of(own) not in (await elsewhere.open("/gestion")).links
        assert (await elsewhere.open(file_of(own))).status == 404
    async with staff(suite, "member", Grant(Role.COMMISSION)) as member:
        page = await member.open("/gestion")
        assert file_of(own) not in page.links and "?etat=draft" not in page.html
        assert (await member.open(file_of(draft))).status == 404
    assert "/gestion" not in own.links
    assert (await zoe.open("/gestion")).status == 403
    async with Browser(suite.url) as stranger:
        assert (await stranger.open(file_of(own))).path.startswith("/connexion?next=")


async def test_several_pieces_get_one_verdict_in_one_step(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 115, 124: all or none; of which nobody has said anything are ticked, and what stands there is shown."""
    own = await submitted(zoe)
    async with staff(suite, "ines") as ines, staff(suite, "yann") as yann:
        avis = f"{file_of(own)}/avis"
        remark = await yann.open(f"{file_of(own)}/pieces/cv")
        await yann.send(remark.forms[0], verdict="none", comment="Bien présenté")
        there = await zoe.open(own.path)
        assert "Bien présenté" in there.words and "Refusée" not in there.words and "Validée" not in there.words
        old = page = await ines.open(avis)
        assert "Transmise – Bien présenté" in page.words
        assert [ticked(page, code) for code in ("cv", "releves-bac", "lettre-motivation")] == [False, True, True]
        boxes = ("cv", "releves-bac", "releves-post-bac")
        page = await ines.tick(page.forms[0], "piece", *boxes, verdict="refused", comment="é" * 501)
        assert page.status == 422 and "#comment" in page.links and ticked(page, "cv")
        page = await ines.tick(page.forms[0], "piece", "nowhere", verdict="validated", comment="")
        assert page.status == 404, "no such piece"
        page = await ines.tick(old.forms[0], "piece", *boxes, verdict="validated")
        assert page.address == file_of(own) and page.words.count("Validée") == 3
        assert "Bien présenté" in page.words, "it stays where no other is typed"
        seen = await yann.open(file_of(own))
        assert seen.words.count("Avis donné par ines@univ.test le 1er février 2027") == 3

        other = await yann.open(f"{file_of(own)}/pieces/lettre-motivation")
        fresh = await ines.open(avis)
        await yann.send(other.forms[0], verdict="refused", comment="Illisible")
        page = await ines.tick(fresh.forms[0], "piece", "lettre-motivation", verdict="validated")
        assert page.status == 412 and "Ce dossier a changé" in page.words and "Refusée – Illisible" in page.words
        assert not ticked(page, "lettre-motivation")
        page = await ines.tick(page.forms[0], "piece", verdict="validated")
        assert page.status == 422 and "#piece" in page.links


def ticked(page: Page, code: str) -> bool:
    return re.search(rf'<input [^>]*value="{code}"[^>]* checked', page.html) is not None


async def test_what_cannot_be_done_leads_back_to_the_file(suite: Suite, zoe: Uploader) -> None:
    """No form for a commission, of a state that refuses it, or of a day that is none; pressed twice is pressed once."""
    own = await submitted(zoe)
    async with staff(suite, "luc") as luc:
        assert (await luc.open(f"{file_of(own)}/delai")).address == file_of(own)
        state = await luc.open(f"{file_of(own)}/etat")
        page = await luc.send(state.forms[0], state="incomplete", **since("1", "4", "2999"))
        assert page.status == 422 and "#on" in page.links and 'value="2999"' in page.html
        page = await luc.send(state.forms[0], state="incomplete", **until("1", "4", "99999999999"))
        assert page.status == 422 and "#submission_deadline" in page.links
        version = page.forms[0].fields["version"]
        async with staff(suite, "eve") as eve:
            piece = await eve.open(f"{file_of(own)}/pieces/cv")
            await eve.send(piece.forms[0], verdict="refused", comment="Une\r\nautre")
            again = await eve.send(piece.forms[0], verdict="refused", comment="Une\r\nautre")
            assert again.status == 200, "pressed twice"
        page = await luc.send(page.forms[0], state="incomplete", **until("", "", ""))
        assert page.status == 412 and page.forms[0].fields["version"] != version, "a mistake does not hide the change"
        page = await luc.send(page.forms[0], state="incomplete", **since("3", "1", "2027"), **until("", "", ""))
        assert page.address == file_of(own) and "n’est pas encore transmis" in page.words
        assert "Depuis le 3 janvier 2027" in page.words, "the day of which the state is"
        assert (await luc.open(f"{file_of(own)}/reouverture")).address == file_of(own)
        delay = await luc.open(f"{file_of(own)}/delai")
        for _ in range(2):
            page = await luc.send(delay.forms[0], **until("12", "4", "2027"))
            assert page.address == file_of(own) and "12 avril 2027" in page.words
        page = await luc.send((await luc.open(f"{file_of(own)}/delai")).forms[0], **until("11", "4", "2027"))
        assert page.status == 422 and "peut déjà être transmise jusqu’au 12 avril 2027" in page.words
    async with staff(suite, "jury", Grant(Role.COMMISSION)) as jury:
        for decision in ("etat", "reouverture", "delai", "avis"):
            assert (await jury.open(f"{file_of(own)}/{decision}")).status == 404, "not complete"


async def test_staff_who_examine_nothing_are_led_nowhere_that_refuses_them(suite: Suite) -> None:
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, "support@univ.test", Grant(Role.SUPPORT))
        page = await log_in(browser, "support@univ.test")
        assert (page.address, page.status) == ("/gestion/messages", 200)
        assert not {"/gestion", "/gestion/catalogue", "/candidatures", "/profil", "/compte"} & set(page.links)
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, "helper@univ.test", Grant(Role.SUPPORT, centres=("SEE",)))
        page = await log_in(browser, "helper@univ.test")
        assert (page.address, page.status) == ("/gestion/comptes", 200)
        assert "/gestion/comptes" in page.links, "by which they come back to their work"
        found = await browser.open("/gestion/comptes?q=ZZZZZZZZ")
        assert (found.status, "Aucun dossier de votre périmètre" in found.words) == (200, True)
        assert not {"/gestion", "/gestion/messages", "/candidatures", "/profil", "/compte"} & set(page.links)
    async with Uploader(suite.url) as browser:
        await appointed(suite, browser, "registrar@univ.test", Grant(Role.REGISTRAR))
        page = await log_in(browser, "registrar@univ.test")
        assert (page.address, page.status) == ("/gestion/catalogue", 200)
        assert not {"/gestion", "/candidatures", "/profil", "/compte"} & set(page.links)
