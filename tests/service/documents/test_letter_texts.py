"""The institution writes the words of its letters: text with some variables, tried at once, and never run."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest

from services.chassis.testing import Suite
from services.contracts.events.offers import TextPart
from tests.service.documents.client import paper, words
from tests.service.documents.test_letters import ADMITTED, told

ADMIN = [{"role": "admin"}]
TEXTS = {
    "title": "Admission en {programme}",
    "body": "Bonjour {name},\r\n\r\nAvis du {decided_on}.\n\n{group}\n\n{comment}\n\nÀ bientôt.",
    "signatory": "La présidente\nde {institution}",
}
ONE = "/api/documents/letter-templates/admission/fr"


async def ask(
    suite: Suite, method: str, path: str = ONE, grants: Any = ADMIN, **options: Any
) -> tuple[int, Any, dict[str, str]]:
    headers = suite.bearer("kim", kind="staff", grants=grants) | options.pop("headers", {})
    async with suite.client.request(method, path, headers=headers, **options) as response:
        is_json = "json" in response.headers.get("Content-Type", "")
        given = {name.lower(): value for name, value in response.headers.items()}
        return response.status, await (response.json() if is_json else response.read()), given


async def test_own_words_are_in_letters_from_then_on_and_those_before_stay(suite: Suite) -> None:
    """Acceptance 86."""
    await told(suite)
    before = (await paper(suite, "letter"))[1]
    status, shown, headers = await ask(suite, "PUT", json=TEXTS)
    assert (status, shown["own"], shown["version"], headers["etag"]) == (200, True, 1, '"1"')
    assert (await paper(suite, "letter"))[1] == before
    await told(suite, ADMITTED.model_copy(update={"group": TextPart(fr="Boursiers")}), decision="d2")
    said = words((await paper(suite, "letter"))[1])
    for each in (
        "Admission en Sciences de la mer",
        "Bonjour Ann Müller-L’Hôte,",
        "Avis du 1er mars 2027.",
        "Boursiers",
        "La présidente",
    ):
        assert each in said, each
    assert "{" not in said and "plaisir" not in said
    assert "pleased" in words((await paper(suite, "letter", language="en"))[1])
    assert (await ask(suite, "DELETE"))[1]["own"] is False
    await told(suite, decision="d3")
    assert "plaisir" in words((await paper(suite, "letter"))[1])


async def test_who_saw_an_older_version_is_told_so(suite: Suite) -> None:
    assert (await ask(suite, "PUT", json=TEXTS, headers={"If-Match": '"0"'}))[0] == 200
    other = TEXTS | {"title": "Autre titre"}
    assert (await ask(suite, "PUT", json=other, headers={"If-Match": '"0"'}))[0] == 412
    assert (await ask(suite, "PUT", json=other, headers={"If-Match": '"1"'}))[1]["version"] == 2
    assert (await ask(suite, "DELETE", headers={"If-Match": '"1"'}))[0] == 412
    listed = (await ask(suite, "GET", "/api/documents/letter-templates"))[1]["items"]
    assert [(each["kind"], each["language"], each["own"]) for each in listed] == [
        ("admission", "fr", True),
        ("admission", "en", False),
        ("rejection", "fr", False),
        ("rejection", "en", False),
    ]


@pytest.mark.parametrize(
    ("field", "text", "slug"),
    [
        ("body", "Bonjour {nom}", "unknown-variable"),
        ("body", "Bonjour {name", "unknown-variable"),
        ("signatory", "}", "unknown-variable"),
        ("title", "{comment}", "unknown-variable"),
        ("body", "{comment}\n\n{reason}", "empty-for-some"),
        ("body", "", "too-short"),
        ("body", "é" * 4001, "too-long"),
        ("title", "é" * 201, "too-long"),
        ("title", "deux\nlignes", "malformed"),
        ("body", "\x07", "malformed"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_kept(suite: Suite, field: str, text: str, slug: str) -> None:
    for method, path in (("PUT", ONE), ("POST", f"{ONE}/preview")):
        status, refused, _ = await ask(suite, method, path, json=TEXTS | {field: text})
        assert (status, [(each["field"], each["slug"]) for each in refused["fields"]]) == (422, [(field, slug)])
    listed = (await ask(suite, "GET", "/api/documents/letter-templates"))[1]["items"]
    assert not any(each["own"] for each in listed)


async def test_words_are_never_run(suite: Suite) -> None:
    """What would be markup, a file or a value in a value stands there as it was typed; the longest text is a letter too."""
    typed = '#import "/etc/passwd" #read("/etc/passwd") $x^2$ *gras* \\ // @cle <etiquette> #panic() = titre'
    texts = {"title": typed, "body": f"{typed}\n\n" + "é " * 1900, "signatory": typed}
    status, made, headers = await ask(suite, "POST", f"{ONE}/preview", json=texts)
    assert (status, headers["content-type"]) == (200, "application/pdf")
    assert words(made).count('#read("/etc/passwd")') == 3
    assert "root:" not in words(made)


async def test_signs_that_no_font_has_keep_nobody_from_a_letter(suite: Suite) -> None:
    """Names are written in them too: there are boxes in their place, and it does not say that it keeps PDF/UA."""
    status, made, _ = await ask(suite, "POST", f"{ONE}/preview", json=TEXTS | {"title": "录取 \U0001f600"})
    assert status == 200
    assert "Bonjour Camille Martin," in words(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.Root.MarkInfo.Marked and "pdfuaid:part" not in opened.open_metadata()


async def test_only_who_administers_everything_writes_them(suite: Suite) -> None:
    """Acceptance 92."""
    asked = (("GET", "/api/documents/letter-templates"), ("PUT", ONE), ("DELETE", ONE), ("POST", f"{ONE}/preview"))
    for method, path in asked:
        body = {"json": TEXTS} if method in ("PUT", "POST") else {}
        assert (await ask(suite, method, path, [{"role": "admin", "centres": ["SEE"]}], **body))[0] == 404
        mixed = [{"role": "admin", "centres": ["SEE"]}, {"role": "manager"}]
        assert (await ask(suite, method, path, mixed, **body))[0] == 404
        assert (await ask(suite, method, path, [{"role": "manager"}], **body))[0] == 404
        assert (await ask(suite, method, path, [{"role": "registrar"}], **body))[0] == 403
    assert (await ask(suite, "PUT", ONE.replace("/fr", "/de"), json=TEXTS))[0] == 404
