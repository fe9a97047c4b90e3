"""What people do whom the registrar knows, over HTTP."""

from __future__ import annotations

from typing import Any

from tests.ents import Cas
from tests.records import BORN, NATIONAL
from tests.service.accounts.client import AccountsClient, Person
from tests.service.accounts.ent.by_ent import by_ent

CERTIFIED = {"certified": True, "national_student_number": NATIONAL, "birth_date": BORN}
LOCKED = [
    "identity.title",
    "identity.family_name",
    "identity.birth_date",
    "identity.birth_country",
    "identity.birth_place",
    "identity.nationality",
    "identity.given_name",
    "identity.national_student_number",
    *(f"baccalaureate.{name}" for name in ("kind", "series", "year", "honours", "institution", "country")),
]


async def enter(client: AccountsClient, cas: Cas, zoe: Person) -> None:
    """Come in by the ENT; what was to be asked of the registrar has been when this returns."""
    entry = await by_ent(client, cas)
    assert entry.status == 200 and "access_token" in entry.body
    zoe.tokens = entry.body
    await client.suite.settle()


async def profile(zoe: Person) -> dict[str, Any]:
    await zoe.client.suite.settle()
    return dict((await zoe.get("/me/profile")).body)


async def put(zoe: Person, step: str, **body: Any) -> Any:
    return await zoe.do("PUT", f"/me/profile/{step}", body)


async def certify(zoe: Person, **changes: Any) -> Any:
    body = {name: value for name, value in (CERTIFIED | changes).items() if value is not None}
    return await zoe.do("POST", "/me/registrar-record", body)
