"""Administrators plan, begin and end campaigns on pages, carry programmes over, and move deadlines, without JavaScript."""

from __future__ import annotations

import asyncio

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.applying import MER, form_of
from tests.service.portal.applications.staff import member, staff
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/gestion/campagnes"
NEXT = f"{HERE}/SUITE"
ADMIN = Grant(Role.ADMIN)
DAYS = {"starts_on": "2020-01-01", "ends_on": "2040-12-31"}


async def test_deadlines_are_moved_for_a_centre_within_ones_rights(suite: Suite, zoe: Uploader) -> None:
    here, elsewhere = "/gestion/dates-limites", Grant(Role.MANAGER, centres=("UPVD-LSH",))
    async with staff(suite, "dora", elsewhere) as dora, staff(suite, "dina") as dina:
        assert here in (await dina.open("/gestion/catalogue")).links
        form = form_of(await dina.open(here), here)
        for fields, anchor in (
            ({"submission_deadline": "2020-01-01", "reason": "x"}, "#submission_deadline"),
            ({"scope": "centre", "submission_deadline": "2020-01-01", "reason": "x"}, "#centre"),
            ({"scope": "programme", "submission_deadline": "2020-01-01", "reason": "x"}, "#programme"),
            ({"submission_deadline": "", "reason": "x"}, "#submission_deadline"),
            ({"programme": MER, "submission_deadline": "2030-01-01", "reason": "x"}, "#scope"),
            ({"scope": "", "submission_deadline": "2030-01-01", "reason": "x"}, "#scope"),
        ):
            page = await dina.send(form, **({"scope": "all"} | fields))
            assert page.status == 422 and anchor in page.links, page.words
        day = (suite.clock.now().date()).isoformat()
        right = {"scope": "programme", "programme": MER, "submission_deadline": day, "reason": "Panne du réseau"}
        page = await dora.send(form_of(await dora.open(here), here), **right)
        assert (
            page.status == 404 and "vous n’avez pas le droit d’en reporter" in page.words and "#programme" in page.links
        )
        for _ in range(2):
            page = await dina.send(form, **right)
            assert page.status == 200 and page.words.count("Panne du réseau") == 1
            assert f"Sciences de la mer ({MER})" in page.words
        assert [(await each.open(here)).status for each in (dora, zoe)] == [200, 403]


async def test_a_year_is_planned_begun_and_given_the_programmes_of_the_last(suite: Suite, zoe: Uploader) -> None:
    """One suite, in order: what ends a campaign ends it for all."""
    part = Grant(Role.ADMIN, centres=("UPVD-LSH",))
    async with member(suite, "cora", ADMIN) as cora, member(suite, "far", part) as far, staff(suite, "mila") as mila:
        for path in (HERE, "/gestion/nouvelle-campagne", f"{HERE}/X/activation", f"{HERE}/X/reconduction"):
            assert [(await each.open(path)).status for each in (far, mila, zoe)] == [404, 403, 403], path
        assert HERE in (await cora.open("/gestion/catalogue")).links
        (old,) = [link for link in (await cora.open(HERE)).links if link.endswith("/fermeture")]
        new = await cora.open("/gestion/nouvelle-campagne")
        form = form_of(new, "/gestion/nouvelle-campagne")
        page = await cora.send(form, code="é", label="Suite", starts_on="2040-01-01", ends_on="2030-01-01")
        assert page.status == 422 and {"#code"} <= set(page.links), page.words
        assert form_of(page, "/gestion/nouvelle-campagne").fields["label"] == "Suite"
        taken = old.split("/")[-2]
        page = await cora.send(form, code=taken, label="Autre", **DAYS)
        assert page.status == 409 and "déjà celui d’une campagne" in page.words
        for _ in range(2):
            page = await cora.send(form, code="SUITE", label="Année de suite", **DAYS)
            assert (page.status, page.address) == (200, HERE) and "Année de suite" in page.words
        page = await cora.open(NEXT)
        page = await cora.send(form_of(page, NEXT), label_en="The next year")
        assert form_of(await cora.open(NEXT), NEXT).fields["label_en"] == "The next year"
        foreseen = await cora.send(form_of(await cora.open(f"{NEXT}/reconduction"), "/apercu"), source=taken)
        assert foreseen.status == 200 and "n’est pas encore active" in foreseen.words
        assert "Reconduire 1" not in foreseen.words
        asked = await cora.open(f"{NEXT}/activation")
        for words in (
            "se termine",
            "Aucun mail n’annonce",
            "Ses listes complémentaires",
            "effacés 548 jours",
            "ne peut plus",
        ):
            assert words in asked.words, words
        assert "candidature ouverte n’est pas transmise" in asked.words or "candidatures ouvertes" in asked.words
        page = await cora.send(form_of(asked, "/activation"), ends="")
        assert page.status == 409 and "ont changé entre-temps" in page.words
        for _ in range(2):
            page = await cora.send(form_of(asked, "/activation"))
            assert (page.status, page.address) == (200, HERE) and "Fermée" in page.words
        page = await cora.send(form_of(await cora.open(f"{NEXT}/reconduction"), "/apercu"), shift="x")
        assert page.status == 422 and "#shift" in page.links
        form = form_of(await cora.open(f"{NEXT}/reconduction"), "/apercu")
        foreseen = await cora.send(form, source=taken, shift="weekday")
        assert "Ouverture des candidatures : " in foreseen.words and "seraient reconduites" in foreseen.words
        stale = form_of(foreseen, "/confirmation")
        page = await cora.send(stale, digest="0" * 32)
        assert page.status == 409 and "a changé depuis l’aperçu" in page.words
        done = await cora.send(stale)
        assert done.status == 200 and "formations reconduites" in done.words and f"/formations/{MER}" in done.links
        again = await cora.send(stale)
        assert again.status == 200 and "l’était déjà" in again.words, "pressed twice"
        async with asyncio.timeout(120):
            while (await zoe.open(f"/formations/{MER}")).status != 200:
                await asyncio.sleep(0.02)
        closing = await cora.open(f"{NEXT}/fermeture")
        page = await cora.send(form_of(closing, "/fermeture"))
        assert page.address == HERE and "Active" not in page.words
        assert (await cora.open(f"{NEXT}/activation")).address == HERE
