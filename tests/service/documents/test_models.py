"""Staff put files that candidates fill in: checked as what is given back, for everybody to have, and there for good."""

from __future__ import annotations

import io
from typing import Any

from services.chassis.testing import Suite
from services.contracts.api.documents import encode_filename
from services.documents.domain.models import MOST
from services.documents.repository.models import MODELS
from tests.candidate import pdf
from tests.service.documents.client import stored
from tests.unit.documents import files

MODEL = "/api/documents/models/lettre-recommandation"


async def put(suite: Suite, content: bytes, role: str = "manager", path: str = MODEL) -> tuple[int, Any]:
    headers = suite.bearer("kim", kind="staff", grants=[{"role": role, "centres": ["SEE"]}])
    headers |= {"Content-Type": "application/pdf", "X-Filename": encode_filename("Modèle à remplir.pdf")}
    async with suite.client.put(path, data=io.BytesIO(content), headers=headers) as response:
        return response.status, await response.json()


async def test_a_model_is_kept_under_an_address_of_its_own_and_given_to_everybody(suite: Suite) -> None:
    """Acceptance 52: it can be viewed, downloaded and given back, whole or by ranges; another one changes nothing of it."""
    content, other = pdf(3000), pdf(4000)
    status, kept = await put(suite, content)
    assert status == 200, kept
    assert await put(suite, content) == (200, kept), "twice is once"
    address = kept["model_document"]
    assert address == f"{MODEL}.{kept['sha256'][:16]}.pdf"
    assert (kept["requirement"], kept["filename"], kept["size"]) == (
        "lettre-recommandation",
        "Modèle à remplir.pdf",
        len(content),
    )
    newer = (await put(suite, other, "registrar"))[1]
    assert newer["model_document"] != address
    async with suite.client.get(address) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "application/pdf")
        assert response.headers["Content-Disposition"].startswith("inline;")
        assert response.headers["Cache-Control"] == "public, max-age=86400, immutable"
        tag, given = response.headers["ETag"], await response.read()
        assert given == content
    async with suite.client.get(f"{address}?download=true") as response:
        assert response.headers["Content-Disposition"].startswith("attachment;")
    async with suite.client.get(address, headers={"If-None-Match": tag}) as response:
        assert response.status == 304
    async with suite.client.head(address) as response:
        assert (response.status, response.content_length) == (200, len(content))
    for range, part in (("bytes=0-99", content[:100]), ("bytes=100-", content[100:]), ("bytes=-7", content[-7:])):
        async with suite.client.get(address, headers={"Range": range, "If-Range": tag}) as response:
            assert (response.status, await response.read()) == (206, part)
            begin = content.index(part)
            assert response.headers["Content-Range"] == f"bytes {begin}-{begin + len(part) - 1}/{len(content)}"
    for headers in ({"Range": f"bytes={len(content)}-"}, {"Range": "bytes=0-1", "If-Range": '"other"'}):
        async with suite.client.get(address, headers=headers) as response:
            assert (response.status, await response.read()) == (200, content)
    async with suite.client.get(address.replace("lettre", "autre")) as response:
        assert response.status == 404
    assert (await stored(suite, given))["sha256"] == kept["sha256"]


async def test_what_candidates_could_not_give_back_is_no_model(suite: Suite) -> None:
    def dynamic(made: Any) -> None:
        made.Root.NeedsRendering = True

    for content, status, slug in (
        (files.encrypted_pdf(), 422, "encrypted"),
        (files.pdf_with(dynamic), 422, "active-content"),
        (files.pdf()[:-400], 422, "damaged"),
        (b"", 422, "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), 415, "type-not-allowed"),
        (bytes(5 * 2**20 + 1), 413, "too-large"),
    ):
        found, body = await put(suite, content)
        assert (found, body.get("slug")) == (status, slug), body
    for role, status in (("commission", 403), ("support", 403), ("admin", 200)):
        assert (await put(suite, pdf(), role))[0] == status


async def test_so_many_models_are_kept_and_no_more(suite: Suite) -> None:
    store, last = suite.service("documents").service.ports.store, pdf(4000)
    rows = [{"_id": f"m.{number:016x}.pdf", "version": 1} for number in range(MOST - 1)]
    for start in range(0, len(rows), 1000):
        await store.append(MODELS.name, rows[start : start + 1000])
    assert (await put(suite, last))[0] == 200
    status, refused = await put(suite, pdf(5000))
    assert (status, refused["slug"], refused["max"]) == (409, "too-many-models", MOST)
    assert (await put(suite, last))[0] == 200, "what is there may be put again"
