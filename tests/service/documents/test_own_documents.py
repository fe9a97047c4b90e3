"""One's own documents as a list, page by page (acceptance 21, 62)."""

from __future__ import annotations

from services.chassis.testing import Suite
from services.contracts.events.accounts import AccountErased
from tests.service.documents.client import stored
from tests.unit.documents import files

DOCUMENTS = "/api/documents/documents"


async def pages(suite: Suite, limit: int, account: str = "ann") -> list[list[str]]:
    found: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        async with suite.client.get(DOCUMENTS, params=query, headers=suite.bearer(account)) as response:
            assert response.status == 200
            page = await response.json()
        found.append([item["document"] for item in page["items"]])
        after = page["next"]
    return found


async def test_one_sees_ones_own_page_by_page_and_nobody_elses(suite: Suite) -> None:
    own = [(await stored(suite, files.pdf(number + 1), name=f"cv d'été {number}.pdf")) for number in range(3)]
    other = await stored(suite, files.pdf(5), account="bob")
    ids = sorted(each["document"] for each in own)
    assert await pages(suite, 200) == [ids]
    assert await pages(suite, 3) == [ids]
    assert await pages(suite, 2) == [ids[:2], ids[2:]]
    assert await pages(suite, 200, "bob") == [[other["document"]]]
    async with suite.client.get(DOCUMENTS, headers=suite.bearer("ann")) as response:
        item = (await response.json())["items"][0]
    assert item.keys() == {"document", "filename", "media_type", "size", "sha256", "stored_at"}
    assert item["filename"].startswith("cv d'été") and item["media_type"] == "application/pdf"


async def test_what_is_erased_is_not_listed(suite: Suite) -> None:
    await stored(suite, files.pdf())
    await suite.publish(AccountErased(account="ann", campaign="2027"), "accounts")
    await suite.settle()
    assert await pages(suite, 200) == [[]]


async def test_limits_are_said(suite: Suite) -> None:
    for query in ({"limit": "0"}, {"limit": "201"}, {"after": "x"}, {"more": "1"}):
        async with suite.client.get(DOCUMENTS, params=query, headers=suite.bearer("ann")) as response:
            assert response.status == 422
