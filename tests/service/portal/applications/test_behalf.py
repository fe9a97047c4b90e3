"""A manager opens an application for somebody, and offers a place, on pages and without JavaScript (acceptance 47)."""

from __future__ import annotations

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.portal.applications.applying import CLOSED, MER, give_profile
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_reviewing import until
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import an_account, log_in, mail_to

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/gestion/ouverture"


async def test_an_application_is_opened_for_somebody_to_a_closed_programme(suite: Suite) -> None:
    """Acceptance 23, 47: who it is stands there before, what was typed stays, pressed twice is once."""
    number = await an_account(suite, "ines@example.org", "Étienne")
    async with staff(suite, "mona") as mona, Uploader(suite.url) as ines:
        assert HERE in (await mona.open("/gestion")).links
        form = (await mona.open(HERE)).forms[0]
        page = await mona.send(form, file_number="ZZZZ9999", words="astrologie")
        assert page.status == 422 and {"#file_number", "#words"} <= set(page.links)
        assert (
            "Aucun dossier déjà rempli en partie ne porte ce numéro" in page.words
            and "Aucune de vos formations ne correspond" in page.words
        )
        assert page.forms[0].fields["words"] == "astrologie"
        await give_profile(suite, "ines@example.org", "identity")
        page = await mona.send(form, file_number=number, words=CLOSED)
        assert page.status == 422 and "doit d’abord remplir, dans son dossier : Adresse, Baccalauréat" in page.words
        await give_profile(suite, "ines@example.org")
        page = await mona.send(form, file_number=number.lower(), words="")
        assert page.status == 422 and "Trop de formations" in page.words
        page = await mona.send(form, file_number=number.lower(), words=CLOSED.lower())
        assert page.path.partition("?")[0] == f"{HERE}/{number}"
        assert number in page.words and "Zoé Müller-L’Hôte" in page.words
        form = page.forms[0]
        page = await mona.send(form)
        assert page.status == 422 and "#kind" in page.links
        page = await mona.send(form, programme=CLOSED, kind="draft", **until("31", "1", "2027"))
        assert page.status == 422 and "#submission_deadline" in page.links
        assert page.forms[0].fields["submission_deadline-day"] == "31"
        given = {"programme": CLOSED, "kind": "draft", **until("15", "2", "2027")}
        done, once_more = await mona.send(form, **given), await mona.send(form, **given)
        assert done.path == once_more.path
        assert done.path.startswith("/gestion/") and "15 février 2027" in done.words, done.words
        trail = await mona.open(f"{done.path}/historique")
        assert "Candidature ouverte" in trail.words and "vous au nom de" in trail.words
        again = await mona.send(
            (await mona.open(f"{HERE}/{number}?formation={CLOSED}")).forms[0], programme=CLOSED, kind="offer"
        )
        assert again.status == 409 and "Il y a déjà une candidature à cette formation" in again.words
        await all_mails_are_handed_over(suite)
        assert "L’université a ouvert une candidature pour vous" in await mail_to(suite, "ines@example.org")
        await log_in(ines, "ines@example.org")
        own = await ines.open(done.path.replace("/gestion", "/candidatures"))
        assert "L’université a ouvert cette candidature pour vous." in own.words and "mona" not in own.words


async def test_a_place_is_offered_and_its_candidate_sees_no_decision(suite: Suite) -> None:
    """Acceptance 46, 47, 78."""
    number = await an_account(suite, "omar@example.org", "Idrissi")
    await give_profile(suite, "omar@example.org")
    async with staff(suite, "nora") as nora, Uploader(suite.url) as omar:
        page = await nora.send((await nora.open(HERE)).forms[0], file_number=number, words="sciences mer")
        assert "Zoé" in page.words and number in page.words
        page = await nora.send(page.forms[0], programme=MER, kind="offer")
        assert "Décision saisie, non validée" in page.words and "Complet" in page.words, page.words
        listed = await nora.open(f"/gestion?etat=toutes&q={number}")
        for shown in (page, listed):
            assert "Non transmise" in shown.words and "Pas encore transmise" not in shown.words, "nothing is asked for"
        assert "Profil au moment de la transmission" not in page.words
        await log_in(omar, "omar@example.org")
        own = await omar.open(page.path.replace("/gestion", "/candidatures"))
        assert own.status == 404, "before its decision counts it is not there"
        assert "Sciences de la mer" not in (await omar.open("/candidatures")).words
        deciding = await nora.open(f"{page.path}/decision")
        assert "supprimer cette saisie l’annule" in deciding.words
        (deleting,) = [form for form in deciding.forms if form.action.endswith("/suppression")]
        assert "Annulé" in (await nora.send(deleting)).words.split("Historique")[0]


async def test_who_is_no_manager_opens_nothing_for_anybody(suite: Suite) -> None:
    """Acceptance 92."""
    async with staff(suite, "lola", Grant(Role.COMMISSION)) as lola:
        assert HERE not in (await lola.open("/gestion")).links
        assert (await lola.open(HERE)).address == "/gestion"
        assert (await lola.open(f"{HERE}/AB12CD34")).address == "/gestion"
