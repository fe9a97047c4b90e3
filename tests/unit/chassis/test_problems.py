"""Texts of refusals, and what they make of members."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.chassis.http.problems import STATUS, Texts, generic_texts, problem
from services.chassis.refusals import FIELD_RULES, GENERIC
from services.contracts.refusals import INVALID_FIELDS, ErrorCode, ErrorKind, FieldError

SLUG = ErrorCode("demo", ErrorKind.CONFLICT)


def texts(tmp_path: Path, detail_fr: str, detail_en: str = "x", more: str = "") -> Texts:
    file = tmp_path / "refusals.toml"
    file.write_text(
        f'[demo]\ntitle_fr = "T"\ntitle_en = "T"\ndetail_fr = "{detail_fr}"\ndetail_en = "{detail_en}"\n{more}',
        encoding="utf-8",
    )
    return Texts(file)


def test_every_kind_has_its_status() -> None:
    assert set(STATUS) == set(ErrorKind)
    assert len(set(STATUS.values())) == len(ErrorKind)


def test_generic_refusals_and_field_rules_have_texts_and_no_text_is_of_nothing() -> None:
    assert generic_texts().faults([*(slug.name for slug in GENERIC), *FIELD_RULES]) == []


@pytest.mark.parametrize(
    ("text", "members", "said"),
    [
        ("{max_bytes:size}", {"max_bytes": 5 * 1024 * 1024}, "5\N{NO-BREAK SPACE}Mo"),
        ("{max_bytes:size}", {"max_bytes": 2621440}, "2,5\N{NO-BREAK SPACE}Mo"),
        ("{max_bytes:size}", {"max_bytes": 65536}, "64\N{NO-BREAK SPACE}Ko"),
        ("{max_bytes:size}", {"max_bytes": 1023}, "1023\N{NO-BREAK SPACE}octets"),
        ("{on:date}", {"on": "2026-03-01"}, "1 mars 2026"),
        ("{at:instant}", {"at": "2026-03-01T12:00:00.000Z"}, "1 mars 2026"),
        ("{allowed:list}", {"allowed": ["a", "b", "c"]}, "a, b ou c"),
        ("{missing:words}", {"missing": ["identity", "address"]}, "identité et adresse"),
        ("{missing:words}", {"missing": "identity"}, "identité"),
        ("{max}", {"max": 20}, "20"),
        ("{names}", {"names": ["a", "b"]}, "a, b"),
    ],
)
def test_members_are_written_as_people_read_them(tmp_path: Path, text: str, members: dict[str, Any], said: str) -> None:
    words = '[words]\nidentity = { fr = "identité", en = "identity" }\naddress = { fr = "adresse", en = "address" }\n'
    assert said in problem(SLUG(**members), "fr", texts(tmp_path, text, more=words))["detail"]


@pytest.mark.parametrize("text", ["{absent}", "{max:nonsense}", "{max[0]}"])
def test_a_broken_text_still_leaves_a_refusal(tmp_path: Path, text: str) -> None:
    document = problem(SLUG(max=1), "fr", texts(tmp_path, text))
    assert document["detail"] == "T"
    assert document["status"] == 409


def test_texts_find_their_own_faults(tmp_path: Path) -> None:
    found = texts(tmp_path, "{max}", "no figure").faults(["demo", "other"])
    assert found == ["other: no texts", "demo: languages name other members"]
    assert texts(tmp_path, " ").faults([]) == ["demo: texts of nothing", "demo: no detail_fr"]


def test_a_problem_document_keeps_its_standard_members(tmp_path: Path) -> None:
    document = problem(SLUG(status=200, title="x", missing=["identity"]), "en", texts(tmp_path, "x"))
    assert document == {
        "type": "/problems/demo",
        "title": "T",
        "status": 409,
        "detail": "x",
        "slug": "demo",
        "missing": ["identity"],
    }


def test_wrong_fields_are_told_by_rule_and_in_words() -> None:
    refusal = INVALID_FIELDS(fields=[FieldError("title", "too-long", {"max": 50})])
    assert problem(refusal, "en", generic_texts())["fields"] == [
        {"field": "title", "slug": "too-long", "message": "This text may not exceed 50 characters.", "max": 50}
    ]
