"""Questions to a running suite."""

from collections.abc import Mapping
from typing import Any

from services.chassis.testing import Suite

OFFERS = "/api/offers"


async def get(
    suite: Suite, path: str, query: Mapping[str, str] | None = None, *, language: str = "fr", status: int = 200
) -> Any:
    """The JSON of an answer that has this status."""
    headers = {"Accept-Language": language}
    async with suite.client.get(f"{OFFERS}{path}", params=query or {}, headers=headers) as answer:
        body = await answer.json(content_type=None)
        assert answer.status == status, body
        return body


async def codes(suite: Suite, **query: str) -> list[str]:
    """The codes of the first page of programmes."""
    return [item["code"] for item in (await get(suite, "/programmes", query))["items"]]
