"""What the institution sets of documents counts while they run, for what comes from then on (ADR 45)."""

from __future__ import annotations

from services.chassis.testing import Suite
from tests.parameters import hear
from tests.service.documents.client import claims, put, stored
from tests.service.documents.test_retention import pass_days, stands
from tests.unit.documents import files

MOST = 2 * 2**20


async def test_the_largest_file_and_what_is_taken(suite: Suite) -> None:
    """Acceptance 48, 49: 2 Mo at Perpignan, at the limit and one past it."""
    await stored(suite, files.png(), media_type="image/png", name="scan.png")
    await hear(suite, {"documents.max_bytes": MOST, "documents.media_types": "application/pdf, image/jpeg"})
    status, problem, _ = await put(suite, files.pdf_of(MOST + 1), **{"Accept-Language": "en"})
    assert (status, problem["max_bytes"]) == (413, MOST)
    assert "2\N{NO-BREAK SPACE}MB" in problem["detail"]
    await stored(suite, files.pdf_of(MOST))
    status, problem, _ = await put(suite, files.png(), "image/png", "scan.png")
    assert (status, problem["allowed"]) == (415, ["application/pdf", "image/jpeg"])


async def test_how_many_one_person_may_have_that_nothing_holds(suite: Suite) -> None:
    """At the maximum and one past it; fewer than there are takes none away."""
    there = [await stored(suite, files.pdf(), **{"Idempotency-Key": f"upload-{n}"}) for n in range(3)]
    await hear(suite, {"documents.loose_per_account": 2})
    status, problem, _ = await put(suite, files.pdf())
    assert (status, problem["slug"], problem["max"]) == (409, "too-many-uploads", 2)
    assert [await stands(suite, each["document"]) for each in there] == [True] * 3
    await hear(suite, {"documents.loose_per_account": 4}, version=2)
    await stored(suite, files.pdf())
    assert (await put(suite, files.pdf()))[1]["max"] == 4


async def test_a_receipt_and_its_document_keep_the_end_that_they_were_given(suite: Suite) -> None:
    before = await stored(suite, files.pdf())
    await hear(suite, {"documents.loose_days": 3})
    after = await stored(suite, files.pdf())
    lives = [(await claims(suite, each["receipt"]))["exp"] - suite.clock.now().timestamp() for each in (before, after)]
    assert [round(life / 86_400) for life in lives] == [5, 1]
    await pass_days(suite, 3)
    assert [await stands(suite, each["document"]) for each in (before, after)] == [True, False]
    await pass_days(suite, 4)
    assert not await stands(suite, before["document"])
