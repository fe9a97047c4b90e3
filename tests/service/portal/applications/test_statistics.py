"""How many files there are, as staff see it (acceptance 99)."""

from __future__ import annotations

import re

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.staff import staff
from tests.service.portal.applications.test_examined import submitted
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERE = "/gestion/statistiques"


async def test_numbers_stand_beside_what_files_became_and_lead_to_them(suite: Suite, zoe: Uploader) -> None:
    await submitted(zoe)
    await suite.settle()
    async with staff(suite, "nora") as nora:
        assert HERE in (await nora.open("/gestion?etat=toutes")).links
        page = await nora.open(HERE)
        assert (page.status, page.heading) == (200, "Statistiques")
        address = next(link for link in page.links if link.startswith("/gestion?etat=toutes&formation="))
        row = page.html[page.html.index(address.replace("&", "&amp;")) :]
        counted = dict(re.findall(r'data-label="([^"]+)">(\d+)<', row[: row.index("</tr>")]))
        assert int(counted["Ouvertes"]) >= int(counted["Transmises"]) >= 1
        assert row.count("<rect", 0, row.index("</tr>")) == 4
        assert (await nora.open(address)).status == 200
        beyond = await nora.open(f"{HERE}?campagne=1999")
        assert "Aucune candidature pour le moment" in beyond.words
        assert (await nora.open(f"{HERE}?campagne={'x' * 100}")).status == 422


async def test_who_sits_on_a_commission_is_told_none(suite: Suite) -> None:
    async with staff(suite, "paul", Grant(Role.COMMISSION)) as paul:
        assert HERE not in (await paul.open("/gestion")).links
        assert (await paul.open(HERE)).status == 403
