"""Work stands behind its limit: what is sent is measured before anything is made of it (acceptance 108)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from services.chassis.http.jsonbody import MAX_CONTAINERS, MAX_DEPTH, MAX_MEMBERS, Nothing, parse_body
from services.contracts.api.texts import BLANKS, DECOMPOSED, tidied
from services.contracts.refusals import RefusedError
from services.contracts.text import MOST, normal
from tests.unit.chassis.demo import run_demo
from tests.unit.chassis.test_http import LIST, refused

LINE = TypeAdapter[str](Annotated[str, Field(max_length=10), tidied(10)])
E_ACUTE_TYPED = "e\N{COMBINING ACUTE ACCENT}"


def test_a_text_is_measured_as_it_was_sent_and_as_it_is_kept() -> None:
    longest = 10 * DECOMPOSED + BLANKS
    assert LINE.validate_python(E_ACUTE_TYPED * 10) == "\N{LATIN SMALL LETTER E WITH ACUTE}" * 10
    assert LINE.validate_python("x".center(longest)) == "x"
    for text in (E_ACUTE_TYPED * 11, "x" * 11, "x".center(longest + 1), "e" + "\N{COMBINING ACUTE ACCENT}" * 60_000):
        with pytest.raises(ValidationError) as wrong:
            LINE.validate_python(text)
        (error,) = wrong.value.errors()
        assert (error["type"], error["ctx"]) == ("string_too_long", {"max_length": 10})


def test_nothing_longer_is_normalized() -> None:
    assert normal("NFC", "x" * MOST) == "x" * MOST
    with pytest.raises(ValueError, match="too long"):
        normal("NFC", "x" * (MOST + 1))


def slug_of(body: bytes) -> str:
    with pytest.raises(RefusedError) as refusal:
        parse_body(Nothing, body)
    return refusal.value.slug.name


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (nested(MAX_DEPTH), "invalid-fields"),
        (nested(MAX_DEPTH + 1), "malformed-json"),
        (b"[" + b",".join([b"{}"] * (MAX_CONTAINERS - 1)) + b"]", "invalid-fields"),
        (b"[" + b",".join([b"{}"] * MAX_CONTAINERS) + b"]", "malformed-json"),
        (json.dumps({f"a{n}": 1 for n in range(MAX_MEMBERS)}).encode(), "invalid-fields"),
        (json.dumps({f"a{n}": 1 for n in range(MAX_MEMBERS + 1)}).encode(), "malformed-json"),
        (json.dumps({"a": '[{"' * 9000}).encode(), "invalid-fields"),
        (b"[" * 17 + rb"\"" * 30_000, "malformed-json"),
        (b"[" * 17 + b'"' + rb"\"" * 30_000, "malformed-json"),
        (b"[" * 17 + b'"' + b"\\" * 60_000, "malformed-json"),
        (b"[]" * 32_000, "malformed-json"),
        (b"[}" * 5, "malformed-json"),
        (b"{]" * 17, "malformed-json"),
    ],
)
def test_a_body_may_be_so_deep_and_so_wide_and_no_more(body: bytes, slug: str) -> None:
    assert slug_of(body) == slug


async def test_a_parameter_given_thousands_of_times_is_named_once(tmp_path: Path) -> None:
    async with run_demo(tmp_path) as demo_service:
        for query, fields in (("limit=1&" * 900, ["limit"]), ("".join(f"{n:x}&" for n in range(900)) * 2, [""])):
            async with demo_service.client.get(f"{LIST}?{query.rstrip('&')}") as response:
                document = await refused(response, 422, "invalid-fields")
            assert [error["field"] for error in document["fields"]] == fields
