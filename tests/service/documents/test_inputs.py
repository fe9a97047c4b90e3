"""Files as programs, scanners, phones and authorities write them: genuine ones come back byte for byte (acceptance 106)."""

from __future__ import annotations

import io
import json
from base64 import urlsafe_b64decode
from pathlib import Path

import pikepdf
import pytest

from services.chassis.testing import Suite, run_suite
from services.contracts.api.documents import MOST_RECEIPT_WARNINGS
from tests.service.documents.client import UPLOADS, get, put, refused, stored
from tests.unit.documents import files
from tests.unit.documents.test_legible import laid, sheet, written

INPUTS = Path(__file__).parents[2] / "unit" / "documents" / "inputs"
TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
DAMAGED = ("01-scan-3-pages-mostly-zeros.pdf", "02-text-20-pages-all-contents-gone.pdf")
ALL = sorted(path.name for path in INPUTS.iterdir() if path.suffix in TYPES)
GENUINE = [name for name in ALL if name not in DAMAGED]


def content(name: str) -> bytes:
    return (INPUTS / name).read_bytes()


async def test_genuine_files_are_taken_and_come_back_byte_for_byte(suite: Suite) -> None:
    """Acceptance 106."""
    for name in GENUINE:
        answer = await stored(suite, content(name), media_type=TYPES[Path(name).suffix], name=name)
        assert answer["media_type"] == ("image/png" if name == "19-png-named.jpg" else TYPES[Path(name).suffix])
        assert "warnings" not in answer, name
        status, body, headers = await get(suite, answer["document"])
        assert (status, body) == (200, content(name))
        assert headers["Content-Type"] == answer["media_type"]


async def test_files_whose_pages_are_gone_are_refused(suite: Suite) -> None:
    """Acceptance 106."""
    for name in DAMAGED:
        assert await refused(suite, content(name), "application/pdf", name) == (422, "damaged")


async def test_headers_as_browsers_and_phones_send_them(suite: Suite) -> None:
    """Acceptance 49, 106."""
    names = {}
    for sent in json.loads(content("i-upload-headers.json")):
        headers = {**suite.bearer("ann"), "Content-Type": sent["Content-Type"], "X-Filename": sent["X-Filename"]}
        async with suite.client.put(UPLOADS, data=io.BytesIO(content(sent["file"])), headers=headers) as response:
            answer = await response.json()
            assert response.status == 201, (sent, answer)
        assert answer["media_type"] == TYPES[Path(sent["file"]).suffix]
        disposition = (await get(suite, answer["document"]))[2]["Content-Disposition"]
        names[sent["X-Filename"]] = disposition.partition("filename*=")[2]
    assert names == {
        "UTF-8''releve.jpg": "UTF-8''releve.jpg",
        "UTF-8''image%3A1641": "UTF-8''image%3A1641",
        "UTF-8''releve.pdf": "UTF-8''releve.pdf",
        "UTF-8''bulletin%20www.ecole.com": "UTF-8''bulletin%20www.ecole.com.pdf",
        "UTF-8''primary%3ADownload%2Freleve.pdf": "UTF-8''releve.pdf",
        "UTF-8''%E2%81%A8relev%C3%A9%E2%81%A9.pdf": "UTF-8''relev%C3%A9.pdf",
    }


async def test_no_type_at_all_is_judged_by_content(suite: Suite) -> None:
    headers = {**suite.bearer("ann"), "X-Filename": "releve.pdf"}
    async with suite.client.put(
        UPLOADS, data=content("ok-signed.pdf"), headers=headers, skip_auto_headers=["Content-Type"]
    ) as response:
        assert response.status == 201
        assert (await response.json())["media_type"] == "application/pdf"


async def test_a_photo_of_a_phone_is_answered_in_words_of_phones(suite: Suite) -> None:
    for language, phrase in (("fr", "iPhone\N{NO-BREAK SPACE}: Réglages"), ("en", "iPhone: Settings")):
        _, problem, _ = await put(suite, files.heic(), "image/heic", "IMG_1.HEIC", **{"Accept-Language": language})
        assert problem["slug"] == "heic-not-yet"
        assert problem["allowed"] == ["application/pdf", "image/jpeg", "image/png"]
        assert phrase.replace("\N{NO-BREAK SPACE}", " ") in problem["detail"].replace("\N{NO-BREAK SPACE}", " ")


async def test_a_blank_page_is_taken_with_a_warning(suite: Suite) -> None:
    made = pikepdf.open(io.BytesIO(files.pdf(2)))
    made.add_blank_page()
    answer = await stored(suite, files.saved(made))
    (warning,) = answer["warnings"]
    assert (warning["slug"], warning["page"]) == ("blank-page", 3)
    assert warning["text"].startswith("La page 3 est vide.")


async def test_what_can_hardly_be_read_is_taken_with_a_warning_that_its_receipt_carries_on(suite: Suite) -> None:
    made = pikepdf.open(io.BytesIO(written(rotate=180)))
    made.pages.extend(pikepdf.open(io.BytesIO(laid(sheet(331, 468)))).pages)
    answer = await stored(suite, files.saved(made))
    said = [{name: each.get(name) for name in ("slug", "page", "dpi")} for each in answer["warnings"]]
    assert said == [
        {"slug": "page-upside-down", "page": 1, "dpi": None},
        {"slug": "low-resolution", "page": 2, "dpi": 40},
    ]
    words = " ".join(answer["warnings"][1]["text"].split())
    assert words.startswith("La page 2 est peu lisible : elle n’a que 40 points par pouce")
    claims = json.loads(urlsafe_b64decode(answer["receipt"].split(".")[1] + "=="))
    assert claims["warnings"] == [
        {"slug": "page-upside-down", "page": 1},
        {"slug": "low-resolution", "page": 2, "dpi": 40},
    ]
    photo = await stored(suite, sheet(331, 468), media_type="image/jpeg", name="photo.jpg")
    (warning,) = photo["warnings"]
    assert (warning["slug"], warning["dpi"], "page" in warning) == ("low-resolution", 40, False)
    assert "reprenez la photo de plus près" in warning["text"]


async def test_a_receipt_carries_on_so_many_warnings_and_the_answer_has_all(suite: Suite) -> None:
    for pages in (MOST_RECEIPT_WARNINGS, MOST_RECEIPT_WARNINGS + 1):
        answer = await stored(suite, files.pdf(pages, content=b""))
        claims = json.loads(urlsafe_b64decode(answer["receipt"].split(".")[1] + "=="))
        assert (len(answer["warnings"]), len(claims["warnings"])) == (pages, MOST_RECEIPT_WARNINGS)


async def test_files_are_inspected_wherever_their_folder_is_named_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`PARVIS_DATA=var` once made every file a damaged one."""
    monkeypatch.chdir(tmp_path)
    for folder, objects in (("var", "file:"), ("lib", "file:elsewhere")):
        async with run_suite(Path(folder), services=("documents",), objects=objects) as suite:
            await stored(suite, files.pdf())
            await stored(suite, files.jpeg(), media_type="image/jpeg", name="photo.jpg")


@pytest.mark.parametrize(
    "name", ["06-owner-password-only.pdf", "07-owner-password-no-print.pdf", "08-signed-and-owner-encrypted.pdf"]
)
def test_a_whole_file_can_be_put_together_from_restricted_pieces(name: str) -> None:
    dossier = pikepdf.new()
    for piece in (name, "ok-signed.pdf"):
        with pikepdf.open(INPUTS / piece) as pdf:
            dossier.add_pages_from(pdf)
    with pikepdf.open(io.BytesIO(files.saved(dossier))) as pdf:
        assert not pdf.is_encrypted
        assert len(pdf.pages) == 2
        assert all(page.obj.Contents.read_bytes() for page in pdf.pages)
