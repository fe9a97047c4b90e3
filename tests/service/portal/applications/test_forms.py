"""Forms of a programme on the page of its application, in a browser without JavaScript."""

from __future__ import annotations

import base64
import hmac
import json

import pytest

from services.chassis.testing import Suite
from tests.service.portal.applications.applying import ASKS, FORMS_SECRET, apply, somebody
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.uploading import Uploader

HINT = "N’oubliez pas de consulter l’onglet « Formulaires complémentaires »"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fill_in(suite: Suite, application: str, *answers: tuple[str, str]) -> None:
    """What the server of the form tells."""
    said = [{"question": question, "answer": answer} for question, answer in answers]
    now = suite.clock.now()
    told = {"application": application, "form": "projet", "filled_in_at": now.isoformat(), "answers": said}
    body, stamp = json.dumps(told).encode(), str(int(now.timestamp()))
    made = hmac.digest(FORMS_SECRET.encode(), b".".join((b"msg_1", stamp.encode(), body)), "sha256")
    signed = {"webhook-id": "msg_1", "webhook-timestamp": stamp}
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
    for words in ("Formulaire", "Lien", "Statut", "Réponses", "Votre projet professionnel"):
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


async def test_answers_are_nobody_elses(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62."""
    here = (await apply(zoe, ASKS)).path
    assert (await zoe.open(f"{here}/formulaires/nothing")).status == 404
    async with somebody(suite) as kim:
        assert (await kim.open(f"{here}/formulaires/projet")).status == 404
