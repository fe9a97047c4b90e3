"""Documents behind who was handed over: what every adapter owes, and what each does by itself (ADR 115)."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from services.chassis import urls
from services.chassis.ports import ObjectsUnavailable, PreEnrolments, PreEnrolmentsSilent, PreEnrolmentsUnavailable
from tests.ents import saying, served
from tests.pre_enrolments import CONTENT, SECRET, SampleSis, document_entry, sample_sis

Kept = Callable[[], Mapping[str, tuple[int, str, bytes]]]
"""Of each document there: revision, what was asked last, and its bytes."""


@pytest.fixture
async def sis() -> AsyncIterator[SampleSis]:
    async with sample_sis() as made:
        yield made


@pytest.fixture(params=["folder", "http"])
async def place(
    request: pytest.FixtureRequest, tmp_path: Path, sis: SampleSis
) -> AsyncIterator[tuple[PreEnrolments, Kept]]:
    def kept() -> Mapping[str, tuple[int, str, bytes]]:
        if request.param == "http":
            return {key[1]: (told["revision"], told["action"], bytes_) for key, (told, bytes_) in sis.documents.items()}
        return {
            row["document"]: (
                int(row["revision"]),
                row["action"],
                (folder / row["file"]).read_bytes() if row["file"] else b"",
            )
            for folder in (tmp_path / "documents").iterdir()
            for row in index(folder)
        }

    url = sis.url if request.param == "http" else f"folder:{tmp_path}"
    records = opened(url, tmp_path)
    yield records, kept
    await records.close()


def opened(url: str, data: Path) -> PreEnrolments:
    records = urls.open_pre_enrolments(url, data, urls.open_clock("system:"), SECRET)
    assert records is not None
    return records


def index(folder: Path) -> list[dict[str, str]]:
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";", strict=True))


async def chunks(content: bytes = CONTENT, *, size: int = 7) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def cut() -> AsyncIterator[bytes]:
    yield CONTENT[:7]
    raise ObjectsUnavailable("gone")


async def test_of_a_document_the_newest_revision_counts(place: tuple[PreEnrolments, Kept]) -> None:
    """Sent again, or late, it changes nothing there; one that is dropped leaves no bytes."""
    records, kept = place
    first, dropped, again = document_entry(), document_entry(2, action="drop"), document_entry(3)
    id, content = first.document, {first.document: (1, "put", CONTENT)}
    for _ in range(2):
        assert (await records.put_document(first, chunks())).what == "taken"
        assert kept() == content
    for _ in range(2):
        assert (await records.drop_document(dropped)).what == "taken"
        assert kept() == {id: (2, "drop", b"")}
    assert (await records.put_document(first, chunks())).what == "taken"
    assert kept() == {id: (2, "drop", b"")}
    assert (await records.put_document(again, chunks())).what == "taken"
    assert kept() == {id: (3, "put", CONTENT)}
    other = document_entry(1, b"", document="other", piece="cv", reference="somebody/else")
    assert (await records.put_document(other, chunks(b""))).what == "taken"
    assert kept() == {id: (3, "put", CONTENT), "other": (1, "put", b"")}


async def test_what_comes_to_an_end_half_way_is_not_there(place: tuple[PreEnrolments, Kept]) -> None:
    records, kept = place
    await records.put_document(document_entry(document="other"), chunks())
    with pytest.raises(ObjectsUnavailable):
        await records.put_document(document_entry(), cut())
    assert set(kept()) == {"other"}
    assert (await records.put_document(document_entry(), chunks())).what == "taken"


# --- files ------------------------------------------------------------------------------------------------------------


async def test_each_person_has_a_folder_with_a_table_of_what_is_in_it(tmp_path: Path) -> None:
    records, first = opened(f"folder:{tmp_path}", tmp_path), document_entry(piece="../bac")
    await records.put_document(first, chunks())
    await records.put_document(document_entry(document="other", media_type="image/png", piece="photo"), chunks())
    (folder,) = (tmp_path / "documents").iterdir()
    assert folder.name == first.reference
    names = sorted(each.name for each in folder.iterdir())
    assert names == ["___bac-01jd5w8q3v7m2c9kdocument01.pdf", "index.csv", "photo-other.png"]
    (row, _) = index(folder)
    assert (row["piece"], row["filename"], row["sha256"]) == ("../bac", "=relevé.pdf", first.sha256)
    assert row["piece_label"] == "Relevé de notes; du baccalauréat"
    for each in (*folder.iterdir(), folder):  # who takes them takes the folder away
        each.unlink() if each.is_file() else each.rmdir()
    await records.drop_document(document_entry(2, action="drop"))
    (row,) = index(folder)
    assert (row["action"], row["document"], row["file"]) == ("drop", first.document, "")


async def test_other_bytes_than_were_announced_and_an_index_of_somebody_elses_take_nothing(tmp_path: Path) -> None:
    records, entry = opened(f"folder:{tmp_path}", tmp_path), document_entry()
    with pytest.raises(PreEnrolmentsUnavailable, match="announced"):
        await records.put_document(entry, chunks(CONTENT + b"x"))
    folder = tmp_path / "documents" / entry.reference
    assert list(folder.iterdir()) == []
    (folder / "index.csv").write_text("nothing;of;ours\n1;2;3\n")
    with pytest.raises(PreEnrolmentsUnavailable, match="index"):
        await records.put_document(entry, chunks())


async def test_a_table_that_is_given_back_says_which_documents_they_hold(tmp_path: Path, sis: SampleSis) -> None:
    """The same digest as over HTTP."""
    files, http = opened(f"folder:{tmp_path}", tmp_path), opened(sis.url, tmp_path)
    with pytest.raises(PreEnrolmentsSilent):
        await files.documents_told("2027")
    (tmp_path / "returned").mkdir()
    table = tmp_path / "returned" / "2027.documents.csv"
    lines = ["reference;document;revision"]
    for number, name in enumerate(("b", "a"), 1):
        entry = document_entry(number, document=name)
        await http.put_document(entry, chunks())
        lines.append(f"{entry.reference};{name};{number}")
    table.write_text("\n".join(lines))
    told = (await files.documents_told("2027")).digest
    assert told == (await http.documents_told("2027")).digest and told.count == 2
    table.write_text("\n".join([*lines, lines[-1]]))
    assert (await files.documents_told("2027")).digest == told, "said twice alike"
    table.write_text("\n".join([*lines, lines[-1].replace(";2", ";3")]))
    with pytest.raises(PreEnrolmentsUnavailable, match="twice"):
        await files.documents_told("2027")
    sis.tells = False
    with pytest.raises(PreEnrolmentsSilent):
        await http.documents_told("2027")
    await http.close()


async def test_of_an_end_between_two_writes_no_bytes_stay_once_a_document_is_dropped(tmp_path: Path) -> None:
    """Of a file half written, and of one that the index let go of before it was taken away."""
    records, entry = opened(f"folder:{tmp_path}", tmp_path), document_entry()
    await records.put_document(entry, chunks())
    await records.put_document(document_entry(document="other"), chunks())
    folder = tmp_path / "documents" / entry.reference
    (name,) = [each.name for each in folder.glob(f"*{entry.document}*")]
    dropped = document_entry(2, action="drop")
    await records.drop_document(dropped)
    (folder / name).write_bytes(CONTENT)
    (folder / f".{name}.part").write_bytes(CONTENT[:7])
    await records.drop_document(dropped)
    assert sorted(each.name for each in folder.iterdir()) == ["bac-other.pdf", "index.csv"]


async def test_what_is_dropped_while_its_bytes_flow_is_not_there_afterwards(tmp_path: Path) -> None:
    records, other = opened(f"folder:{tmp_path}", tmp_path), opened(f"folder:{tmp_path}", tmp_path)

    async def slow() -> AsyncIterator[bytes]:
        yield CONTENT[:7]
        await other.drop_document(document_entry(2, action="drop"))
        yield CONTENT[7:]

    assert (await records.put_document(document_entry(), slow())).what == "taken"
    folder = tmp_path / "documents" / document_entry().reference
    assert [(row["action"], row["revision"]) for row in index(folder)] == [("drop", "2")]
    assert [each.name for each in folder.iterdir()] == ["index.csv"]


# --- HTTP -------------------------------------------------------------------------------------------------------------


async def test_a_refusal_says_why_and_anything_else_is_no_answer(tmp_path: Path, sis: SampleSis) -> None:
    records = opened(sis.url, tmp_path)
    sis.refuses = {"bac": "Pièce inconnue"}
    answer = await records.put_document(document_entry(), chunks())
    assert (answer.what, answer.reason) == ("refused", "Pièce inconnue")
    sis.refuses, sis.lose = {}, 1
    assert (await records.put_document(document_entry(), chunks())).what == "unanswered"
    sis.down = True
    assert (await records.drop_document(document_entry(2, action="drop"))).reason == "status 503"
    assert sis.unsigned == 0
    await records.close()
    async with served({("PUT", "/opi/documents/{a}/{b}"): saying("<p>Non</p>", 422)}) as host:
        records = opened(f"http://{host}/opi", tmp_path)
        assert (await records.put_document(document_entry(), chunks())).what == "unanswered"
        await records.close()
