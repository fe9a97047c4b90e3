"""Staff keep notes, tags and who looks after a file on pages, without JavaScript; its candidate never sees any of it."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import urlencode

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import Suite
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOTE = "À rappeler lundi"


async def test_what_staff_keep_is_on_their_pages_alone(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 44, 94, 124."""
    own = await submitted(zoe)
    await suite.settle()
    address = file_of(own)
    async with staff(suite, "lea") as lea, staff(suite, "max") as max_:
        before = (await zoe.open(own.path)).words
        page = await lea.open(f"{address}/notes")
        page = await lea.send(page.forms[0], text="é" * 2001)
        assert page.status == 422 and "2" in page.words
        page = await lea.send(page.forms[0], text=NOTE)
        assert page.path == address and NOTE in page.words
        page = await lea.open(f"{address}/etiquettes")
        page = await lea.send(page.forms[0], tags="urgent, " + "x" * 41)
        assert page.status == 422
        page = await lea.send(page.forms[0], tags="urgent , jury")
        assert page.path == address and "jury, urgent" in page.words
        (take,) = [form for form in page.forms if form.action.endswith("/suivi")]
        page = await lea.send(take, assignee="me")
        assert "Je ne m’en occupe plus" in page.words
        page = await lea.open(f"{address}/suivi")
        colleague = next(
            code for code, name in re.findall(r'value="([^"]+)"[^>]*>([^<]+)', page.html) if "max@" in name
        )
        refused = await lea.send(page.forms[0], assignee="0" * 26)
        assert (refused.status, "#assignee" in refused.links) == (422, True), "who is nobody of staff"
        page = await lea.send(page.forms[0], assignee=colleague)
        assert page.path == address and "max@univ.test" in page.words and "Je m’en occupe" in page.words
        assert (await zoe.open(own.path)).words == before
        for path in (f"{address}", f"{address}/historique"):
            assert (await zoe.open(path)).status in (403, 404)
        page = await max_.open(address)
        assert "lea@univ.test" in page.words and NOTE in page.words
        page = await max_.open(f"{address}/historique")
        for words in (
            "Candidature transmise",
            "Note ajoutée",
            "Suivi modifié",
            "lea@univ.test",
            NOTE,
            "la personne candidate",
        ):
            assert words in page.words, words


async def test_a_file_is_read_as_it_was_when_somebody_looked_at_it(suite: Suite, zoe: Uploader) -> None:
    """From an entry of its history, or by day and hour on the institution's clock; an instant that is none is said so."""
    address = file_of(await submitted(zoe))
    await suite.settle()
    async with staff(suite, "ida") as ida:
        piece = await ida.open(f"{address}/pieces/cv")
        await ida.send(piece.forms[0], verdict="refused", comment="La page 2 est illisible")
        assert isinstance(suite.clock, FixedClock)
        suite.clock.advance(seconds=90)
        await ida.send((await ida.open(f"{address}/pieces/cv")).forms[0], verdict="validated", comment="")
        page = await ida.open(f"{address}/historique")
        first, *_, last = (link for link in page.links if "/historique/instant?at=" in link)
        page = await ida.open(last)
        assert "Validée" in page.words and "illisible" not in page.words
        page = await ida.open(first)
        assert "Refusée" in page.words and "Validée" not in page.words and "illisible" in page.words
        typed = {"at-day": "1", "at-month": "2", "at-year": "2027", "at-time": "12:00"}
        asked = f"{address}/historique/instant"
        page = await ida.open(f"{asked}?{urlencode(typed)}")
        assert page.status == 200 and "La page 2 est illisible" in page.words and "Votre avis, donné le" in page.words
        assert "à 12 h 00" in page.words and page.forms[0].fields["at-time"] == "12:00"
        for now in ({"at-time": ""}, {"at-time": "12:01"}):
            page = await ida.open(f"{asked}?{urlencode(typed | now)}")
            assert page.status == 200 and "Validée" in page.words, (
                "of a day or a minute that is not over, what there is"
            )
        for wrong in ({"at-time": "12:59"}, {"at-day": "31"}, {"at-time": "midi"}, {"at-year": "2026"}):
            page = await ida.open(f"{asked}?{urlencode(typed | wrong)}")
            assert page.status == 422 and "#at" in page.links, wrong
            assert page.forms[0].fields.items() >= wrong.items(), "nothing typed is lost"
        assert (await ida.open(asked)).status == 200


async def test_a_list_that_stays_open_says_how_many_of_its_files_have_changed(suite: Suite, zoe: Uploader) -> None:
    """It asks now and then; rights are looked at each time, and a stranger learns nothing."""
    address = file_of(await submitted(zoe))
    await suite.settle()
    async with staff(suite, "eva") as eva, staff(suite, "tom") as tom:
        page = await eva.open("/gestion?etat=submitted&tri=nom")
        asked = html.unescape(re.findall(r'data-asks="([^"]+)"', page.html)[0])
        assert "script-src 'self'; connect-src 'self'" in page.headers["Content-Security-Policy"]
        assert (await eva.open(asked)).status == 204
        await tom.send((await tom.open(f"{address}/pieces/cv")).forms[0], verdict="validated")
        await suite.settle()
        before = await eva.open(asked)
        assert (before.status, before.html) == (200, "1 dossier de cette liste a changé."), (
            "to a page of the release before"
        )
        told = await eva.open(asked, {"Accept": "application/json"})
        assert (told.status, json.loads(told.html)) == (200, {"words": "1 dossier de cette liste a changé."})
        assert told.headers["Cache-Control"] == "no-store"
        page = await eva.open("/gestion?etat=submitted&tri=nom")
        again = html.unescape(re.findall(r'data-asks="([^"]+)"', page.html)[0])
        assert (again == asked, (await eva.open(again)).status) == (False, 204)
        assert (await eva.open(f"{asked}x")).status == 400
    assert (await zoe.open(asked)).status == 403
    async with Uploader(suite.url) as stranger:
        assert (await stranger.open(asked)).status == 401
