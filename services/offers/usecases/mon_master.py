"""Importing the ministry's open data of the portal "Trouver mon master": master's mentions by institution and year."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from services.chassis.context import CommandContext
from services.offers.domain.calendar import Calendar
from services.offers.domain.mentions import Mention, Newest, gather
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import MEGABYTE, Contact, Content, Unit
from services.offers.domain.text import Text
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.csv_reader import read_table
from services.offers.usecases.imports import ImportReport, Progress, Row, import_programmes
from services.offers.usecases.programmes import Describe

WINDOW_DAYS: Final = 30
SUBMISSION_DAYS: Final = 7
ANSWER_DAYS: Final = 15
MAX_BYTES: Final = 5 * MEGABYTE
PIECES: Final = ("cv", "releves-bac", "releves-post-bac", "lettre-motivation")
_REQUIREMENTS: Final = tuple(usual_requirements(MAX_BYTES)[code] for code in PIECES)
_MASTER: Final = Unit("master", Text("Master", "Master's degree"))


@dataclass(frozen=True, slots=True)
class MonMasterOptions:
    """What the file does not say.

    Without days, a new programme is open from the day of the import for 30 days, and one that is there keeps its days.
    """

    opens_on: date | None = None
    closes_on: date | None = None
    dry_run: bool = False


async def import_mon_master(
    app: App, path: Path, command: CommandContext, options: MonMasterOptions, progress: Progress
) -> ImportReport:
    """Import the file, plain or gzip; every row is counted or listed, and a second run changes nothing.

    Of one mention at one institution, the newest year counts. `progress` is told how many rows are done, and of how many.
    Raises NOT_A_MON_MASTER_FILE, IMPORT_TOO_LONG, DAMAGED_ARCHIVE, OSError, NO_ACTIVE_CAMPAIGN, StoreUnavailable.
    """
    newest = await asyncio.to_thread(_read, path)
    campaign = await current_campaign(app, command, dry_run=options.dry_run)
    calendar = _calendar(options, app.today(command))
    keep_days = options.opens_on is None and options.closes_on is None
    report = ImportReport(dry_run=options.dry_run, superseded=newest.superseded)
    for line, fault in newest.faults:
        report.reject(line, [fault])
    done = report.rows
    total = done + len(newest.mentions)
    progress(done, total)

    def tick() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    rows = (
        Row(mention.line, mention.code, _describe(mention, campaign.code, calendar, keep_days=keep_days))
        for mention in newest.mentions
    )
    return await import_programmes(app, rows, command, dry_run=options.dry_run, report=report, done=tick)


def _read(path: Path) -> Newest:
    with read_table(path) as table:
        return gather(table)


def _calendar(options: MonMasterOptions, today: date) -> Calendar:
    opens_on = options.opens_on or today
    closes_on = options.closes_on or opens_on + timedelta(days=WINDOW_DAYS)
    return Calendar(
        opens_on=opens_on,
        closes_on=closes_on,
        submission_deadline=closes_on + timedelta(days=SUBMISSION_DAYS),
        answer_delay_days=ANSWER_DAYS,
    )


def _describe(mention: Mention, campaign: str, calendar: Calendar, *, keep_days: bool) -> Describe:
    """What the programme is to be; of one that is there, what the file does not say stays as it is."""
    fresh = Content(
        campaign=campaign,
        title=Text(mention.title),
        centre=Unit(mention.institution.uai, Text(mention.institution.name)),
        diploma=_MASTER,
        calendar=calendar,
        contact=Contact(mention.institution.name, mention.institution.address, url=mention.url),
        keywords=mention.keywords,
        offered=mention.offered,
        capacity=mention.capacity,
        information=Text(mention.information),
        requirements=_REQUIREMENTS,
    )

    def describe(there: Content | None) -> Content:
        if there is None:
            return fresh
        kept = replace(fresh, route=there.route, requirements=there.requirements)
        kept = replace(kept, groups=there.groups, passes_on=there.passes_on)
        if keep_days and there.campaign == campaign:
            kept = replace(kept, calendar=there.calendar)
        return kept

    return describe
