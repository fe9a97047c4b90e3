"""Staff take the letters of many files away in one download: as their candidates have them, and what lacks is named."""

from __future__ import annotations

import io
from typing import Any, Final

import pikepdf
import pytest

from services.chassis.testing import Suite
from services.contracts.api.bundles import MAX_FILES
from services.documents.repository.reads import READS
from tests.service.documents.client import paper, rows, tell, words
from tests.service.documents.given import changed, submitted
from tests.service.documents.test_bundles import UNKNOWN, application, appointed, ask, done, fetched, unpacked, wanted
from tests.service.documents.test_letters import ADMITTED, REJECTED

OTHER: Final[dict[str, Any]] = {"account": "bob", "file_number": "BB34CD56"}


async def lettered(suite: Suite) -> list[str]:
    """Ann is admitted, Bob rejected; of Ann’s second file nothing is decided, of her third no profile is known."""
    await appointed(suite)
    await tell(
        suite,
        changed(application=application(1), state="complete", submission=submitted(), letter=ADMITTED),
        changed(application=application(2), state="complete", submission=submitted(), letter=REJECTED, **OTHER),
        changed(application=application(3), state="complete", submission=submitted()),
        changed(application=application(4), state="complete", letter=ADMITTED),
    )
    return [application(1), application(2), application(3), application(4), UNKNOWN]


async def test_a_zip_has_the_letter_of_each_file_and_names_those_that_lack(suite: Suite) -> None:
    """Acceptance 86: the same bytes as their candidates have, made by whoever asks first, and noted at the download."""
    ids = await lettered(suite)
    status, first, _ = await paper(suite, "letter", application=application(1))
    assert status == 200
    id = await wanted(suite, "letters", ids)
    ready = await done(suite, id)
    assert (ready["state"], ready["total"], ready["left_out"]) == ("ready", 5, 3), ready
    entries = unpacked(await fetched(suite, id))
    report = entries.pop("LISEZMOI.txt").decode("utf-8-sig")
    admitted, rejected = entries.values()
    assert admitted == first and "n’a pas été retenue" in " ".join(words(rejected).split())
    assert rejected == (await paper(suite, "letter", account="bob", application=application(2)))[1]
    assert report.count("il n’y a pas de lettre pour ce dossier") == 1
    assert report.count("cette lettre n’a pas pu être préparée") == 1
    assert report.count(UNKNOWN) == 1 and "en français" in report
    store = suite.service("documents").service.ports.store
    kept = {row["what"] for row in await store.find(READS.name, {}, limit=10)}
    assert kept >= {f"bundle:{each}" for each in ids[:2]}


async def test_one_pdf_has_all_letters_to_be_printed(suite: Suite) -> None:
    """In the language of who asks, behind a page that tells what is in it."""
    ids = await lettered(suite)
    body = {"kind": "letters-pdf", "applications": ids[:3]}
    status, answer, _ = await ask(suite, "POST", json=body, headers={"Accept-Language": "en"})
    assert status == 202
    assert (await done(suite, answer["id"]))["left_out"] == 1
    status, content, headers = await ask(suite, "GET", f"/{answer['id']}/file")
    assert (status, headers["Content-Type"]) == (200, "application/pdf") and '.pdf"' in headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
        assert len(outline.root) == 3 and len(pdf.pages) == 3
    said = words(content)
    assert "in English" in said and "pleased" in said and "there is no letter for this application" in said


async def test_none_at_all_is_said_and_one_that_is_lost_does_not_keep_the_others(suite: Suite) -> None:
    """Rights count, file by file; whose letters are beyond the reach of who asks has none of them."""
    ids = await lettered(suite)
    assert (await done(suite, await wanted(suite, "letters", [ids[2]])))["reason"] == "nothing"
    assert (await paper(suite, "letter", application=application(1)))[0] == 200
    (row,) = await rows(suite)
    await suite.service("documents").service.ports.objects.delete(row["object"])
    id = await wanted(suite, "letters", ids[:2])
    assert (await done(suite, id))["left_out"] == 1
    entries = unpacked(await fetched(suite, id))
    assert "cette lettre n’a pas pu être préparée" in entries["LISEZMOI.txt"].decode("utf-8-sig")
    assert len(entries) == 2
    status, refused, _ = await ask(
        suite,
        "POST",
        json={"kind": "letters", "applications": ids[:2]},
        grants=[{"role": "manager", "centres": ["OTHER"]}],
    )
    assert (status, refused["slug"]) == (404, "not-found")


@pytest.mark.parametrize(("count", "status"), [(MAX_FILES, 202), (MAX_FILES + 1, 422)])
async def test_there_is_an_end_to_their_number(suite: Suite, count: int, status: int) -> None:
    ids = await lettered(suite)
    many = [ids[0], *(application(1000 + number) for number in range(count - 1))]
    assert (await ask(suite, "POST", json={"kind": "letters", "applications": many}))[0] == status
