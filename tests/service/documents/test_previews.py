"""Pages of documents as pictures, for who may read them (acceptance 52, 62, 126)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from services.chassis.context import Actor
from services.chassis.testing import Suite
from services.contracts.refusals import BUSY, RefusedError
from services.documents.repository.reads import READS
from services.documents.usecases.inspection.preview import LONGEST, WIDTH
from services.documents.usecases.previews import Reader, preview
from services.documents.wiring import use_cases
from tests.service.documents.client import stored
from tests.service.documents.test_staff_reading import EVERYWHERE, deposited, read
from tests.unit.documents import files


async def seen(suite: Suite, id: str, page: Any = 1, account: str = "ann") -> tuple[int, str, bytes]:
    """Status, what it is (a media type or a slug), and the bytes."""
    path, headers = f"/api/documents/documents/{id}/preview", suite.bearer(account)
    async with suite.client.get(path, params={"page": str(page)}, headers=headers) as response:
        if response.status >= 400:
            return response.status, (await response.json(content_type=None))["slug"], b""
        return response.status, response.content_type, await response.read()


async def pages(suite: Suite, id: str, account: str = "ann") -> tuple[int, Any]:
    async with suite.client.get(f"/api/documents/documents/{id}/pages", headers=suite.bearer(account)) as response:
        return response.status, (await response.json(content_type=None)).get("pages")


def picture(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


async def test_every_page_is_drawn_and_none_behind_the_last(suite: Suite) -> None:
    id = (await stored(suite, files.pdf(2)))["document"]
    assert await pages(suite, id) == (200, 2)
    for page in (1, 2):
        status, kind, content = await seen(suite, id, page)
        assert (status, kind, picture(content).width) == (200, "image/jpeg", WIDTH)
    assert await seen(suite, id, 3) == (409, "no-preview", b"")
    for wrong in ("0", "100001", "two"):
        assert (await seen(suite, id, wrong))[0] == 422


@pytest.mark.parametrize(("width", "height"), [(3000, 1500), (120, 4000)])
async def test_a_picture_is_one_page_no_larger_than_a_screen_wants(suite: Suite, width: int, height: int) -> None:
    id = (await stored(suite, files.jpeg(width, height), media_type="image/jpeg"))["document"]
    assert await pages(suite, id) == (200, 1)
    shown = picture((await seen(suite, id))[2])
    assert min(shown.size) <= WIDTH and max(shown.size) <= max(LONGEST, height)
    assert (await seen(suite, id, 2))[:2] == (409, "no-preview")


async def test_what_is_filled_into_a_form_is_drawn(suite: Suite) -> None:
    """Acceptance 52, 126."""
    shown = [
        (await seen(suite, (await stored(suite, files.filled_form(value)))["document"]))[2]
        for value in ("Zoé", "Quelqu'un d'autre")
    ]
    assert shown[0] != shown[1]


async def test_who_looks_at_too_many_pages_at_once_is_asked_to_come_back(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound of places, and one past it."""
    monkeypatch.setenv("PARVIS_DOCUMENTS_PREVIEWS_AT_ONCE", "1")
    id = (await stored(suite, files.pdf(1)))["document"]
    service = suite.service("documents").service
    app = use_cases(service.ports)
    document = await app.documents.readable(Actor("ann"), id)
    assert document is not None
    async with app.inspectors.open():
        with app.preview_places.take():
            with pytest.raises(RefusedError) as refused:
                await preview(app, Reader(Actor("eve"), None), id, document, 1)
            assert (refused.value.slug, bool(refused.value.retry_after)) == (BUSY, True)
        assert (await preview(app, Reader(Actor("eve"), None), id, document, 1)).pages == 1
        assert app.preview_places.taken == 0


async def test_foreign_and_unknown_ones_are_alike_and_staff_see_within_their_reach(suite: Suite) -> None:
    """Acceptance 62, 94: as the file itself, and noted."""
    id = await deposited(suite)
    for document, account in ((id, "bea"), ("0" * 26, "ann")):
        assert (await seen(suite, document, account=account))[:2] == (404, "not-found")
        assert (await pages(suite, document, account))[0] == 404
    elsewhere = {"role": "manager", "centres": ["LAW"]}
    for part in ("preview", "pages"):
        assert (await read(suite, f"documents/{id}/{part}", elsewhere))[0] == 404
        assert (await read(suite, f"documents/{id}/{part}", EVERYWHERE))[0] == 200
    store = suite.service("documents").service.ports.store
    assert [row["what"] for row in await store.find(READS.name, {})] == [f"preview:{id}"]
