"""Downloads over HTTP: for the owner alone, under the name that the file came with."""

from __future__ import annotations

from aiohttp.multipart import content_disposition_filename, parse_content_disposition

from services.chassis.testing import Suite
from tests.service.documents.client import get, keys, stored
from tests.unit.documents import files


async def test_what_was_sent_comes_back(suite: Suite) -> None:
    content = files.pdf_of(700_000)
    id = (await stored(suite, content))["document"]
    status, body, headers = await get(suite, id)
    assert (status, body) == (200, content)
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Length"] == str(len(content))
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Accept-Ranges"] == "none"
    status, body, head = await get(suite, id, method="HEAD")
    assert (status, body) == (200, b"")
    volatile = {"Date", "X-Request-ID"}
    assert {name: value for name, value in head.items() if name not in volatile} == {
        name: value for name, value in headers.items() if name not in volatile
    }


NAMES = [
    "relevé de notes (1).pdf",
    'l’été "cité" d\'Anaïs; 100 %.pdf',
    "成绩单.pdf",
    "e\u0301te\u0301.pdf",
    "a" * 251 + ".pdf",
    "{name}.pdf",
]


async def test_the_name_comes_back_unchanged(suite: Suite) -> None:
    """Acceptance 59."""
    for name in NAMES:
        answer = await stored(suite, files.pdf(), name=name)
        _, _, headers = await get(suite, answer["document"])
        _, parameters = parse_content_disposition(headers["Content-Disposition"])
        assert content_disposition_filename(parameters) == name


async def test_a_nameless_file_is_named_after_its_type(suite: Suite) -> None:
    answer = await stored(suite, files.jpeg(), media_type="image/jpeg", name=None)
    _, _, headers = await get(suite, answer["document"])
    assert 'filename="document.jpg"' in headers["Content-Disposition"]


async def test_a_foreign_document_is_as_none_at_all(suite: Suite) -> None:
    """Acceptance 62."""
    id = (await stored(suite, files.pdf()))["document"]
    for method in ("GET", "HEAD"):
        foreign = await get(suite, id, "bob", method)
        none = await get(suite, "0" * 26, "bob", method)
        assert foreign[:2] == none[:2]
        assert foreign[0] == 404


async def test_what_is_no_id_is_not_found(suite: Suite) -> None:
    """Acceptance 62."""
    for id in ("nothing", "..%2F..%2Fetc%2Fpasswd", "0" * 27, "%00" * 26, "documents%2Fabc"):
        assert (await get(suite, id))[0] == 404


async def test_nobody_reads_in_nobodys_name(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    async with suite.client.get(f"/api/documents/documents/{id}") as response:
        assert response.status == 401


async def test_the_key_of_the_bytes_says_nothing(suite: Suite) -> None:
    answer = await stored(suite, files.pdf(), name="secret name.pdf")
    (key,) = await keys(suite)
    assert answer["document"] not in key
    assert "secret" not in key
    assert answer["sha256"] not in key


async def test_lost_bytes_are_told_as_a_failure_of_ours(suite: Suite) -> None:
    id = (await stored(suite, files.pdf()))["document"]
    (key,) = await keys(suite)
    await suite.service("documents").service.ports.objects.delete(key)
    assert (await get(suite, id))[0] == 503
