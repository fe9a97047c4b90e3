"""Staff plan a meeting of a board on pages, decide on its files, take no part where they must not, and close it."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, give
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_deciding import on_day
from tests.service.portal.applications.test_examined import submit
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Form, Page

PROGRAMME, BOARD = "UPVD-L3-PHYSIQUE-CHIMIE", "upvd-licences"

pytestmark = pytest.mark.asyncio(loop_scope="module")


def to(page: Page, end: str) -> Form:
    """The form of a page that goes there."""
    found = [form for form in page.forms if form.action.partition("?")[0].endswith(end)]
    assert found, (end, page.status, page.words)
    return found[0]


async def handed_over(zoe: Uploader) -> Page:
    """The page of an application to a programme of a board, with all its pieces."""
    page = await apply(zoe, PROGRAMME)
    here = page.path
    for code in re.findall(r'action="[^"]+/pieces/([^/"]+)"', page.html):
        page = await give(zoe, page, code, pdf(), f"{code}.pdf")
    return await submit(zoe, here)


async def test_a_meeting_from_its_plan_to_its_end(suite: Suite, zoe: Uploader) -> None:
    own = await handed_over(zoe)
    id = file_of(own).rpartition("/")[2]
    async with staff(suite, "mina") as mina, staff(suite, "jo", Grant(Role.COMMISSION)) as jo:
        form = to(await mina.open(f"{file_of(own)}/etat"), "/etat")
        await mina.send(form, state="complete")
        seen = (await zoe.open(own.path)).words
        page = await mina.open("/gestion/seances")
        assert "Aucune séance n’est planifiée." in page.words
        page = await mina.open("/gestion/seances/nouvelle")
        assert f'<option value="{BOARD}"' in page.html
        page = await mina.open(f"/gestion/seances/nouvelle?commission={BOARD}")
        form = to(page, "/nouvelle")
        page = await mina.send(form, title="Jury", place="Salle 12", time="14h30")
        assert page.status == 422 and {"#day", "#programmes"} <= {*page.links}
        assert page.forms[0].fields["place"] == "Salle 12"
        planned, code = to(page, "/nouvelle"), PROGRAMME
        for _ in range(2):
            page = await mina.tick(planned, "programmes", code, **on_day("day", "3", "2", "2027"))
        meeting = page.address
        assert page.heading.endswith("Jury") and "3 février 2027, 14:30" in page.words
        assert "jo@univ.test" in page.words
        page = await mina.open(f"{meeting}/dossiers?formation={code}")
        page = await mina.tick(to(page, "/dossiers"), "files", id)
        assert page.address == meeting and file_of(own) in page.links
        page = await mina.open(f"{meeting}/presence")
        account = re.findall(r'value="([^"]+)"[^>]*>\s*<label[^>]*>\s*jo@univ.test', page.html)
        page = await mina.tick(to(page, "/presence"), "present", *account)
        assert "En cours" in page.words and "jo@univ.test (présence notée)" in page.words
        page = await mina.open(f"{meeting}/resultat/{code}")
        page = await mina.send(page.forms[0], **{f"kind.{id}": "unfavourable"})
        assert page.status == 422 and f"#reason.{id}" in page.links
        page = await mina.send(page.forms[0], **{f"kind.{id}": "ranked_waitlist"})
        assert page.status == 422 and f"#order.{id}" in page.links
        page = await mina.send(page.forms[0], **{f"kind.{id}": "ranked_waitlist", f"order.{id}": "7"})
        assert page.status == 200 and "1 décision saisie." in page.words
        stale, between = [(await who.open(f"{meeting}/resultat/{code}")).forms[0] for who in (mina, jo)]
        await jo.send(between, **{f"kind.{id}": "favourable"})
        page = await mina.send(stale)
        assert page.status == 422 and "Quelqu’un a saisi une autre décision" in page.words
        assert "Décision saisie, non validée – " in page.words and page.forms[0].fields[f"order.{id}"] == "7"
        page = await mina.send(page.forms[0])
        assert page.status == 200 and "1 décision saisie." in page.words
        page = await jo.open(meeting)
        assert "rang 7" in page.words and "saisie, à valider" in page.words
        page = await jo.send(to(await jo.open(f"{meeting}/deport/{id}"), id))
        assert "Vous ne prenez pas part à ce dossier." in page.words and "rang 7" not in page.words
        page = await jo.open(file_of(own))
        assert "Un lien d’intérêts a été déclaré pour vous" in page.words
        assert f"{file_of(own)}/decision" not in page.links
        page = await mina.open(f"{meeting}/cloture")
        for _ in range(2):
            done = await mina.send(page.forms[0])
            assert "Close" in done.words and "ne changent plus" in done.words
        papers = [await mina.take(f"{meeting}/proces-verbal") for _ in range(2)]
        assert papers[0].headers["Content-Type"] == "application/pdf"
        assert papers[0].content == papers[1].content
        assert (await jo.open(f"{meeting}/proces-verbal")).status == 403
        page = await mina.send(to(await mina.open(f"{meeting}/deport/{id}"), "/levee"))
        assert "Déport pour lien d’intérêts" not in page.words
        assert "rang 7" in (await jo.open(meeting)).words
        assert meeting in (await mina.open("/gestion/seances")).links
        assert (await zoe.open(own.path)).words == seen


async def test_members_vote_and_who_leads_enters_what_it_came_to(suite: Suite, zoe: Uploader) -> None:
    own = await handed_over(zoe)
    here = file_of(own)
    id = here.rpartition("/")[2]
    async with staff(suite, "vera") as vera, staff(suite, "tess", Grant(Role.COMMISSION)) as tess:
        await vera.send(to(await vera.open(f"{here}/etat"), "/etat"), state="complete")
        seen = (await zoe.open(own.path)).words
        form = to(await vera.open(f"/gestion/seances/nouvelle?commission={BOARD}"), "/nouvelle")
        said = on_day("day", "3", "2", "2027") | {
            "title": "Vote",
            "place": "Salle 1",
            "time": "9:00",
            "voting": "secret",
        }
        page = await vera.tick(form, "programmes", PROGRAMME, **said, quorum="beaucoup")
        assert page.status == 422 and "Donnez un nombre de 1 à 200." in page.words
        assert page.forms[0].fields["quorum"] == "beaucoup"
        meeting = (await vera.tick(to(page, "/nouvelle"), "programmes", PROGRAMME, **said, quorum="2")).address
        form = to(await vera.open(f"{meeting}/modification"), "/modification")
        await vera.tick(form, "programmes", PROGRAMME, **said, quorum="")
        assert "À bulletin secret, quorum de 1" in (await tess.open(meeting)).words
        page = await vera.open(f"{meeting}/dossiers?formation={PROGRAMME}")
        await vera.tick(to(page, "/dossiers"), "files", id)
        page = await vera.open(f"{meeting}/presence")
        account = re.findall(r'value="([^"]+)"[^>]*>\s*<label[^>]*>\s*tess@univ.test', page.html)
        await vera.tick(to(page, "/presence"), "present", *account)
        assert 'name="quorum"' not in (await vera.open(f"{meeting}/modification")).html
        votes, one = f"{meeting}/votes", f"{meeting}/votes/{id}"
        assert one in (await tess.open(votes)).links
        form = to(await tess.open(one), f"/votes/{id}")
        refused = await tess.send(form)
        assert refused.status == 422
        for vote, word in (("unfavourable", "Défavorable"), ("waitlist", "Liste d’attente")):
            page = await tess.send(form, vote=vote)
            assert page.address == votes and f": {word}." in page.words
        page = await vera.open(one)
        assert "Votes reçus : 1 (membres présents : 1)" in page.words and "Votre vote" not in page.words
        assert f"{one}/cloture" in page.links
        form = (await vera.open(f"{one}/cloture")).forms[0]
        for _ in range(2):
            page = await vera.send(form)
            assert "Résultat proposé : Liste d’attente" in page.words
        assert "Qui a voté quoi" not in page.words
        page = await tess.open(one)
        assert "Vote clos" in page.words and not any(form.action.endswith(id) for form in page.forms)
        page = await vera.open(f"{meeting}/resultat/{PROGRAMME}?dossier={id}")
        assert page.forms[0].fields[f"kind.{id}"] == "ranked_waitlist"
        page = await vera.send(page.forms[0], **{f"order.{id}": "2"})
        assert page.status == 200 and "1 décision saisie." in page.words
        assert "rang 2" in (await tess.open(meeting)).words
        assert (await zoe.open(own.path)).words == seen
