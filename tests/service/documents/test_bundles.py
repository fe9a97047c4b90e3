"""Staff have many files put into one ZIP or PDF in the background: what is in it, what is not, and who may have it."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pikepdf

from services.chassis.testing import Suite
from services.contracts.api.bundles import MAX_FILES
from services.contracts.events.accounts import AccountErased, GrantPart, StaffChanged
from services.documents.domain.bundles import MAX_EACH
from services.documents.repository.reads import READS
from tests.service.documents.client import stored, tell, words
from tests.service.documents.given import card, changed, slot
from tests.unit.documents import files

BUNDLES: Final = "/api/documents/bundles"
FOLDER: Final = "bundles/"
MANAGER: Final[Mapping[str, Any]] = {"role": "manager"}
UNKNOWN: Final = "9" * 26


def application(number: int) -> str:
    """An id."""
    return f"{number:026d}"


async def ask(
    suite: Suite,
    method: str,
    path: str = "",
    *,
    name: str = "kim",
    grants: Sequence[Mapping[str, Any]] = (MANAGER,),
    **more: Any,
) -> tuple[int, Any, Mapping[str, str]]:
    """What somebody of staff is answered."""
    headers = suite.bearer(name, kind="staff", grants=list(grants)) | more.pop("headers", {})
    async with suite.client.request(method, BUNDLES + path, headers=headers, **more) as response:
        body = await (response.json() if "json" in response.headers.get("Content-Type", "") else response.read())
        return response.status, body, response.headers


async def appointed(suite: Suite, name: str = "kim", *grants: Mapping[str, Any]) -> None:
    """Documents has heard what a member of staff may do."""
    parts = [GrantPart(**grant) for grant in grants or (MANAGER,)]
    await tell(suite, StaffChanged(account=name, known_as=name, grants=parts), service="accounts")


async def wanted(suite: Suite, kind: str, applications: Sequence[str], **body: Any) -> str:
    """The id of a bundle that was asked for."""
    status, answer, headers = await ask(suite, "POST", json={"kind": kind, "applications": list(applications), **body})
    assert status == 202, answer
    assert headers["Location"] == f"{BUNDLES}/{answer['id']}"
    return str(answer["id"])


async def done(suite: Suite, id: str) -> Any:
    """The bundle, once it is ready or has failed."""
    async with asyncio.timeout(120):
        while True:
            status, answer, _ = await ask(suite, "GET", f"/{id}")
            assert status == 200, answer
            if answer["state"] in ("ready", "failed"):
                return answer
            await asyncio.sleep(0.05)


async def fetched(suite: Suite, id: str, **how: Any) -> bytes:
    """The bytes."""
    status, content, _ = await ask(suite, "GET", f"/{id}/file", **how)
    assert status == 200, content
    return bytes(content)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The entries of a ZIP, each of which is whole."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        # What reads from the front finds the end of such entries alone.
        assert all(each.compress_type == zipfile.ZIP_DEFLATED for each in archive.infolist())
        assert all(each.extract_version < 45 for each in archive.infolist())
        return {name: archive.read(name) for name in archive.namelist()}


async def two_files(suite: Suite) -> tuple[bytes, bytes]:
    """Ann has two files, one of them with a document that is gone, and Bob one with nothing in it; Kim may see them."""
    await appointed(suite)
    notes, photo = files.pdf(2), files.photo("JPEG", 64, 48, "red")
    first, second = await stored(suite, notes), await stored(suite, photo, media_type="image/jpeg")
    given = [
        slot("notes", first["document"], size=len(notes)),
        slot("photo", second["document"], filename="CON.été.jpg", media_type="image/jpeg", size=len(photo)),
    ]
    await tell(suite, card(), service="accounts")
    await tell(
        suite,
        changed(application=application(1), pieces=given),
        changed(application=application(2), programme="M1-EAU", pieces=[slot("notes", "8" * 26)]),
        changed(application=application(3), account="bob", file_number="BB34CD56", pieces=[slot("notes", "")]),
    )
    return notes, photo


async def test_a_zip_has_the_pdf_of_each_file_and_names_what_is_not_in_it(suite: Suite) -> None:
    """Acceptance 61: names are safe everywhere and no two alike; each file in it is noted as read, at the download."""
    await two_files(suite)
    ids = [application(1), application(2), UNKNOWN, application(3), application(1)]
    id = await wanted(suite, "dossiers", ids)
    ready = await done(suite, id)
    assert (ready["state"], ready["done"], ready["total"], ready["left_out"]) == ("ready", 4, 4, 2), ready
    reads = suite.service("documents").service.ports.store
    assert await reads.find(READS.name, {}, limit=10) == []
    content = await fetched(suite, id)
    assert len(content) == ready["size"]
    there = unpacked(content)
    report = there.pop("LISEZMOI.txt").decode("utf-8-sig")
    assert list(there) == ["AB12CD34_MULLER-L-HOTE_ANN.pdf", "AB12CD34_MULLER-L-HOTE_ANN-2.pdf", "BB34CD56.pdf"]
    assert "Sciences de la mer" in words(there["AB12CD34_MULLER-L-HOTE_ANN.pdf"])
    assert f"- {UNKNOWN}: ce dossier n’existe plus" in report and "\r\n" in report
    assert "- AB12CD34_MULLER-L-HOTE_ANN-2, Relevé de notes: ce document n’est plus conservé" in report
    assert "- AB12CD34_MULLER-L-HOTE_ANN: AB12CD34 Müller-L’Hôte Ann" in report
    noted = [(row["by"], row["account"], row["what"]) for row in await reads.find(READS.name, {}, limit=10)]
    assert sorted(noted) == [
        ("staff:kim", account, f"bundle:{application(number)}")
        for number, account in ((1, "ann"), (2, "ann"), (3, "bob"))
    ]
    # Nobody else sees it, and who let go of it sees nothing either.
    for method, path in (("GET", f"/{id}"), ("GET", f"/{id}/file"), ("DELETE", f"/{id}")):
        assert (await ask(suite, method, path, name="ana"))[0] == 404
    assert (await ask(suite, "DELETE", f"/{id}"))[0] == 204
    assert (await ask(suite, "GET", f"/{id}/file"))[0] == 404
    assert await suite.service("documents").service.ports.objects.list(FOLDER) == []


async def test_a_zip_has_the_documents_as_they_were_given_or_one_piece_of_each(suite: Suite) -> None:
    """Acceptance 61: a document that is gone is named, and so is who gave none."""
    notes, photo = await two_files(suite)
    ids = [application(number) for number in (1, 2, 3)]
    status, offered, _ = await ask(suite, "POST", "/pieces", json={"applications": ids})
    assert (status, [(each["code"], each["files"]) for each in offered["items"]]) == (200, [("notes", 2), ("photo", 1)])
    id = await wanted(suite, "documents", ids)
    assert (await done(suite, id))["left_out"] == 2
    there = unpacked(await fetched(suite, id))
    report = there.pop("LISEZMOI.txt").decode("utf-8-sig")
    folder = "AB12CD34_MULLER-L-HOTE_ANN"
    assert there == {f"{folder}/notes_releve-d-ete-2.pdf": notes, f"{folder}/photo_con-ete.jpg": photo}
    assert f"- {folder}-2, Relevé de notes: ce document n’est plus conservé" in report
    assert "- BB34CD56: aucun document" in report
    id = await wanted(suite, "piece", ids, piece="photo")
    assert (await done(suite, id))["left_out"] == 2
    there = unpacked(await fetched(suite, id))
    assert there.pop("LISEZMOI.txt").decode("utf-8-sig").count("cette pièce n’a pas été déposée") == 2
    assert there == {f"{folder}_photo_con-ete.jpg": photo}
    nothing = await done(suite, await wanted(suite, "piece", ids, piece="b2"))
    assert (nothing["state"], nothing["reason"]) == ("failed", "nothing") and nothing["reason_text"]


async def test_one_pdf_has_all_files_each_under_its_bookmark_behind_what_is_not_in_it(suite: Suite) -> None:
    """Acceptance 61."""
    await two_files(suite)
    id = await wanted(suite, "pdf", [application(1), UNKNOWN, application(3), application(2)])
    assert (await done(suite, id))["left_out"] == 2
    content = await fetched(suite, id)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        with pdf.open_outline() as outline:
            people = [(item.title, [below.title for below in item.children]) for item in outline.root]
        assert str(pdf.Root.Lang) == "fr" and len(pdf.pages) == 1 + 4 + 1 + 1
    own = "Dossier de candidature"
    assert people == [
        ("Dossiers de candidature", ["Ce qui n’y est pas", "Dossiers qui y sont"]),
        ("AB12CD34 Müller-L’Hôte Ann – M1-MER", [own, "Relevé de notes", "Pièce photo"]),
        ("BB34CD56 – M1-MER", [own]),
        ("AB12CD34 Müller-L’Hôte Ann – M1-EAU", [own]),
    ]
    said = words(content)
    assert UNKNOWN in said and "ce dossier n’existe plus" in said and "Müller-L’Hôte" in said


async def test_it_holds_what_its_person_may_see_when_it_is_made_and_when_it_is_fetched(suite: Suite) -> None:
    """Acceptance 62, 92: who asks for what is beyond their reach alone asks for what is not there."""
    await two_files(suite)
    status, answer, _ = await ask(
        suite,
        "POST",
        json={"kind": "dossiers", "applications": [application(1)]},
        grants=[{"role": "manager", "centres": ["X"]}],
    )
    assert (status, answer["slug"]) == (404, "not-found")
    id = await wanted(suite, "documents", [application(1)])
    assert (await done(suite, id))["state"] == "ready"
    status, late, _ = await ask(suite, "GET", f"/{id}/file", grants=[{"role": "commission"}])
    assert (status, late["slug"]) == (409, "bundle-rights-changed")
    await appointed(suite, "kim", {"role": "manager", "centres": ["X"]})
    gone = await done(suite, await wanted(suite, "documents", [application(1)]))
    assert (gone["state"], gone["reason"]) == ("failed", "nothing")
    await tell(suite, StaffChanged(account="kim", grants=[]), service="accounts")
    gone = await done(suite, await wanted(suite, "documents", [application(1)]))
    assert (gone["state"], gone["reason"]) == ("failed", "rights")
    for role in ("admin", "registrar", "readonly"):
        assert (await ask(suite, "GET", grants=[{"role": role}]))[0] == 403


async def test_who_is_gone_is_in_nobodys_bundle(suite: Suite) -> None:
    """Acceptance 99: what holds them is destroyed, with a word to who had it; what does not stays."""
    await two_files(suite)
    with_ann = await wanted(suite, "documents", [application(1)])
    assert (await done(suite, with_ann))["state"] == "ready"
    without = await wanted(suite, "dossiers", [application(3)])
    assert (await done(suite, without))["state"] == "ready"
    await tell(suite, AccountErased(account="ann", campaign="2027"), service="accounts")
    gone = await done(suite, with_ann)
    assert (gone["state"], gone["reason"]) == ("failed", "erased") and gone["reason_text"]
    assert (await ask(suite, "GET", f"/{with_ann}/file"))[0] == 404
    ports = suite.service("documents").service.ports
    assert {info.key.split("/")[1] for info in await ports.objects.list(FOLDER)} == {without}
    assert not re.search(r"\bann\b", repr(await ports.store.get("bundles", with_ann))), (
        "within ids it is there by chance"
    )
    assert unpacked(await fetched(suite, without)).keys() == {"BB34CD56.pdf", "LISEZMOI.txt"}
    await tell(suite, AccountErased(account="kim", campaign="staff"), service="accounts")
    assert (await ask(suite, "GET"))[1] == {"items": []} and await ports.objects.list(FOLDER) == []


async def test_200_files_are_as_many_as_may_be_and_3_bundles(suite: Suite) -> None:
    """Acceptance 108: at the limits and one past each; the same key is the same bundle."""
    await appointed(suite)
    await tell(suite, changed(application=application(0), pieces=[slot("notes", "")]))
    ids = [application(number) for number in range(MAX_FILES)]
    assert (MAX_FILES, MAX_EACH) == (200, 3)
    body = {"kind": "dossiers", "applications": [*ids, application(200)]}
    assert (await ask(suite, "POST", json=body))[0] == 422
    body["applications"] = ids
    keyed = {"Idempotency-Key": "once"}
    twice = [(await ask(suite, "POST", json=body, headers=keyed))[1]["id"] for _ in range(2)]
    assert twice[0] == twice[1]
    ready = await done(suite, twice[0])
    assert (ready["state"], ready["done"], ready["left_out"]) == ("ready", 200, 199)
    for _ in range(MAX_EACH - 1):
        await wanted(suite, "dossiers", ids[:1])
    status, answer, _ = await ask(suite, "POST", json=body)
    assert (status, answer["slug"]) == (409, "too-many-bundles")
    wrongs: tuple[dict[str, Any], ...] = (
        {"kind": "piece"},
        {"kind": "pdf", "piece": "notes"},
        {"kind": "rar"},
        {"applications": []},
    )
    for wrong in wrongs:
        assert (await ask(suite, "POST", json=body | wrong))[0] == 422, wrong
