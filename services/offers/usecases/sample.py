"""Loading the sample catalogue, with days relative to the day of loading."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from services.chassis.context import CommandContext
from services.contracts.refusals import RefusedError
from services.contracts.refusals.offers import NO_ACTIVE_CAMPAIGN
from services.offers.domain.calendar import Calendar
from services.offers.domain.pieces import usual_requirements
from services.offers.domain.programmes import MEGABYTE, Contact, Content, Form, Question, Unit
from services.offers.domain.text import Text
from services.offers.usecases.app import App
from services.offers.usecases.campaigns import current_campaign
from services.offers.usecases.imports import ImportReport, Row, import_programmes
from services.offers.usecases.programmes import Describe

SAMPLE: Final = Path(__file__).parents[1] / "sample.toml"


async def load_sample(app: App, command: CommandContext) -> ImportReport:
    """Add the programmes of the sample that are not there yet; one that is there stays as it is, its days too.

    None, while no campaign is active: that is the choice of whoever planned them.
    """
    try:
        campaign = await current_campaign(app, command)
    except RefusedError as refusal:
        if refusal.slug != NO_ACTIVE_CAMPAIGN:
            raise
        return ImportReport()
    rows = sample_rows(campaign.code, app.today(command))
    return await import_programmes(app, rows, command)


def sample_rows(campaign: str, today: date) -> list[Row]:
    """The sample's programmes; `line` counts them."""
    sample = tomllib.loads(SAMPLE.read_text())
    rows = []
    for number, programme in enumerate(sample["programmes"], 1):
        content = _content(sample, programme, campaign, today)
        rows.append(Row(number, programme["code"], _unless_there(content)))
    return rows


def _unless_there(fresh: Content) -> Describe:
    return lambda there: there or fresh


def _content(sample: Mapping[str, Any], programme: Mapping[str, Any], campaign: str, today: date) -> Content:
    centre = sample["centres"][programme["centre"]]
    usual = usual_requirements(centre["max_megabytes"] * MEGABYTE)
    days: dict[str, Any] = {
        name: today + timedelta(days=after) for name, after in sample["windows"][programme["window"]].items()
    }
    return Content(
        campaign=campaign,
        title=_text(programme["title"]),
        centre=Unit(programme["centre"], _text(centre["label"])),
        diploma=Unit(programme["diploma"], _text(sample["diplomas"][programme["diploma"]])),
        calendar=Calendar(**days, answer_delay_days=sample["answer_delay_days"]),
        contact=Contact(
            centre["label"]["fr"], tuple(centre["address"]), centre["email"], centre["phone"], centre["url"]
        ),
        keywords=tuple(programme.get("keywords", ())),
        route=programme.get("route", "controlled"),
        capacity=programme.get("capacity"),
        information=_text(programme.get("information", {"fr": ""})),
        requirements=tuple(usual[code] for code in sample["pieces"][programme["pieces"]]),
        forms=tuple(
            Form(code, _text(form["label"]), form["url"], form["required"])
            for code, form in _chosen(sample, "forms", programme)
        ),
        questions=tuple(
            Question(code, _text(question["label"]), question["kind"], question["required"])
            for code, question in _chosen(sample, "questions", programme)
        ),
        commission=Unit(board, _text(sample["commissions"][board])) if (board := programme.get("commission")) else None,
    )


def _chosen(sample: Mapping[str, Any], kind: str, programme: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(code, sample[kind][code]) for code in programme.get(kind, ())]


def _text(table: Mapping[str, str]) -> Text:
    return Text(table["fr"], table.get("en"))
