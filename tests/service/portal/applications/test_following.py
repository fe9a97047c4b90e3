"""A page of an application hears of changes through the portal."""

from __future__ import annotations

import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.applications.following import Listener
from tests.service.portal.applications.applying import apply, form_of, give, somebody
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_page_hears_of_changes_until_one_has_logged_out(suite: Suite, zoe: Uploader) -> None:
    """Acceptance 62: a foreign application is as one that does not exist."""
    page = await apply(zoe)
    assert f'data-follow="{page.path}/nouvelles" hidden' in page.html
    assert 'id="notice" data-version="1"' in page.html
    address = f"{page.path}/nouvelles"
    async with zoe.listen(f"{address}?depuis=1") as response:
        line = Listener(response)
        assert (response.headers["Content-Type"], response.headers["X-Accel-Buffering"]) == ("text/event-stream", "no")
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        await line.begins()
        assert await line.moved() == 1
        changed = await give(zoe, page, "cv", pdf())
        assert 'id="notice" data-version="2"' in changed.html
        assert (await line.change())["version"] == 2
    async with zoe.listen(f"{address}?depuis=1") as response:
        line = Listener(response)
        await line.begins()
        assert (await line.change())["version"] == 2
    async with zoe.listen(f"{address}?depuis=1", **{"Last-Event-ID": "2"}) as response:
        line = Listener(response)
        await line.begins()
        assert await line.moved() == 2
    async with somebody(suite) as kim, kim.listen(address) as response:
        assert response.status == 404
    async with zoe.listen(f"{address}?depuis=2") as response:
        line = Listener(response)
        await line.begins()
        assert await line.moved() == 2
        await zoe.send(form_of(page, "/deconnexion"))
        await line.ends()
    async with zoe.listen(address) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, "text/event-stream")
        assert (await Listener(response).block())["event"] == "over"
        assert await response.content.read() == b""
