"""Imports on a real store: every row counted or listed, twice is once, a faulty row stops no other."""

import asyncio
import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.chassis.ports import Store
from services.contracts.refusals import RefusedError
from services.contracts.refusals.offers import (
    DAMAGED_ARCHIVE,
    IMPORT_TOO_LONG,
    NO_ACTIVE_CAMPAIGN,
    NOT_A_MON_MASTER_FILE,
)
from services.offers.domain.calendar import Availability
from services.offers.domain.campaigns import Campaign
from services.offers.domain.programmes import MEGABYTE, Programme
from services.offers.domain.states import ProgrammeState
from services.offers.domain.text import Text
from services.offers.repository.programmes import PROGRAMMES
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import activate_campaign, close_campaign, current_campaign, plan_campaign
from services.offers.usecases.csv_reader import LINE_CHARACTERS, MAX_LINES, ROW_LINES, read_table
from services.offers.usecases.imports import ImportReport, Row, import_programmes
from services.offers.usecases.mon_master import MonMasterOptions, import_mon_master
from services.offers.usecases.programmes import publish_programme, withdraw_programme
from services.offers.usecases.sample import load_sample
from tests.service.offers.conftest import NOON, command, table
from tests.unit.offers.examples import content


def told(report: ImportReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in ("rows", "created", "updated", "unchanged", "superseded")}


async def run(app: App, file: Path, options: MonMasterOptions | None = None, moment: datetime = NOON) -> ImportReport:
    steps: list[tuple[int, int]] = []
    report = await import_mon_master(
        app, file, command(moment), options or MonMasterOptions(), lambda done, total: steps.append((done, total))
    )
    assert steps[-1] == (report.rows, report.rows), "the progress ends when every row is done"
    assert steps == sorted(steps)
    return report


async def the_only(app: App) -> Programme:
    (programme,) = [programme async for programme in app.programmes.every()]
    return programme


async def versions(store: Store) -> dict[object, int]:
    return {row["_id"]: row["version"] for row in await store.find(PROGRAMMES.name, {}, limit=1000)}


THREE = [
    {"mention": "1111111A", "title": "Informatique"},
    {"mention": "2222222B", "title": "Droit", "year": "2020"},
    {"mention": "2222222B", "title": "Droit privé", "year": "2021"},
]


@pytest.mark.parametrize("packed", [False, True])
async def test_a_second_import_writes_nothing(app: App, store: Store, tmp_path: Path, packed: bool) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table(THREE, packed=packed))
    first = await run(app, file)
    assert told(first) == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "superseded": 1}
    assert [(change.line, change.change) for change in first.changes] == [(2, "created"), (4, "created")]
    before = await versions(store)
    second = await run(app, file, moment=NOON + timedelta(days=20))
    assert told(second) == {"rows": 3, "created": 0, "updated": 0, "unchanged": 2, "superseded": 1}
    assert (second.changes, await versions(store)) == ([], before)


async def test_a_dry_run_tells_and_changes_nothing(app: App, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table(THREE))
    report = await run(app, file, MonMasterOptions(dry_run=True))
    assert (told(report)["created"], await versions(store)) == (2, {})
    await run(app, file)
    file.write_bytes(table([{**THREE[0], "capacity": "99"}, {**THREE[2], "title": ""}, {"mention": "3333333C"}]))
    before = await versions(store)
    report = await run(app, file, MonMasterOptions(dry_run=True))
    assert [(change.line, change.change, change.differences) for change in report.changes] == [
        (2, "updated", ("capacity",)),
        (4, "created", ()),
    ]
    assert [(row.line, row.field, row.slug) for row in report.rejected] == [(3, "title", "required")]
    assert await versions(store) == before


async def test_faulty_rows_are_listed_with_the_line_on_which_they_begin(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    lines = table(
        [
            {"mention": "1111111A", "title": 'Deux\nlignes et des "guillemets"'},
            {"mention": "2222222B", "capacity": "many"},
            {"mention": "3333333C"},
            {"mention": "4444444D", "title": "Latin"},
            {"mention": "5555555E"},
        ]
    ).split(b"\n")
    assert lines[1].endswith(b'"Deux')
    lines[5] = lines[5].replace(b"Latin", b"Lat\xefn")
    lines.insert(6, b'2021;"unfinished" quote')
    lines.insert(6, b"2021;too;few")
    file.write_bytes(b"\n".join(lines))
    report = await run(app, file)
    assert [(row.line, row.field, row.slug) for row in report.rejected] == [
        (4, "capacity", "malformed"),
        (6, "row", "not-utf8-row"),
        (7, "row", "wrong-number-of-cells"),
        (8, "row", "bad-quoting"),
    ]
    assert told(report) == {"rows": 7, "created": 3, "updated": 0, "unchanged": 0, "superseded": 0}
    programme = await app.programmes.get("0660437S-1111111A")
    assert programme is not None
    assert programme.state.content.title == Text('Deux lignes et des "guillemets"')


async def test_a_quote_that_is_never_closed_is_a_fault_of_its_row_alone(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    lines = table([{"mention": f"{number:07}A", "title": 'Un "mot"'} for number in range(100)]).split(b"\n")
    lines[3] = b'2021;"' + lines[3][5:]
    lines[-2] = lines[-2][:5] + b'"' + lines[-2][5:].replace(b'"', b"")
    file.write_bytes(b"\n".join(lines))
    report = await run(app, file)
    assert [(row.line, row.slug) for row in report.rejected] == [(4, "bad-quoting"), (101, "bad-quoting")]
    assert report.created == 98


@pytest.mark.parametrize(("breaks", "created"), [(ROW_LINES - 1, 2), (ROW_LINES, 1)])
async def test_a_cell_of_many_lines(app: App, tmp_path: Path, breaks: int, created: int) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{"title": "a" + "\n" * breaks + "b"}, {"mention": "1111111A"}]))
    report = await run(app, file)
    assert report.created == created


async def test_days_are_those_of_the_first_import_unless_given(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    await run(app, file)
    calendar = (await the_only(app)).content.calendar
    assert (calendar.opens_on, calendar.closes_on) == (date(2027, 2, 10), date(2027, 3, 12))
    chosen = MonMasterOptions(opens_on=date(2027, 5, 1), closes_on=date(2027, 5, 2))
    assert (await run(app, file, chosen)).changes[0].differences == ("opens_on", "closes_on", "submission_deadline")
    await run(app, file, moment=NOON + timedelta(days=3))
    calendar = (await the_only(app)).content.calendar
    assert (calendar.opens_on, calendar.closes_on) == (date(2027, 5, 1), date(2027, 5, 2))


async def test_the_day_of_import_is_that_of_the_institution(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    await run(app, file, moment=datetime(2027, 2, 10, 23, 30, tzinfo=UTC))
    assert (await the_only(app)).content.calendar.opens_on == date(2027, 2, 11)


async def test_days_in_the_wrong_order_refuse_the_rows(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    report = await run(app, file, MonMasterOptions(opens_on=date(2027, 5, 2), closes_on=date(2027, 5, 1)))
    assert [(row.line, row.field, row.slug) for row in report.rejected] == [(2, "closes_on", "before-another-day")]


async def test_what_the_file_does_not_say_stays_as_it_is(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    await run(app, file)
    code = (await the_only(app)).code
    theirs = content(campaign="2027-2028", route="direct")
    await publish_programme(app, code, theirs, command())
    await run(app, file)
    after = (await the_only(app)).content
    assert (after.requirements, after.route, after.calendar) == (theirs.requirements, "direct", theirs.calendar)
    assert after.title == Text("Sciences de la mer")


async def test_a_new_campaign_has_new_days(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    await run(app, file)
    later = NOON + timedelta(days=365)
    following = Campaign("2028-2029", Text("Suivante"), later.date(), later.date() + timedelta(days=300))
    await plan_campaign(app, following, command(later))
    await activate_campaign(app, following.code, command(later))
    assert told(await run(app, file, moment=later))["updated"] == 1
    after = (await the_only(app)).content
    assert (after.campaign, after.calendar.opens_on) == ("2028-2029", later.date())


async def test_a_mention_that_is_not_open_is_shown_and_takes_nobody(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{"open": "0"}]))
    await run(app, file)
    assert (await the_only(app)).content.availability(NOON.date()) is Availability.NOT_OFFERED


async def test_an_import_needs_a_campaign_that_runs(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{}]))
    await plan_campaign(app, Campaign("2028", Text("Plus tard"), NOON.date(), NOON.date()), command())
    with pytest.raises(RefusedError) as refused:
        await run(app, file)
    assert refused.value.slug == NO_ACTIVE_CAMPAIGN


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a;b;c\n1;2;3\n", b"PK\x03\x04" + bytes(100)])
async def test_another_file_is_refused_and_nothing_written(
    app: App, store: Store, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "other.csv"
    file.write_bytes(content)
    with pytest.raises(RefusedError) as refused:
        await run(app, file)
    assert refused.value.slug == NOT_A_MON_MASTER_FILE
    assert await versions(store) == {}


async def test_a_gzip_file_that_is_not_whole_is_refused(app: App, store: Store, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv.gz"
    whole = table(THREE, packed=True)
    for broken in (whole[:-12], whole[:20] + bytes(20) + whole[40:]):
        file.write_bytes(broken)
        with pytest.raises(RefusedError) as refused:
            await run(app, file)
        assert refused.value.slug == DAMAGED_ARCHIVE
    assert await versions(store) == {}


async def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_bytes(gzip.compress(b"a\n" * MAX_LINES))
    with read_table(file) as rows:
        assert sum(1 for _ in rows) == MAX_LINES
    for endless in (b"a\n" * (MAX_LINES + 1), b"a" * LINE_CHARACTERS + b"\n"):
        file.write_bytes(gzip.compress(endless))
        with pytest.raises(RefusedError) as refused, read_table(file) as rows:
            list(rows)
        assert refused.value.slug == IMPORT_TOO_LONG
    file.write_bytes(b"a" * (LINE_CHARACTERS - 1) + b"\n")
    with read_table(file) as rows:
        assert len(list(rows)) == 1


async def test_two_imports_at_once_make_every_programme_once(app: App, tmp_path: Path) -> None:
    file = tmp_path / "mentions.csv"
    file.write_bytes(table([{"mention": f"{number:07}A"} for number in range(200)]))
    one, other = await asyncio.gather(run(app, file), run(app, file))
    assert one.created + other.created == 200
    assert one.unchanged + other.unchanged == 200
    assert [programme.revision async for programme in app.programmes.every()] == [1] * 200


async def test_a_refused_row_of_any_import_is_listed_with_every_fault(app: App) -> None:
    rows = [Row(7, "M1", content()), Row(9, "not a code", content(capacity=-1)), Row(12, "M2", content())]
    report = await import_programmes(app, rows, command())
    assert [(row.line, row.field, row.slug) for row in report.rejected] == [
        (9, "code", "not-a-code"),
        (9, "capacity", "out-of-range"),
    ]
    assert told(report) == {"rows": 3, "created": 2, "updated": 0, "unchanged": 0, "superseded": 0}


async def test_the_sample_is_loaded_once_and_keeps_its_days(app: App, store: Store) -> None:
    first = await load_sample(app, command())
    assert (first.rejected, first.created) == ([], len(await versions(store)))
    programmes = [programme async for programme in app.programmes.every()]
    standings = {programme.content.availability(NOON.date()) for programme in programmes}
    assert standings == {Availability.OPEN, Availability.NOT_YET_OPEN, Availability.CLOSED}
    limits = {
        programme.content.centre.code: requirement.max_bytes
        for programme in programmes
        for requirement in programme.content.requirements
    }
    assert limits == {"UPVD-SEE": 2 * MEGABYTE, "UPVD-IUT": 2 * MEGABYTE, "UCA-INFO": 5 * MEGABYTE}
    before = await versions(store)
    again = await load_sample(app, command(NOON + timedelta(days=40)))
    assert (again.unchanged, await versions(store)) == (first.created, before)


async def test_a_sample_half_loaded_is_completed_and_what_was_changed_stays(app: App) -> None:
    await current_campaign(app, command())
    await publish_programme(app, "UPVD-M1-SCIENCES-MER", content(campaign="2027-2028", capacity=3), command())
    report = await load_sample(app, command())
    assert (report.unchanged, report.updated) == (1, 0)
    kept = await app.programmes.get("UPVD-M1-SCIENCES-MER")
    assert kept is not None
    assert kept.state.content.capacity == 3


async def test_where_no_campaign_is_active_the_sample_waits(app: App, store: Store) -> None:
    """Else a suite whose campaign was closed could not be started again."""
    campaign = await current_campaign(app, command())
    await close_campaign(app, campaign.code, command())
    assert (await load_sample(app, command())).rows == 0
    assert await versions(store) == {}


async def test_a_programme_of_the_sample_that_was_withdrawn_stays_away(app: App) -> None:
    await load_sample(app, command())
    await withdraw_programme(app, "UPVD-M1-SCIENCES-MER", command())
    await load_sample(app, command())
    kept = await app.programmes.get("UPVD-M1-SCIENCES-MER")
    assert kept is not None
    assert kept.state.state is ProgrammeState.WITHDRAWN
