"""Forms of a programme on the page of its application, in a browser without JavaScript."""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import timedelta

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import ASKS, FORMS_SECRET, apply, form_of, somebody
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.uploading import Uploader

HINT = "N’oubliez pas de consulter l’onglet « Formulaires complémentaires »"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fill_in(suite: Suite, application: str, *answers: tuple[str, str], message: str = "msg_1") -> None:
    """What the server of the form tells."""
    said = [{"question": question, "answer": answer} for question, answer in answers]
    now = suite.clock.now()
    at = now + timedelta(milliseconds=int(message.removeprefix("msg_")))  # each is later than the one before
    told = {"application": application, "form": "projet", "filled_in_at": at.isoformat(), "answers": said}
    body, stamp = json.dumps(told).encode(), str(int(now.timestamp()))
    made = hmac.digest(FORMS_SECRET.encode(), b".".join((message.encode(), stamp.encode(), body)), "sha256")
    signed = {"webhook-id": message, "webhook-timestamp": stamp}
    signed["webhook-signature"] = f"v1,{base64.b64encode(made).decode()}"
    headers = {"Content-Type": "application/json", **signed}
    async with suite.client.post("/api/applications/forms/callback", data=body, headers=headers) as response:
        assert response.status == 200, await response.text()


async def test_a_form_is_reached_by_its_address_and_its_answers_are_seen(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 43, 64: the answers as text, whatever is in them."""
    page = await apply(zoe, ASKS)
    here, id = page.path, page.path.rpartition("/")[2]
    assert HINT in page.words
    assert "#forms" in page.links
    assert f"https://enquetes.universite.example/projet?dossier={id}" in page.links
    for words in ("Formulaire", "Url", "Statut", "Réponses", "Votre projet professionnel"):
        assert words in page.words, words
    answers = f"{here}/formulaires/projet"
    assert answers not in page.links
    assert "Rien n’a encore été reçu" in (await zoe.open(answers)).words
    await fill_in(suite, id, ("Où ?", "<script>alert(1)</script>\nen mer"), ("Et ailleurs ?", ""))
    page = await zoe.open(here)
    assert "Voir les réponses" in page.words
    assert page.words.count("Transmise") > 0
    shown = await zoe.open(answers)
    assert shown.heading.endswith("Votre projet professionnel")
    assert "<script>alert(1)</script>\nen mer" in shown.words
    assert "<script>alert" not in shown.html
    assert here in shown.links


async def test_staff_see_when_a_form_was_received_and_what_was_answered(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 64."""
    id = (await apply(zoe, ASKS)).path.rpartition("/")[2]
    async with staff(suite, "lectrice-de-formulaires") as reader:
        assert "Sans réponse" in (await reader.open(f"/gestion/{id}")).words
        await fill_in(suite, id, ("Où ?", "En mer"), ("", ""))
        page = await reader.open(f"/gestion/{id}")
        assert "Formulaire transmis, réponses reçues le" in page.words
        assert "En mer" in page.words
        assert "Modifié depuis" not in page.words


async def hand_over(zoe: Uploader, here: str) -> None:
    """All that the programme asks, and the green button."""
    page = await zoe.open(f"{here}/questions/alternance")
    page = await zoe.send(form_of(page, "/questions/alternance"), answer="yes")
    while wanted := next((each for each in page.forms if re.search(r"/pieces/[^/]+$", each.action)), None):
        page = await zoe.send_file(wanted, "piece.pdf", pdf())
    done = await zoe.send(form_of(await zoe.open(f"{here}/transmission"), "/transmission"))
    assert done.heading == "Votre candidature est transmise", done.words


async def test_what_was_changed_after_the_submission_stands_beside_what_was_submitted(
    suite: Suite, zoe: Uploader
) -> None:
    here = (await apply(zoe, ASKS)).path
    id = here.rpartition("/")[2]
    await fill_in(suite, id, ("Où ?", "En mer"))
    await hand_over(zoe, here)
    await fill_in(suite, id, ("Où ?", "<b>Au lac"), message="msg_2")
    assert "Modifié depuis la transmission" in (await zoe.open(here)).words
    shown = await zoe.open(f"{here}/formulaires/projet")
    async with staff(suite, "lectrice-de-formulaires-modifies") as reader:
        for page in (shown, await reader.open(f"/gestion/{id}")):
            assert page.words.index("En mer") < page.words.index("Modifié depuis") < page.words.index("<b>Au lac")
            assert "<b>Au" not in page.html
        assert "Formulaire modifié ou effacé" in (await reader.open(f"/gestion/{id}/historique")).words


async def test_what_came_after_the_submission_alone_is_not_called_changed(suite: Suite, zoe: Uploader) -> None:
    """Nothing was submitted above it that would count."""
    here = (await apply(zoe, ASKS)).path
    await hand_over(zoe, here)
    await fill_in(suite, here.rpartition("/")[2], ("Où ?", "Au lac"))
    assert "Reçu après la transmission" in (await zoe.open(here)).words
    shown = await zoe.open(f"{here}/formulaires/projet")
    async with staff(suite, "lectrice-de-formulaires-tardifs") as reader:
        seen = await reader.open(f"/gestion/{here.rpartition('/')[2]}")
        for page, words in ((shown, "n’en font pas partie"), (seen, "ne font pas partie de ce qui")):
            assert words in page.words
            assert "Au lac" in page.words
            assert "Modifié depuis" not in page.words
            assert "Rien n’a encore été reçu" not in page.words


async def test_answers_are_nobody_elses(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62."""
    here = (await apply(zoe, ASKS)).path
    assert (await zoe.open(f"{here}/formulaires/nothing")).status == 404
    async with somebody(suite) as kim:
        assert (await kim.open(f"{here}/formulaires/projet")).status == 404
