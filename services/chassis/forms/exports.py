"""What LimeSurvey exports, read strictly: questions, responses, and whose they say they are."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.chassis.ports.forms import Survey, SurveyResponse, WrongForms

LONGEST_TEXT: Final = 20_000
"""Characters of a question as it is written there, with its marks."""
UNDATED: Final = 2000
"""A survey that keeps no dates says 1980 of all of them."""

_SCRIPT: Final = re.compile(r"<(script|style)\b.*?(</\1>|$)", re.IGNORECASE | re.DOTALL)
_MARK: Final = re.compile(r"<[^<>]*>")
_HEADING: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")

Questions = Mapping[str, str]
"""The texts of questions by their codes; of a part of one, by both codes with a blank between."""


def questions_of(listed: Any) -> Questions:
    """The questions of a survey; raises WrongForms."""
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise WrongForms("no questions")
    rows = {str(each.get("qid", each.get("id"))): each for each in listed}
    found: dict[str, str] = {}
    for row in rows.values():
        code, text, parent = row.get("title"), row.get("question"), str(row.get("parent_qid") or 0)
        if not isinstance(code, str) or not isinstance(text, str):
            raise WrongForms("no question")
        if parent == "0":
            found[code] = _plain(text)
        elif parent in rows:
            found[f"{rows[parent].get('title')} {code}"] = _plain(text)
    return found


def exported(export: Any, first: int, last: int) -> list[Mapping[str, Any]]:
    """The responses of an export, which bear these numbers; raises WrongForms."""
    try:
        rows = json.loads(base64.b64decode(export, validate=True))["responses"]
        found = [_row(each) for each in rows]
        numbers = {int(row["id"]) for row in found}
    except (ValueError, TypeError, LookupError, RecursionError):
        raise WrongForms("no export") from None
    if len(numbers) != len(found) or not all(first <= number <= last for number in numbers):
        raise WrongForms("other responses than those that were asked for")
    return found


def response_of(row: Mapping[str, Any], survey: Survey, questions: Questions) -> SurveyResponse:
    """A response, with the day of what was done to it last: of who changes one, some versions leave `submitdate` as it was.

    Raises WrongForms.
    """
    sent = row.get("submitdate")
    at = max((_instant(each) for each in (sent, row.get("datestamp")) if each), default=None)
    whose = (survey.application, survey.file_number)
    answers = tuple(
        (question, str(answer).strip())
        for heading, answer in row.items()
        if heading not in whose and str(answer or "").strip() and (question := _question(heading, questions))
    )
    return SurveyResponse(
        f"limesurvey-{survey.id}-{int(row['id'])}",
        str(row.get(survey.application) or "").strip(),
        str(row.get(survey.file_number) or "").strip() if survey.file_number else "",
        at if at is not None and at.year >= UNDATED else None,
        answers,
        bool(sent),
    )


def _instant(said: Any) -> datetime:
    try:
        return datetime.strptime(str(said)[:19], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - it says no zone
    except ValueError:
        raise WrongForms("no date") from None


def _row(each: Any) -> Mapping[str, Any]:
    if len(each) == 1:
        (each,) = each.values()
    if not isinstance(each, dict) or not all(
        value is None or isinstance(value, str | int | float) for value in each.values()
    ):
        raise ValueError
    return each


def _question(heading: str, questions: Questions) -> str:
    """What a column asks, by its heading: `CODE`, or `CODE[PART]`; empty for what is no question."""
    found = _HEADING.fullmatch(heading)
    if found is None or (text := questions.get(found[1])) is None:
        return ""
    parts = [questions.get(f"{found[1]} {part}", part) for part in _PART.findall(found[2])]
    return " – ".join((text or found[1], *parts))


def _plain(text: str) -> str:
    """The text of a question without the marks of HTML."""
    return " ".join(html.unescape(_MARK.sub(" ", _SCRIPT.sub(" ", text[:LONGEST_TEXT]))).split())
