"""The catalogue of a campaign that is played where an institution brings none, and how any one is read from the suite."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any, Final

from services.cli.rehearsing.ledger import Course
from services.contracts.api.offers import ProgrammeDetail

FIRST: Final = date(2027, 3, 1)
"""The opening: both changes of the clock, late in March and late in October, lie in the campaign."""
REVIEWED: Final = timedelta(days=12)
"""From the last day of submission to the board at least: those who were asked for more have a week."""


def made_up(programmes: int) -> str:
    """A catalogue of so many programmes, as `parvis import catalogue` takes it."""
    rows: list[dict[str, Any]] = [
        {
            "kind": "centre",
            "code": "REP",
            "label_fr": "Composante de répétition",
            "label_en": "Rehearsal faculty",
            "contact_email": "repetition@parvis.example",
            "opens_on": _text(FIRST),
            "closes_on": _text(FIRST + timedelta(days=20)),
            "submission_deadline": _text(FIRST + timedelta(days=27)),
            "jury_on": _text(FIRST + timedelta(days=42)),
            "answer_delay_days": "15",
        },
        {"kind": "diploma", "code": "M1", "label_fr": "Master 1", "label_en": "Master's, first year"},
        {"kind": "commission", "code": "REP-JURY", "label_fr": "Commission de répétition", "label_en": "Board"},
        {"kind": "requirement", "code": "cv", "label_fr": "CV", "label_en": "CV", "level": "university"},
        {
            "kind": "requirement",
            "code": "emploi",
            "label_fr": "Contrat de travail",
            "label_en": "Contract of employment",
            "level": "centre",
            "centre": "REP",
            "conditional": "yes",
        },
        {
            "kind": "question",
            "code": "alternance",
            "label_fr": "En alternance ?",
            "label_en": "Beside paid work?",
            "answer_kind": "yes-no",
        },
    ]
    for number in range(1, programmes + 1):
        row: dict[str, Any] = {
            "kind": "programme",
            "code": f"REP-{number:02d}",
            "label_fr": f"Formation {number}",
            "label_en": f"Programme {number}",
            "centre": "REP",
            "diploma": "M1",
            "commission": "REP-JURY",
            "capacity": str(2 + number % 3),
        }
        match number % 4:
            case 0:
                row |= {"questions": "alternance"}
            case 1:
                row |= {"waitlist_answer_delay_days": "5", "answer_deadline": _text(FIRST + timedelta(days=60))}
            case 2:
                row |= {"capacity": "1", "waitlist_answer_delay_days": "9"}
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False, indent=1)


def course_of(detail: ProgrammeDetail) -> Course:
    """A programme, as the suite shows it to everybody."""
    dates = detail.dates
    decided = dates.jury_on or dates.publication_on or dates.submission_deadline + REVIEWED
    return Course(
        detail.code,
        detail.title,
        detail.capacity,
        dates.opens_on,
        dates.closes_on,
        dates.submission_deadline,
        max(decided, dates.submission_deadline + REVIEWED),
        dates.answer_deadline,
        dates.answer_delay_days,
        dates.waitlist_answer_deadline,
        dates.waitlist_answer_delay_days,
    )


def _text(day: date) -> str:
    return day.isoformat()
