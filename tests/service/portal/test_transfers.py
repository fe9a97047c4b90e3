"""Files on their way through the portal: bounded, whole or broken off, and never in the way of pages."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.chassis.http.places import ACCOUNT_SHARE, Party, Places
from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, form_of, give, log_in_as, running, somebody
from tests.service.portal.applications.uploading import Uploader, multipart
from tests.service.portal.people import PASSWORD

LARGE = 2 * 2**20
PLACES = 3

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def places() -> Places:
    return Places("transfers", PLACES, retry_seconds=5)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory, places: Places) -> AsyncIterator[Suite]:
    async with running(tmp_path_factory.mktemp("suite"), places) as suite:
        yield suite


@pytest_asyncio.fixture(loop_scope="module")
async def zoe(suite: Suite) -> AsyncIterator[Uploader]:
    """Somebody who is logged in and may apply."""
    async with somebody(suite) as browser:
        yield browser


async def account_of(suite: Suite, email: str) -> str:
    """The id of somebody's account, by the API."""
    async with suite.client.post("/api/accounts/sessions", json={"login": email, "password": PASSWORD}) as response:
        token = (await response.json())["access_token"]
    async with suite.client.get("/api/accounts/me", headers={"Authorization": f"Bearer {token}"}) as response:
        return str((await response.json())["account"])


async def all_free(places: Places) -> None:
    """Wait until nothing is on its way: a place is left after the last byte has gone."""
    async with asyncio.timeout(120):
        while places.taken:
            await asyncio.sleep(0.05)


async def test_as_many_files_are_on_their_way_as_there_are_places_and_pages_go_on(
    zoe: Uploader, places: Places
) -> None:
    """Acceptance 108: at the bound, and one past it, up and down; what is refused can be sent again."""
    page = await apply(zoe)
    held = [places.take() for _ in range(PLACES - 1)]
    page = await give(zoe, page, "lettre-motivation", content := pdf(), "lettre.pdf")
    assert page.status == 200
    held.append(places.take())
    refused = await give(zoe, page, "cv", pdf())
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert 'id="piece-cv-error"' in refused.html and "cv.pdf" not in refused.words
    file = f"{page.address}/pieces/lettre-motivation/fichier"
    down = await zoe.open(file)
    assert (down.status, down.headers["Retry-After"]) == (503, "5")
    assert (await zoe.open(page.address)).status == 200
    for place in held:
        place.leave()
    assert (await give(zoe, refused, "cv", pdf())).status == 200
    assert (await zoe.take(file)).content == content
    await all_free(places)


async def test_one_person_takes_no_more_than_a_share(suite: Suite, zoe: Uploader, places: Places) -> None:
    async with Uploader(suite.url) as max_:
        await log_in_as(suite, max_, "max@example.org", profile=True)
        page, others = await apply(max_), await apply(zoe)
        with places.take(Party(await account_of(suite, "max@example.org"), ACCOUNT_SHARE)):
            refused = await give(max_, page, "cv", pdf())
            assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
            assert (await give(zoe, others, "cv", pdf())).status == 200
        assert (await give(max_, refused, "cv", pdf())).status == 200


async def test_a_broken_line_gives_its_place_back(zoe: Uploader, places: Places) -> None:
    form = form_of(await apply(zoe), "/pieces/cv")
    body, media_type = multipart(form.fields, "cv.pdf", pdf(LARGE))
    for _ in range(PLACES + 1):
        await zoe.hang_up(form.action, body[: len(body) // 2], len(body), media_type)
    async with asyncio.timeout(120):
        while (await zoe.send_file(form, "cv.pdf", pdf())).status == 429:
            await asyncio.sleep(0.05)
    await all_free(places)


async def test_asked_for_the_head_of_a_file_no_byte_of_it_is_sent(zoe: Uploader) -> None:
    """RFC 9110, section 9.3.2: on a line that stays open it would be read as the next answer."""
    page = await give(zoe, await apply(zoe), "cv", content := pdf())
    head, _, body = (await zoe.on_the_line("HEAD", f"{page.address}/pieces/cv/fichier")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(content)}" in head.decode().lower()
    assert body == b""


async def test_a_file_that_breaks_off_is_no_file_and_has_no_page_in_it(suite: Suite, zoe: Uploader) -> None:
    """The status is gone already: only a broken line tells the browser, which then keeps nothing."""
    page = await give(zoe, await apply(zoe), "cv", content := pdf(LARGE))
    (stored,) = [
        file
        for file in (suite.host.settings.data / "objects").rglob("*")
        if file.is_file() and file.read_bytes() == content
    ]
    os.truncate(stored, len(content) // 2)
    head, _, body = (await zoe.on_the_line("GET", f"{page.address}/pieces/cv/fichier")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"content-length: {len(content)}" in head.decode().lower()
    assert len(body) < len(content)
    assert content.startswith(body)
