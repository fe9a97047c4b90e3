"""Candidates read how far their pre-enrolment is, staff why it was refused, and have it tried anew (acceptance 87)."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.applications.usecases import pre_enrolments
from services.applications.wiring import use_cases
from services.chassis.context import CommandContext, acting_service
from services.chassis.events.parking import Parking
from services.chassis.testing import Suite
from tests.parameters import begin_with
from tests.pre_enrolments import SECRET, sample_sis
from tests.service.portal.applications.applying import form_of, running, somebody
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.test_reviewing import file_of
from tests.service.portal.browser import Browser, Form

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def hand_over(suite: Suite) -> None:
    """What the timer does at this moment."""
    await suite.settle()
    ports = suite.service("applications").service.ports
    assert ports.pre_enrolment is not None
    command = CommandContext(ports.clock.now(), "timer", acting_service("applications"))
    parking = Parking("applications", ports.store, ports.clock)
    await pre_enrolments.hand_over(use_cases(ports), ports.pre_enrolment, parking, command)
    await suite.settle()


async def many_are_tried_anew(suite: Suite, vera: Browser) -> None:
    """From the list, after a look at who they are; they are refused once more."""
    page = await vera.open("/gestion/pre-inscriptions")
    assert "INE inconnu dans Apogée" in page.words and "Müller" in page.words
    form = form_of(page, "/apercu?pile=refusees")
    none = await vera.send(Form(form.action, {name: value for name, value in form.fields.items() if name != "id"}))
    assert (none.status, "Cochez au moins une" in none.words) == (422, True)
    preview = await vera.send(form_of(page, "/apercu?pile=refusees"), whole="1")
    assert "1 pré-inscription sera demandée de nouveau" in preview.words
    done = await vera.send(form_of(preview, "/confirmation?pile=refusees"))
    assert "Pré-inscriptions demandées de nouveau : 1 sur 1." in done.words
    assert "Aucune pré-inscription dans cette liste" in (await vera.open("/gestion/pre-inscriptions")).words
    await hand_over(suite)
    late = await vera.send(form_of(preview, "/confirmation?pile=refusees"), key="another")
    assert (late.status, "a changé depuis l’aperçu" in late.words) == (409, True)
    (id,) = form_of(late, "/confirmation?pile=refusees").fields["ids"].split()
    page = await vera.open("/gestion/pre-inscriptions?pile=refusees")
    form = form_of(page, "/apercu?pile=refusees")
    one = await vera.send(Form(f"/gestion/pre-inscriptions/{id}/relance?pile=refusees", form.fields))
    assert (
        one.path.startswith("/gestion/pre-inscriptions") and "de nouveau demandée au système de scolarité" in one.words
    )
    await hand_over(suite)


async def test_a_refusal_is_read_by_staff_and_tried_anew_and_the_candidate_need_do_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acceptance 44, 87: where candidates are shown their code and the route."""
    shown = '[enrolment]\ncode_shown = "yes"\n[applications]\nroute_shown = "yes"\n'
    begin_with(monkeypatch, tmp_path / "first.toml", shown)
    async with sample_sis() as sis, running(tmp_path, pre_enrolment=sis.url, pre_enrolment_secret=SECRET) as suite:
        sis.now, sis.everybody = suite.clock.now, "INE inconnu dans Apogée"
        async with somebody(suite) as zoe, staff(suite, "vera") as vera:
            own = await submitted(zoe)
            page = await vera.open(f"{file_of(own)}/decision")
            await vera.send(page.forms[0], type="AVIS_FAVORABLE")
            await vera.send((await vera.open(f"{file_of(own)}/decision/validation")).forms[0])
            page = await zoe.send((await zoe.open(f"{own.path}/reponse")).forms[0], answer="accept")
            assert "Pré-inscription" in page.words and "Numéro de pré-inscription" in page.words
            await hand_over(suite)
            page = await zoe.open(own.path)
            assert "Le service de la scolarité doit reprendre votre pré-inscription" in page.words
            assert "INE inconnu" not in page.words
            page = await vera.open(file_of(own))
            assert "n’est plus transmis" not in (await vera.open(f"{file_of(own)}/frais")).words, (
                "it is, when tried anew"
            )
            assert "INE inconnu dans Apogée" in page.words and "Pré-inscription à reprendre" in page.words
            await many_are_tried_anew(suite, vera)
            sis.everybody = ""
            form = form_of(await vera.open(file_of(own)), "/pre-inscription")
            for _ in range(2):
                page = await vera.send(form)
                assert (page.status, page.path) == (200, file_of(own))
            await hand_over(suite)
            (code,) = sis.codes
            assert "n’est plus transmis" in (await vera.open(f"{file_of(own)}/frais")).words
            for page in (await zoe.open(own.path), await vera.open(file_of(own))):
                assert code in page.words and "/pre-inscription" not in str([form.action for form in page.forms])
            page = await zoe.open(own.path)
            assert "Gardez ce numéro" in page.words and "Type de traitement" in page.words
            page = await vera.send(form)
            assert (page.status, page.path) == (200, file_of(own)), "it was done meanwhile"
            assert "Pré-inscription relancée" in (await vera.open(f"{file_of(own)}/historique")).words
