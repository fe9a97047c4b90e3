"""An institution's own catalogue from files as spreadsheets and programs save them."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.chassis.clock import FixedClock
from services.chassis.settings import Settings
from services.chassis.testing import run_suite
from services.cli.offline import opened
from services.contracts.refusals import RefusedError
from services.contracts.refusals.offers import IMPORT_TOO_LONG, NOT_A_CATALOGUE_FILE
from services.offers.domain.own_columns import COLUMNS
from services.offers.usecases.app import App
from services.offers.usecases.imports import ImportReport
from services.offers.usecases.own_catalogue import MAX_BYTES, import_catalogue, template
from services.offers.wiring import import_catalogue as import_beside
from tests.service.offers.asking import get
from tests.service.offers.conftest import NOON, command
from tests.unit.offers.test_own_catalogue import CENTRE, DIPLOMA, PROGRAMME

ASKED = {"kind": "pièce", "code": "cv", "label_fr": "Curriculum vitæ “à jour”", "level": "université", "common": "oui"}
ROWS = (CENTRE, DIPLOMA, ASKED, {**PROGRAMME, "label_fr": "Océanographie – côtes", "capacity": "24"})


def table(*rows: Mapping[str, str], delimiter: str = ";", french: bool = True) -> str:
    names = [title if french else name for name, (title, _) in COLUMNS.items()]
    lines = [names, *([row.get(name, "") for name in COLUMNS] for row in rows)]
    return "\r\n".join(delimiter.join(line) for line in lines) + "\r\n"


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


async def load(app: App, path: Path, content: bytes, *, dry_run: bool = False) -> ImportReport:
    file = saved(path, content)
    return await import_catalogue(app, file, command(), dry_run=dry_run, progress=lambda done, total: None)


FILES = {
    "utf-8": table(*ROWS).encode(),
    "utf-8 with a mark": table(*ROWS).encode("utf-8-sig"),
    "cp1252": table(*ROWS).encode("cp1252"),
    "utf-16 with a mark and tabulators, as Unicode text": table(*ROWS, delimiter="\t").encode("utf-16"),
    "utf-16 without a mark": table(*ROWS).encode("utf-16-be"),
    "commas and English names": table(*ROWS, delimiter=",", french=False).encode(),
    "json": json.dumps(ROWS, ensure_ascii=False, indent=2).encode(),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
async def test_whatever_the_file_is_in_it_says_the_same_and_twice_is_once(
    app: App, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "catalogue"
    first = await load(app, file, content)
    assert (first.created, first.rejected) == (1, [])
    programme = await app.programmes.get("M1-MER")
    assert programme is not None
    assert programme.state.content.title.fr == "Océanographie – côtes"
    assert programme.state.content.requirements[0].label.fr == "Curriculum vitæ “à jour”"
    second = await load(app, file, content)
    assert (second.created, second.updated, second.unchanged) == (0, 0, 1)


async def test_a_dry_run_lists_every_change_and_every_faulty_row_and_makes_none(app: App, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.csv"
    await load(app, file, table(*ROWS).encode())
    changed = (
        {**ROWS[-1], "capacity": "30"},
        {**PROGRAMME, "code": "NEW"},
        {**PROGRAMME, "code": "BAD", "capacity": "x"},
    )
    report = await load(app, file, table(*ROWS[:3], *changed).encode(), dry_run=True)
    assert [(each.line, each.code, each.change, each.differences) for each in report.changes] == [
        (5, "M1-MER", "updated", ("capacity",)),
        (6, "NEW", "created", ()),
    ]
    assert [(each.line, each.field, each.slug) for each in report.rejected] == [(7, "capacity", "not-a-number")]
    assert await app.programmes.get("NEW") is None
    done = await load(app, file, table(*ROWS[:3], *changed).encode())
    assert (done.created, done.updated, done.faulty) == (1, 1, 1)


async def test_a_table_without_the_column_of_groups_leaves_them(app: App, tmp_path: Path) -> None:
    """ADR 114; a short row of a table that has it is one of empty cells, as programs save them."""
    file, said = tmp_path / "catalogue.csv", {**PROGRAMME, "groups": "PRIMO ; Primo-entrants", "passes_on": "oui"}
    await load(app, file, json.dumps([*ROWS[:3], said]).encode())

    async def groups() -> tuple[list[str], bool]:
        there = await app.programmes.get("M1-MER")
        assert there is not None
        return [each.code for each in there.state.content.groups], there.state.content.passes_on

    names = [name for name in COLUMNS if name not in ("groups", "passes_on")]
    without = "\n".join(
        ";".join(row.get(name, "") for name in names) for row in ({n: n for n in names}, *ROWS[:3], said)
    )
    for dry_run in (True, False):
        report = await load(app, file, without.encode(), dry_run=dry_run)
        assert (report.changes, report.rejected) == ([], []), report
        assert await groups() == (["PRIMO"], True)
    alone = json.dumps([*ROWS[:3], {**PROGRAMME, "passes_on": "no"}])
    await load(app, file, alone.encode())
    assert await groups() == (["PRIMO"], False)
    short = [name for name in names if name in {*CENTRE, *DIPLOMA, *ASKED, *PROGRAMME}] + ["groups"]
    rows = [";".join(row.get(name, "") for name in short[:-1]) for row in (*ROWS[:3], PROGRAMME)]
    await load(app, file, "\n".join([";".join(short), *rows]).encode())
    assert await groups() == ([], False)


async def test_json_may_say_numbers_truth_and_lists_and_its_faults_have_lines(app: App, tmp_path: Path) -> None:
    rows = [
        *ROWS[:3],
        {**PROGRAMME, "capacity": 24, "offered": True, "keywords": ["mer", "littoral"], "commission": None},
        {**PROGRAMME, "code": "B", "colour": "blue"},
        {**PROGRAMME, "code": "C", "capacity": 1.5},
        {**PROGRAMME, "code": "D", "keywords": ["a|b"]},
        "programme",
    ]
    lines = ",\n".join(json.dumps(row) for row in rows)
    report = await load(app, tmp_path / "catalogue.json", f"[{lines}]".encode())
    assert [(each.line, each.field, each.slug) for each in report.rejected] == [
        (5, "row", "unknown-member"),
        (6, "row", "not-a-cell"),
        (7, "row", "not-a-cell"),
        (8, "row", "not-an-object"),
    ]
    programme = await app.programmes.get("M1-MER")
    assert programme is not None
    assert programme.state.content.keywords == ("mer", "littoral")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Code;Titre\r\nA;B",
        b"{}",
        b"[{",
        b'[{"kind": "centre"}',
        b"[{} {}]",
        b"[1,]",
        b"[] []",
        b"[" * 100_000,
        bytes(200),
    ],
)
async def test_what_is_no_catalogue_is_refused_and_changes_nothing(app: App, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        await load(app, tmp_path / "catalogue", content)
    assert refused.value.slug == NOT_A_CATALOGUE_FILE


async def test_a_file_has_an_end(app: App, tmp_path: Path) -> None:
    whole = table(*ROWS).encode()
    report = await load(app, tmp_path / "at", whole + b"\n" * (40_000))
    assert report.created == 1
    for content in (whole + b" " * MAX_BYTES, whole + b"\n" * 50_001):
        with pytest.raises(RefusedError) as refused:
            await load(app, tmp_path / "past", content)
        assert refused.value.slug == IMPORT_TOO_LONG


async def test_a_damaged_row_of_a_table_in_utf8_is_told_by_its_line(app: App, tmp_path: Path) -> None:
    broken = table(*ROWS, {**PROGRAMME, "code": "E", "label_fr": "Latin"}).encode().replace(b"Latin", b"Lat\xefn")
    report = await load(app, tmp_path / "catalogue.csv", broken)
    assert [(each.line, each.field, each.slug) for each in report.rejected] == [(6, "row", "not-utf8-row")]
    assert report.created == 1


async def test_the_template_has_every_column_and_is_a_catalogue_of_nothing(app: App, tmp_path: Path) -> None:
    report = await load(app, tmp_path / "catalogue.csv", template().encode())
    assert (report.rows, report.rejected) == (0, [])
    assert template().count(";") == len(COLUMNS) - 1


async def test_what_was_imported_is_what_the_api_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_OFFERS_SAMPLE", "false")
    rows = (
        *ROWS[:3],
        {"kind": "form", "code": "f", "label_fr": "Projet", "url": "https://survey.example/1", "level": "university"},
        {"kind": "question", "code": "q", "label_fr": "Anglais ?", "label_en": "English?", "answer_kind": "oui/non"},
        {**PROGRAMME, "questions": "q"},
    )
    file = saved(tmp_path / "catalogue.csv", table(*rows).encode())
    async with opened(Settings(data=tmp_path / "data"), ["offers"]) as closed:
        ports = closed["offers"].ports
        await import_beside(ports, file, command=command(), dry_run=False, progress=lambda done, total: None)
    async with run_suite(tmp_path / "data", services=("offers",), clock=FixedClock(NOON)) as suite:
        shown = await get(suite, "/programmes/M1-MER", language="en")
    assert shown["forms"] == [{"code": "f", "label": "Projet", "url": "https://survey.example/1", "required": True}]
    assert shown["questions"] == [{"code": "q", "label": "English?", "kind": "yes-no", "required": True}]
    assert shown["requirements"][0] | {"label": ""} == {
        "code": "cv",
        "label": "",
        "conditional": False,
        "common": True,
        "max_bytes": 2 * 1024 * 1024,
        "media_types": ["application/pdf", "image/jpeg"],
        "optional": False,
        "per_application": False,
        "level": "university",
    }
