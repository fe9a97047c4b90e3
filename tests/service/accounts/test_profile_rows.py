"""Studies elsewhere, internships and work over HTTP (acceptance 27, 33, 35)."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts.events.accounts import CardChanged
from tests.service.accounts.client import Person, Reply

ROWS: dict[str, dict[str, Any]] = {
    "external-studies": {"year": 2023, "diploma_label": "Licence de biologie", "obtained": "pending"},
    "internships": {
        "year": 2025,
        "duration": "2 mois",
        "organisation": "IFREMER",
        "description": "Plancton\net algues",
    },
    "work-experience": {"year": 2024, "title": "Vendange", "duration": "3 semaines", "organisation": "Mas Amiel"},
}


async def ask(zoe: Person, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    return await zoe.client.ask(method, f"/me/profile/{path}", body, zoe.bearer | headers)


@pytest.mark.parametrize("path", ROWS)
async def test_rows_are_added_changed_and_taken_away(zoe: Person, path: str) -> None:
    """Acceptance 27."""
    step = path.replace("-", "_")
    added = [await ask(zoe, "POST", path, ROWS[path], **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert [reply.status for reply in added] == [201, 201]
    row = added[0].body
    assert added[1].body == row and row.items() >= ROWS[path].items()
    assert added[0].headers["ETag"] == f'"{row["tag"]}"'
    assert (await zoe.get("/me/profile")).body["steps"][step] == [row]
    changed = await ask(
        zoe, "PUT", f"{path}/{row['id']}", ROWS[path] | {"year": 2022}, **{"If-Match": f'"{row["tag"]}"'}
    )
    assert (changed.status, changed.body["year"]) == (200, 2022)
    late = await ask(zoe, "PUT", f"{path}/{row['id']}", ROWS[path], **{"If-Match": f'"{row["tag"]}"'})
    assert (late.status, late.slug, late.body["current"]["year"]) == (412, "stale-version", 2022)
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    assert (await ask(kim, "PUT", f"{path}/{row['id']}", ROWS[path])).status == 404
    assert (await ask(kim, "DELETE", f"{path}/{row['id']}")).status == 204
    told = await zoe.client.told(CardChanged)
    assert [card["rows"][step][0]["year"] for card in told] == [ROWS[path]["year"], 2022]
    assert [(await ask(zoe, "DELETE", f"{path}/{row['id']}")).status for _ in range(2)] == [204, 204]
    assert (await zoe.get("/me/profile")).body["steps"][step] == []


LIMITS = [
    ("external-studies", "diploma_label", 255),
    ("external-studies", "institution", 100),
    ("external-studies", "honours", 30),
    ("internships", "description", 500),
    ("internships", "organisation", 50),
    ("internships", "duration", 20),
    ("internships", "title", 50),
    ("work-experience", "title", 50),
    ("work-experience", "organisation", 50),
    ("work-experience", "duration", 20),
    ("work-experience", "description", 500),
]


async def test_texts_are_as_long_as_they_may_be_and_no_longer(zoe: Person) -> None:
    """Acceptance 33: the refusal says the limit."""
    for path, field, longest in LIMITS:
        at = await ask(zoe, "POST", path, ROWS[path] | {field: "é" * longest})
        assert (at.status, at.body.get(field)) == (201, "é" * longest), (path, field)
        past = await ask(zoe, "POST", path, ROWS[path] | {field: "é" * (longest + 1)})
        assert (past.status, past.fields) == (422, {field: "too-long"})
        assert str(longest) in past.body["fields"][0]["message"]
        required = await ask(zoe, "POST", path, ROWS[path] | {field: " "})
        assert required.status == (422 if field in ROWS[path] else 201), (path, field)


async def test_all_that_is_wrong_is_said_at_once(zoe: Person) -> None:
    wrong = {"year": 1899, "diploma_label": "", "obtained": "perhaps", "country": "ZZ"}
    assert (await ask(zoe, "POST", "external-studies", wrong)).fields == {
        "year": "year-out-of-range",
        "diploma_label": "required",
        "obtained": "not-a-choice",
        "country": "not-a-country",
    }


async def test_there_is_an_end_to_rows(zoe: Person) -> None:
    for _ in range(20):
        assert (await ask(zoe, "POST", "internships", ROWS["internships"])).status == 201
    full = await ask(zoe, "POST", "internships", ROWS["internships"])
    assert (full.status, full.slug, full.body["max"]) == (409, "too-many-rows", 20)
