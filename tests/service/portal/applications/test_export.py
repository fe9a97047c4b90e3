"""All of one's data as one ZIP, made while it is sent (acceptance 21; ADR 61)."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import ZipFile

import aiohttp
import pytest

from services.chassis.testing import Suite
from tests.candidate import pdf
from tests.service.portal.applications.applying import apply, give
from tests.service.portal.applications.uploading import Uploader

pytestmark = pytest.mark.asyncio(loop_scope="module")

DATA = "/compte/donnees"
NAME = 'mes "notes" / d’été.pdf'.replace("/", "–")


async def test_the_zip_holds_all_that_there_is_and_a_page_to_find_it(suite: Suite, zoe: Uploader) -> None:
    content = pdf()
    page = await apply(zoe)
    await give(zoe, page, "cv", content, NAME)
    await suite.settle()
    data = await zoe.open(DATA)
    (form,) = [form for form in data.forms if form.action == f"{DATA}/export"]
    kept = await zoe.take_by(form)
    assert kept.status == 200
    assert kept.headers["Content-Type"] == "application/zip"
    assert kept.filename.startswith("mes-donnees-") and kept.filename.endswith(".zip")
    with ZipFile(io.BytesIO(kept.content)) as made:
        assert made.testzip() is None
        names = made.namelist()
        read: dict[str, Any] = {name: json.loads(made.read(name)) for name in names if name.endswith(".json")}
        index = made.read("index.html").decode()
        (file,) = [name for name in names if name.startswith("documents/")]
        assert made.read(file) == content
    assert names[-1] == "index.html"
    account = read["account.json"]["account"]
    assert account["file_number"] in kept.filename
    assert read["account.json"]["profile"]["steps"]["identity"]["family_name"]
    assert [each["pieces"][0]["document"]["filename"] for each in read["applications.json"]] == [NAME]
    assert [each["filename"] for each in read["documents.json"]] == [NAME]
    assert read["receipts.json"] == []
    assert {"account-created", "application-opened"} <= {each["kind"] for each in read["messages.json"]}
    assert "<h3>Baccalauréat</h3>" in index and read["account.json"]["profile"]["steps"]["address"]["city"] in index
    assert '<html lang="fr">' in index and account["email"] in index
    assert "mes &#34;notes&#34;" in index and "<script" not in index


async def test_it_is_ones_own_and_asked_for_by_the_button_alone(zoe: Uploader) -> None:
    form = (await zoe.open(DATA)).forms[0]
    assert (await zoe.send(form, site="cross-site")).status == 403
    typed = await zoe.open(f"{DATA}/export")
    assert (typed.path, typed.headers["Content-Type"]) == (DATA, "text/html; charset=utf-8")


async def test_where_a_file_cannot_be_read_no_part_is_taken_for_the_whole(suite: Suite, zoe: Uploader) -> None:
    page = await apply(zoe)
    await give(zoe, page, "cv", pdf(), "gone.pdf")
    documents = suite.service("documents").service.ports
    account = (await zoe.open(DATA)).forms[0]
    rows = await documents.store.find("documents", {}, limit=100)
    for row in rows:
        if row["filename"] == "gone.pdf":
            await documents.objects.delete(row["object"])
    with pytest.raises(aiohttp.ClientError):
        await zoe.take_by(account)
