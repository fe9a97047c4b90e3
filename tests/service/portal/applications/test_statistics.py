"""How many files there are, as staff see it (acceptance 99)."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.uploading import Uploader
from tests.service.portal.people import log_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/gestion/statistiques"


async def test_numbers_stand_beside_what_files_became_and_lead_to_them(suite: Suite, zoe: Uploader) -> None:
    await submitted(zoe)
    await suite.settle()
    async with staff(suite, "nora") as nora:
        assert HERE in (await nora.open("/gestion?etat=toutes")).links
        page = await nora.open(HERE)
        assert (page.status, page.heading) == (200, "Statistiques")
        address = next(link for link in page.links if link.startswith(HERE) and "formation=" in link)
        row = page.html[page.html.index(address.replace("&", "&amp;")) :]
        row = row[: row.index("</tr>")]
        counted = dict(re.findall(r'data-label="([^"]+)">(\d+)<', row))
        assert int(counted["Ouvertes"]) >= int(counted["Transmises"]) >= 1
        assert row.count("<rect") == 4
        alone = await nora.open(next(link for link in page.links if link.startswith(HERE) and "centre=" in link))
        assert alone.status == 200 and address in alone.links
        days = await nora.open(address)
        assert days.status == 200 and days.html.count("parvis-days__submitted") >= 1
        opened = [int(each) for each in re.findall(r'data-label="Ouvertes">(\d+)<', days.html)]
        assert sum(opened) == int(counted["Ouvertes"])
        files = next(link for link in days.links if link.startswith("/gestion?etat=toutes&formation="))
        assert (await nora.open(files)).status == 200
        beyond = await nora.open(f"{HERE}?campagne=1999")
        assert "Aucune candidature pour le moment" in beyond.words
        assert (await nora.open(f"{HERE}?campagne={'x' * 100}")).status == 422


async def test_who_sits_on_a_commission_is_told_none(suite: Suite) -> None:
    async with staff(suite, "paul", Grant(Role.COMMISSION)) as paul:
        assert HERE not in (await paul.open("/gestion")).links
        assert (await paul.open(HERE)).status == 403


async def test_who_examines_no_files_finds_them_all_the_same(suite: Suite, zoe: Uploader) -> None:
    await submitted(zoe)
    await suite.settle()
    for role in (Role.READONLY, Role.REGISTRAR, Role.ADMIN):
        async with Uploader(suite.url) as browser:
            await appointed(suite, browser, f"{role}.counts@univ.test", Grant(role))
            begun = await log_in(browser, f"{role}.counts@univ.test")
            assert HERE in begun.links
            assert (begun.address == HERE) == (role is Role.READONLY)
            page = await browser.open(HERE)
            days = next(link for link in page.links if link.startswith(HERE) and "formation=" in link)
            for shown in (page, await browser.open(days)):
                assert shown.status == 200
                assert not [link for link in shown.links if link.partition("?")[0] == "/gestion"]
