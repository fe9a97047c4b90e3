"""A file that comes in pieces is the same file in both sizes: pieces are objects, of which the store keeps the list."""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.candidate import Candidate, Mailbox, pdf
from tests.cluster import Cluster
from tests.processes import SuiteProcess

PARTIAL = "/api/documents/uploads/partial"
HALF = 400_000


async def test_what_was_cut_off_goes_on_and_lands_in_its_piece(suite: SuiteProcess | Cluster) -> None:
    """Acceptance 49."""
    content = pdf(2 * HALF)

    def piece(offset: int, *, last: bool = False) -> dict[str, Any]:
        said = {"Upload-Offset": f"{offset}", "Upload-Complete": "?1" if last else "?0"}
        headers = {"Content-Type": "application/partial-upload", **said}
        return {"data": content[offset : offset + HALF], "headers": headers}

    async with aiohttp.ClientSession() as client:
        person = Candidate(client, suite.base, Mailbox(suite.data / "mail"), insist=True)
        await person.becomes_known()
        await person.opens(await person.finds("energie solaire"))
        told = {"length": len(content), "media_type": "application/pdf", "filename": "cv.pdf"}
        place = f"{PARTIAL}/{(await person.must('POST', PARTIAL, 201, json=told))['id']}"
        assert (await person.must("PATCH", place, 200, **piece(0)))["offset"] == HALF
        assert (await person.must("PATCH", place, 409, **piece(0)))["offset"] == HALF
        made = await person.must("PATCH", place, 200, **piece(HALF, last=True))
        assert made == await person.must("PATCH", place, 200, **piece(len(content), last=True))
        receipt = {"receipt": made["upload"]["receipt"]}
        deposited = await person.must("PUT", f"{person.place}/pieces/cv", 200, json=receipt)
        (cv,) = [each for each in deposited["pieces"] if each["code"] == "cv"]
        assert cv["document"]["sha256"] == made["upload"]["sha256"]
        assert cv["document"]["filename"] == "cv.pdf"
        await person.must("DELETE", place, 204)
