"""Staff take a document in for a candidate, whose it is from then on (ADR 83)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Final

from services.chassis.testing import Suite
from services.contracts.events.accounts import AccountErased, ClosingChanged
from services.contracts.events.offers import ProgrammePublished
from tests.service.documents.client import tell
from tests.service.documents.given import APPLICATION, changed
from tests.service.documents.test_staff_reading import programme, read
from tests.unit.documents import files

CONTENT: Final = files.pdf(1)
MANAGER: Final[Mapping[str, Any]] = {"role": "manager", "centres": ["SEE"]}
SUPPORT: Final[Mapping[str, Any]] = {"role": "support"}


async def upload(suite: Suite, *grants: Mapping[str, Any], key: str = "k", content: bytes = CONTENT) -> tuple[int, Any]:
    headers = suite.bearer("kim", kind="staff", grants=list(grants))
    headers |= {"Content-Type": "application/pdf", "X-Filename": "cv.pdf", "Idempotency-Key": key}
    url = f"/api/documents/applications/{APPLICATION}/uploads"
    async with suite.client.put(url, data=content, headers=headers) as response:
        return response.status, await response.json(content_type=None)


async def own(suite: Suite) -> list[str]:
    async with suite.client.get("/api/documents/documents", headers=suite.bearer("ann")) as response:
        return [each["document"] for each in (await response.json())["items"]]


async def test_what_staff_take_in_is_the_candidates(suite: Suite) -> None:
    """Acceptance 48, 62, 92: the receipt is for the candidate, sent twice it is one, and it goes with its owner."""
    assert (await upload(suite, MANAGER))[0] == 404, "of no file is anything known"
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await tell(suite, changed(state="draft"))
    for none in ({"role": "commission"}, {"role": "readonly"}, {"role": "admin"}):
        assert (await upload(suite, none))[0] == 403
    assert (await upload(suite, {"role": "manager", "centres": ["AUTRE"]}))[0] == 404
    status, first = await upload(suite, MANAGER)
    assert (status, await upload(suite, MANAGER)) == (201, (201, first))
    assert (await upload(suite, MANAGER, content=files.pdf(2)))[1]["slug"] == "idempotency-key-reused"
    assert (await upload(suite, MANAGER, key="bad", content=b"no PDF"))[0] == 422
    assert await own(suite) == [first["document"]]
    claims = json.loads(urlsafe_b64decode(first["receipt"].split(".")[1] + "=="))
    assert (claims["sub"], claims["document"]) == ("ann", first["document"])
    assert (await read(suite, f"documents/{first['document']}", MANAGER))[0] == 404, "it lies in no file yet"
    status, second = await upload(suite, SUPPORT, key="other")
    assert status == 201
    assert sorted(await own(suite)) == sorted([first["document"], second["document"]])
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    assert await own(suite) == []
    assert (await upload(suite, MANAGER, key="late"))[0] == 404


async def test_nothing_is_taken_in_for_a_file_that_its_candidate_does_not_know(suite: Suite) -> None:
    """ADR 88."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await tell(suite, changed(state="complete", concealed=True))
    assert (await upload(suite, MANAGER))[0] == 404


async def test_nothing_is_taken_in_for_a_file_that_is_not_being_filled_in(suite: Suite) -> None:
    """Acceptance 94: it would lie in the candidate's room for nothing; what was taken in before is answered again."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await tell(suite, changed(state="draft"))
    before = await upload(suite, MANAGER, key="before")
    assert before[0] == 201
    for state in ("submitted", "complete", "cancelled"):
        await tell(suite, changed(state=state))
        status, body = await upload(suite, SUPPORT, key=state)
        assert (status, body["slug"]) == (409, "file-frozen")
        assert await upload(suite, MANAGER, key="before") == before
    await tell(suite, changed(state="incomplete"))
    assert (await upload(suite, MANAGER, key="after", content=files.pdf(2)))[0] == 201
    assert len(await own(suite)) == 2


async def test_nothing_is_taken_in_for_a_closed_account(suite: Suite) -> None:
    """ADR 92: nothing is added to it; what was taken in before is answered again."""
    await tell(suite, ProgrammePublished(code="M1-MER", programme=programme()), service="offers")
    await tell(suite, changed(state="draft"))
    before = await upload(suite, MANAGER, key="before")
    told = {"account": "ann", "campaign": "2027"}
    await tell(suite, ClosingChanged(**told, kept="lea", closed_at="2027-02-02T09:00:00.000Z"), service="accounts")
    status, body = await upload(suite, SUPPORT, key="late")
    assert (status, body["slug"]) == (409, "candidate-account-closed")
    assert await upload(suite, MANAGER, key="before") == before
    await tell(suite, ClosingChanged(**told, kept=None, closed_at=None), service="accounts")
    assert (await upload(suite, SUPPORT, key="late"))[0] == 201
