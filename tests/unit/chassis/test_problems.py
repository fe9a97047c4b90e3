"""Texts of refusals, and what they make of members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from services.chassis.http.problems import STATUS, Texts, generic_texts, problem
from services.contracts.refusals import INVALID_FIELDS, ErrorCode, ErrorKind, FieldError
from tests.unit.chassis.texts import catalogues_of

SAID: Final[Sequence[tuple[str, dict[str, Any], str]]] = (
    ("{max_bytes:size}", {"max_bytes": 5 * 1024 * 1024}, "5\u202fMo"),
    ("{max_bytes:size}", {"max_bytes": 2621440}, "2,5\u202fMo"),
    ("{max_bytes:size}", {"max_bytes": 65536}, "64\u202fko"),
    ("{max_bytes:size}", {"max_bytes": 1023}, "1\u202f023\N{NO-BREAK SPACE}octets"),
    ("{on:day}", {"on": "2026-03-01"}, "1er\u00a0mars\u00a02026"),
    (
        "{at:moment}",
        {"at": "2026-03-01T23:05:00.000Z"},
        "2\u00a0mars\u00a02026 à 0\u00a0h\u00a005 (heure de Paris)",
    ),
    ("{wait:span}", {"wait": 287}, "5\N{NO-BREAK SPACE}minutes"),
    ("{why:words}", {"why": "until", "on": "2026-03-01"}, "jusqu’au 1er\u00a0mars\u00a02026"),
    ("{allowed:list}", {"allowed": ["a", "b", "c"]}, "a, b ou c"),
    ("{missing:words}", {"missing": ["identity", "address"]}, "identité et adresse"),
    ("{missing:words}", {"missing": "identity"}, "identité"),
    ("{max}", {"max": 20}, "20"),
    ("{names}", {"names": ["a", "b"]}, "a, b"),
)
BROKEN: Final = ("{absent}", "{max:nonsense}", "{max[0]}")
DETAILS: Final = ("x", *dict.fromkeys(text for text, _, _ in SAID), *BROKEN)


def texts() -> Texts:
    """Those of every refusal of this module, which is named by its number."""
    words = {
        "fr": {
            "demo.word.identity": "identité",
            "demo.word.address": "adresse",
            "demo.word.until": "jusqu’au {on:day}",
        },
        "en": {"demo.word.identity": "identity", "demo.word.address": "address", "demo.word.until": "until {on:day}"},
    }
    for language in words:
        for number, detail in enumerate(DETAILS):
            words[language] |= {f"demo.demo-{number}.title": "T", f"demo.demo-{number}.detail": detail}
    return Texts("demo", catalogues_of(words), ZoneInfo("Europe/Paris"))


def refusal_with(detail: str) -> ErrorCode:
    """A refusal that says so in French."""
    return ErrorCode(f"demo-{DETAILS.index(detail)}", ErrorKind.CONFLICT)


def test_every_kind_has_its_status() -> None:
    assert set(STATUS) == set(ErrorKind)
    assert len(set(STATUS.values())) == len(ErrorKind)


@pytest.mark.parametrize(("text", "members", "said"), SAID)
def test_members_are_written_as_people_read_them(text: str, members: dict[str, Any], said: str) -> None:
    assert said in problem(refusal_with(text)(**members), "fr", texts())["detail"]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_text_still_leaves_a_refusal(text: str) -> None:
    document = problem(refusal_with(text)(max=1), "fr", texts())
    assert document["detail"] == "T"
    assert document["status"] == 409


def test_a_problem_document_keeps_its_standard_members() -> None:
    document = problem(refusal_with("x")(status=200, title="x", missing=["identity"]), "en", texts())
    assert document == {
        "type": "/problems/demo-0",
        "title": "T",
        "status": 409,
        "detail": "x",
        "slug": "demo-0",
        "missing": ["identity"],
    }


def test_wrong_fields_are_told_by_rule_and_in_words() -> None:
    refusal = INVALID_FIELDS(fields=[FieldError("title", "too-long", {"max": 50})])
    assert problem(refusal, "en", generic_texts())["fields"] == [
        {"field": "title", "slug": "too-long", "message": "Enter 50 characters at most.", "max": 50}
    ]
