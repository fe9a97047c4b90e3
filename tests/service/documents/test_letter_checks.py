"""Letters of admission have a code that leads to whether they are genuine, to be seen by whoever holds one (ADR 107)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pypdfium2
import zxingcpp

from services.chassis.clock import FixedClock
from services.chassis.context import CommandContext, acting_service
from services.chassis.testing import Suite
from services.contracts.api.letter_checks import LONGEST_NAME
from services.contracts.events.accounts import AccountErased
from services.contracts.events.letter_parts import ConditionPart
from services.contracts.events.offers import TextPart
from services.documents.domain.letter_tries import NAMES, NAMES_OF_DAY
from tests.service.documents.client import paper, rows, tell, words
from tests.service.documents.given import IDENTITY
from tests.service.documents.test_letters import ADMITTED, REJECTED, told


def address_on(pdf: bytes) -> list[str]:
    """What the codes on the last page lead to."""
    *_, page = pypdfium2.PdfDocument(pdf)
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [each.text for each in zxingcpp.read_barcodes(page.render(scale=2).to_pil(), formats=formats)]


async def check(suite: Suite, code: str) -> tuple[int, Mapping[str, Any]]:
    async with suite.client.get(f"/api/documents/letters/{code}") as response:
        return response.status, await response.json()


async def named(suite: Suite, code: str, name: str) -> tuple[int, Mapping[str, Any]]:
    async with suite.client.post(f"/api/documents/letters/{code}/name", json={"name": name}) as response:
        return response.status, await response.json()


async def lettered(suite: Suite, language: str = "fr") -> str:
    """The code on the letter that there is."""
    status, pdf, _ = await paper(suite, "letter", language=language)
    assert status == 200
    (address,) = address_on(pdf)
    assert address in words(pdf).replace(" ", "")
    assert address.startswith(f"{suite.host.settings.base_url}/lettre/")
    return address.rpartition("/")[2]


async def test_whoever_holds_a_letter_sees_what_it_says_and_whether_it_counts_and_no_name(suite: Suite) -> None:
    """Each language has its own; one that another took the place of, or whose place was given up, counts no more."""
    condition = ConditionPart(label=TextPart(fr="Obtenir la licence"), until="2027-09-30")
    conditional = ADMITTED.model_copy(update={"conditions": [condition], "final": False})
    await told(suite, conditional)
    code, english = await lettered(suite), await lettered(suite, "en")
    status, found = await check(suite, code)
    assert (status, found["standing"], found["language"], found["names"]) == (200, "genuine", "fr", True)
    facts = {each["label"]: " ".join(each["text"].split()) for each in found["facts"]}
    assert facts["Formation"] == "Sciences de la mer" and facts["Décision du"] == "1er mars 2027"
    assert facts["Admission sous condition (1)"] == "Obtenir la licence, au plus tard le 30 septembre 2027"
    assert "Müller" not in str(found) and str(IDENTITY.given_name) not in str(found)
    assert {row["sha256"] for row in await rows(suite)} >= {found["sha256"]}
    assert (await check(suite, english))[1]["standing"] == "genuine"
    await told(suite, conditional.model_copy(update={"final": True}))
    newer = await lettered(suite)
    assert [(await check(suite, each))[1]["standing"] for each in (code, english, newer)] == [
        "replaced",
        "replaced",
        "genuine",
    ]
    await told(suite, None)
    assert (await check(suite, newer))[1]["standing"] == "replaced"


async def test_a_name_is_compared_and_never_told(suite: Suite) -> None:
    """However it is written; with names of the longest there may be."""
    await told(suite)
    code = await lettered(suite)
    for name in ("Ann Müller-L’Hôte", "MULLER L'HOTE ann", " ann   müller-l’hôte "):
        assert await named(suite, code, name) == (200, {"agrees": True}), name
    for name in ("Ann Muller", "Eve Müller-L’Hôte", "-", "é" * LONGEST_NAME):
        assert await named(suite, code, name) == (200, {"agrees": False}), name
    for name in ("", "é" * (LONGEST_NAME + 1)):
        assert (await named(suite, code, name))[0] == 422
    assert "name" not in (await rows(suite))[0] and "Müller" not in str((await rows(suite))[0]["proof"])


async def test_names_are_tried_a_few_times_an_hour_on_one_letter(suite: Suite) -> None:
    """By everybody together, a right one too; what it says is still there to be seen, and other letters have their own."""
    await told(suite)
    code, other = await lettered(suite), await lettered(suite, "en")
    for number in range(NAMES.times):
        assert await named(suite, code, f"Ann {number}") == (200, {"agrees": False})
    status, refused = await named(suite, code, "Ann Müller-L’Hôte")
    assert (status, refused["type"].rpartition("/")[2]) == (429, "too-many-names"), refused
    assert (await check(suite, code))[0] == 200 and (await named(suite, other, "Ann"))[0] == 200
    assert isinstance(suite.clock, FixedClock)
    suite.clock.advance(seconds=NAMES.window.total_seconds())
    assert await named(suite, code, "Ann Müller-L’Hôte") == (200, {"agrees": True})
    store = suite.service("documents").service.ports.store
    assert code not in str(await store.find("letter_tries", {}, limit=9))
    (timer,) = [each for each in suite.service("documents").service.timers if each.name == "letter-tries"]
    suite.clock.advance(seconds=NAMES_OF_DAY.window.total_seconds())
    assert await timer.run(CommandContext(suite.clock.now(), "test", acting_service("documents"))) == 2
    assert await store.find("letter_tries", {}, limit=9) == []


async def test_what_is_no_letter_of_admission_here_is_unknown(suite: Suite) -> None:
    """One of rejection has no code; one of somebody who is gone is as if it had never been."""
    await told(suite, REJECTED)
    _, pdf, _ = await paper(suite, "letter")
    assert address_on(pdf) == []
    (row,) = await rows(suite)
    for code in (row["_id"], "0" * 26):
        assert (await check(suite, code))[0] == (await named(suite, code, "Ann"))[0] == 404
    assert (await check(suite, "no-code"))[0] == 404
    await told(suite, ADMITTED, decision="d2")
    code = await lettered(suite)
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    assert (await check(suite, code))[0] == (await named(suite, code, "Ann"))[0] == 404
    assert not any("proof" in row for row in await rows(suite))
