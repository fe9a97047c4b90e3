"""Staff keep the catalogue on pages, without JavaScript: found, written, published, never over what another saved."""

from __future__ import annotations

import asyncio

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.applying import MER
from tests.service.portal.applications.staff import member, staff
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.browser import Browser

pytestmark = pytest.mark.asyncio(loop_scope="module")


HERE = f"/gestion/catalogue/{MER}"
ASKED = ("releves-bac", "cv")


async def test_a_programme_is_found_and_written(suite: Suite) -> None:
    async with staff(suite, "iris") as iris, Browser(suite.url) as nobody:
        before = [await nobody.open(f"/formations/{MER}") for _ in "12"]
        assert {page.heading for page in before} == {"Sciences de la mer"}
        listed = await nobody.open("/formations?q=sciences+mer")
        found = await iris.open("/gestion/catalogue?q=sciences+mer&etat=open")
        assert found.status == 200 and HERE in found.links
        page = await iris.open(HERE)
        page = await iris.tick(
            page.forms[0], "requirements", *ASKED, **{"title.fr": "Mers et océans", "capacity": "31"}
        )
        assert (page.status, page.address, page.heading) == (200, HERE, "Mers et océans")
        assert "Vos modifications sont enregistrées" in page.words and page.forms[0].fields["capacity"] == "31"
        async with asyncio.timeout(120):
            while (public := await iris.open(f"/formations/{MER}")).heading != "Mers et océans":
                await asyncio.sleep(0.02)
        assert "Curriculum vitae" in public.words
        assert "Lettre de motivation" not in public.words
        assert (await nobody.open(f"/formations/{MER}")).heading == "Mers et océans", (
            "who saw it before sees it at once"
        )
        assert "Mers et océans" not in listed.words
        assert "Mers et océans" in (await nobody.open("/formations?q=sciences+mer")).words


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(suite: Suite) -> None:
    async with staff(suite, "noe") as noe:
        page = await noe.open(HERE)
        wrong = {"capacity": "beaucoup", "dates.closes_on": "2026-01-01", "contact.address": "\r\n".join("ABCDEFG")}
        page = await noe.send(page.forms[0], **wrong)
        assert page.status == 422
        assert {"#capacity", "#dates.closes_on", "#contact.address"} <= set(page.links)
        assert page.forms[0].fields["capacity"] == "beaucoup"
        long = {"information.fr": "é" * 4001, "dates.closes_on": ""}
        page = await noe.send(page.forms[0], **long)
        assert page.status == 422 and "#information.fr" in page.links and "#dates.closes_on" in page.links
        assert page.forms[0].fields["information.fr"] == "é" * 4001


async def test_of_two_who_write_the_second_sees_what_the_first_has_saved(suite: Suite) -> None:
    async with staff(suite, "max") as max, staff(suite, "eva") as eva:
        of_max, of_eva = await max.open(HERE), await eva.open(HERE)
        assert (await max.send(of_max.forms[0], capacity="41")).status == 200
        page = await eva.send(of_eva.forms[0], capacity="42")
        assert page.status == 412 and "Une autre personne a modifié cette formation" in page.words
        assert "41" in page.words and page.forms[0].fields["capacity"] == "42"
        page = await eva.send(page.forms[0])
        assert page.status == 200 and page.forms[0].fields["capacity"] == "42"


async def test_a_programme_is_added_published_and_withdrawn(suite: Suite) -> None:
    async with staff(suite, "lou") as lou:
        page = await lou.open(HERE)
        fields = {name: value for name, value in page.forms[0].fields.items() if name not in ("version", "published")}
        new = await lou.open("/gestion/nouvelle-formation")
        fields |= {name: new.forms[0].fields[name] for name in ("key", "version", "published")}
        page = await lou.send(new.forms[0], **fields, code="é")
        assert page.status == 422 and "#code" in page.links
        page = await lou.send(page.forms[0], code=MER)
        assert page.status == 409 and "#code" in page.links
        page = await lou.send(page.forms[0], code="NOUVELLE")
        assert page.address == "/gestion/catalogue/NOUVELLE" and "Hors de l’offre" in page.words
        assert (await lou.open("/formations/NOUVELLE")).status == 404
        for words in ("Dans l’offre", "Hors de l’offre"):
            asked = await lou.open(f"{page.address}/publication")
            page = await lou.send(asked.forms[0])
            assert page.address == "/gestion/catalogue/NOUVELLE" and words in page.words
            again = await lou.send(asked.forms[0])
            assert again.status == 200 and words in again.words, "pressed twice"


async def test_nobody_writes_beyond_their_rights(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 92."""
    elsewhere = Grant(Role.MANAGER, centres=("UPVD-LSH",))
    async with staff(suite, "far", elsewhere) as far, staff(suite, "board", Grant(Role.COMMISSION)) as board:
        assert HERE not in (await far.open("/gestion/catalogue")).links
        assert [(await far.open(path)).status for path in (HERE, f"{HERE}/publication")] == [404, 404]
        assert [(await each.open("/gestion/catalogue")).status for each in (board, zoe)] == [403, 403]
    async with Browser(suite.url) as nobody:
        assert (await nobody.open("/gestion/catalogue")).address == "/connexion"


async def test_parameters_are_set_within_their_bounds_and_never_unseen(suite: Suite) -> None:
    here, admin = "/gestion/parametres", Grant(Role.ADMIN)
    async with member(suite, "ada", admin) as ada, member(suite, "alan", admin) as alan:
        of_ada, of_alan = await ada.open(here), await alan.open(here)
        assert of_ada.status == 200 and "De 1 à 1440." in of_ada.words
        wrong = {"accounts.link_hours": "1441", "mailer.gather_minutes": "x"}
        page = await ada.send(of_ada.forms[0], **wrong)
        assert page.status == 422 and {f"#{name}" for name in wrong} <= set(page.links)
        assert page.forms[0].fields["mailer.gather_minutes"] == "x" and "1440" in page.words
        wrong = {"accounts.link_hours": "1440", "mailer.gather_minutes": "0", "maintenance.windows": "jamais"}
        page = await ada.send(page.forms[0], **wrong)
        assert page.status == 422 and "#maintenance.windows" in page.links
        page = await ada.send(page.forms[0], **{"maintenance.windows": "", "retention.held": "NOWHERE"})
        assert page.status == 422 and "#retention.held" in page.links, "a hold on no campaign would hold nothing"
        right = {
            "retention.held": "",
            "accounts.link_hours": "1440",
            "mailer.gather_minutes": "0",
            "maintenance.windows": "02:00-02:10",
        }
        page = await ada.send(page.forms[0], **right)
        assert page.status == 200 and "Dernière modification : vous" in page.words
        page = await alan.send(of_alan.forms[0], **{"accounts.link_hours": "100"})
        assert page.status == 412 and "1440" in page.words and page.forms[0].fields["accounts.link_hours"] == "100"
        before = {name: of_alan.forms[0].fields[name] for name in right}
        page = await alan.send(page.forms[0], **before)
        assert page.status == 200 and page.forms[0].fields["accounts.link_hours"] == "120"
    async with staff(suite, "manager") as manager:
        assert (await manager.open(here)).status == 403
