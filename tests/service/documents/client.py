"""What a candidate's program does with documents over HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pypdfium2

from services.chassis.security.tokens import verify_offline
from services.chassis.service.objects import KEY
from services.chassis.testing import Suite
from services.contracts.api.documents import UPLOAD_RECEIPT, encode_filename
from services.contracts.events.catalogue import Event
from services.documents.repository.documents import DOCUMENTS
from tests.service.documents.given import APPLICATION

UPLOADS = "/api/documents/uploads"
PARTS = f"{UPLOADS}?use=part"


async def put(
    suite: Suite,
    content: Any,
    media_type: str = "application/pdf",
    name: str | None = "cv.pdf",
    account: str = "ann",
    path: str = UPLOADS,
    **headers: str,
) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """Upload; answer status, body and headers."""
    sent = {**suite.bearer(account), "Content-Type": media_type, **headers}
    if name is not None:
        sent["X-Filename"] = encode_filename(name)
    body = io.BytesIO(content) if isinstance(content, bytes) else content
    async with suite.client.put(path, data=body, headers=sent) as response:
        return response.status, await response.json(content_type=None), response.headers


async def stored(suite: Suite, content: Any, account: str = "ann", **other: Any) -> dict[str, Any]:
    """The answer to an upload that must succeed."""
    status, answer, _ = await put(suite, content, account=account, **other)
    assert status == 201, answer
    return answer


async def part(suite: Suite, content: bytes, media_type: str = "image/jpeg", account: str = "ann", **other: Any) -> str:
    """The id of a photo that waits to be assembled."""
    status, answer, _ = await put(suite, content, media_type, account=account, path=PARTS, **other)
    assert status == 201, answer
    assert "receipt" not in answer
    return str(answer["document"])


async def assemble(
    suite: Suite, documents: Sequence[str], max_bytes: int | None = None, account: str = "ann", key: str | None = None
) -> tuple[int, dict[str, Any]]:
    """Make one PDF of parts; answer status and body."""
    body = {"documents": list(documents)} | ({} if max_bytes is None else {"max_bytes": max_bytes})
    sent = suite.bearer(account) | ({} if key is None else {"Idempotency-Key": key})
    async with suite.client.post(f"{UPLOADS}/assemble", json=body, headers=sent) as response:
        return response.status, await response.json()


async def refused(suite: Suite, content: Any, *args: Any, **other: Any) -> tuple[int, str]:
    """Status and slug of an upload that must be refused; nothing of it may stay."""
    status, answer, headers = await put(suite, content, *args, **other)
    assert headers["Content-Type"] == "application/problem+json"
    assert status == answer["status"]
    await nothing_stays(suite)
    return status, answer["slug"]


async def get(suite: Suite, id: str, account: str = "ann", method: str = "GET") -> tuple[int, bytes, Mapping[str, str]]:
    """Download."""
    path = f"/api/documents/documents/{id}"
    async with suite.client.request(method, path, headers=suite.bearer(account)) as response:
        return response.status, await response.read(), response.headers


async def claims(suite: Suite, receipt: str) -> dict[str, Any]:
    """What a receipt says, checked with the published keys alone."""
    async with suite.client.get("/api/documents/jwks.json") as response:
        return verify_offline(receipt, await response.json(), service="documents", typ=UPLOAD_RECEIPT)


async def tell(suite: Suite, *events: Event, service: str = "applications") -> None:
    """What another service tells, and is applied when this returns."""
    for event in events:
        await suite.publish(event, service)
    await suite.settle()


async def paper(
    suite: Suite, name: str = "receipt", account: str = "ann", language: str = "fr", application: str = APPLICATION
) -> tuple[int, bytes, Mapping[str, str]]:
    """A paper of an application."""
    path = f"/api/documents/applications/{application}/{name}.pdf"
    headers = suite.bearer(account) | {"Accept-Language": language}
    async with suite.client.get(path, headers=headers) as response:
        return response.status, await response.read(), response.headers


def words(pdf: bytes) -> str:
    """All that can be read in it, in one line."""
    text = " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))
    return " ".join(text.replace("\u00ad", "").replace("\u00a0", " ").replace("\u202f", " ").split())


async def keys(suite: Suite) -> list[str]:
    """All that stands in the object store, but for its name."""
    there = await suite.service("documents").service.ports.objects.list()
    return [info.key for info in there if info.key != KEY]


async def rows(suite: Suite) -> list[dict[str, Any]]:
    """All that stands in the store."""
    return await suite.service("documents").service.ports.store.find(DOCUMENTS.name, {}, limit=1000)


async def events(suite: Suite) -> list[tuple[str, dict[str, Any]]]:
    """Types and data of what documents has published."""
    await suite.settle()
    found = await suite.service("documents").service.ports.store.find("journal", {}, limit=1000)
    return [(body["type"], body["data"]) for body in (json.loads(row["body"]) for row in found)]


async def nothing_stays(suite: Suite) -> None:
    """Neither row nor bytes nor a temporary file."""
    assert await rows(suite) == []
    assert await keys(suite) == []
    incoming = suite.host.settings.data / "objects" / "incoming"
    assert not [file for file in incoming.iterdir() if file.is_file()]
