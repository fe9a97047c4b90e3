"""GET and PUT `/parameters`: by version, once however often they are sent, all faults at once, in force elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import SessionRevoked
from services.contracts.parameters import Parameters, to_rows

PATH = "/api/offers/parameters"
Answer = tuple[int, Any, Mapping[str, str]]


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    async with run_suite(tmp_path, services=("offers", "mailer")) as running:
        await running.settle()
        yield running


async def ask(
    suite: Suite,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    *,
    grant: Mapping[str, Any] | None = None,
    path: str = PATH,
) -> Answer:
    """Read the parameters, or set some, as an administrator of all centres unless `grant` says otherwise."""
    token = suite.bearer("kim", kind="staff", grants=[{"role": "admin"} if grant is None else grant])
    method, content = ("GET", {}) if body is None else ("PUT", {"json": body})
    async with suite.client.request(method, path, headers={**token, **(headers or {})}, **content) as answer:
        return answer.status, await answer.json(content_type=None), answer.headers


async def test_what_was_read_is_set_by_its_version_and_is_in_force_elsewhere(suite: Suite) -> None:
    status, shown, headers = await ask(suite)
    assert (status, shown, headers["ETag"]) == (200, to_rows(Parameters()), '"1"')
    given = {
        "mailer": {"gather_minutes": 0, "alert_minutes": 5, "delayed_days": 4},
        "institution": {"sign_off": " La scolarité "},
    }
    status, shown, headers = await ask(suite, given, {"If-Match": '"1"'})
    assert (status, headers["ETag"], headers["Parvis-Seen"] != "") == (200, '"2"', True)
    assert (shown["mailer"], shown["institution"]["sign_off"]) == (given["mailer"], "La scolarité")
    assert shown["accounts"] == to_rows(Parameters())["accounts"]
    assert (await ask(suite))[1] == shown
    await suite.settle()
    row = await suite.service("mailer").service.ports.store.get("parameters", "institution")
    assert row is not None and (row["version"], row["mailer:gather_minutes"]) == (2, 0)
    sheet = await suite.service("offers").service.ports.store.get("parameters", "institution")
    assert sheet is not None and sheet["history"][-1]["actor"] == "staff:kim"
    token = suite.bearer("kim", kind="staff", grants=[{"role": "admin"}])
    async with suite.client.get("/api/offers/parameters/revisions", headers=token) as answer:
        told = await answer.json()
    assert (told["version"], told["items"][0]["version"], told["items"][0]["changed_by"]) == (2, 2, "staff:kim")
    assert {"key": "institution.sign_off", "before": "", "after": "La scolarité"} in told["items"][0]["differences"]


async def test_an_older_version_is_refused_unless_it_is_so_already(suite: Suite) -> None:
    given = {"accounts": {"link_hours": 48}}
    assert (await ask(suite, given, {"If-Match": '"1"'}))[0] == 200
    assert (await ask(suite, given, {"If-Match": '"1"'}))[2]["ETag"] == '"2"'
    status, problem, _ = await ask(suite, {"accounts": {"link_hours": 24}}, {"If-Match": '"1"'})
    assert (status, problem["slug"], problem["version"]) == (412, "stale-version", 2)
    assert (await ask(suite))[1]["accounts"]["link_hours"] == 48


async def test_a_lost_answer_is_given_again_to_the_same_key(suite: Suite) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await ask(suite, {"accounts": {"link_hours": 48}}, key)
    assert (await ask(suite, {"accounts": {"link_hours": 24}}))[0] == 200
    again = await ask(suite, {"accounts": {"link_hours": 48}}, key)
    assert (first[0], again[0]) == (200, 200)
    assert (await ask(suite))[1]["accounts"]["link_hours"] == 24
    assert (await ask(suite, {"accounts": {"link_hours": 12}}, key))[1]["slug"] == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"accounts": {"link_hours": 0, "session_days": 91}}, {"link_hours": "too-small", "session_days": "too-big"}),
        ({"accounts": {"link_hours": "48", "years": 1}}, {"link_hours": "wrong-type", "accounts": "unknown-field"}),
        ({"applications": {"max_active_per": "programme"}}, {"max_active_per": "not-a-choice"}),
        ({"documents": {"media_types": []}}, {"media_types": "too-few"}),
        ({"documents": {"media_types": ["image/png", "image/png"]}}, {"media_types": "repeated"}),
        ({"institution": {"name": " ", "contact": "office"}}, {"name": "required", "contact": "not-an-email"}),
    ],
)
async def test_what_cannot_be_had_changes_nothing_and_is_told_of_all_at_once(
    suite: Suite, given: Mapping[str, Any], faults: Mapping[str, str]
) -> None:
    status, problem, _ = await ask(suite, {"mailer": {"gather_minutes": 3}, **given})
    assert (status, problem["slug"]) == (422, "invalid-fields")
    assert {fault["field"].rpartition(".")[2]: fault["slug"] for fault in problem["fields"]} == faults
    assert (await ask(suite))[1] == to_rows(Parameters())


@pytest.mark.parametrize("scope", ["centres", "commissions"])
async def test_what_counts_everywhere_is_out_of_scope_for_who_has_some_centres(suite: Suite, scope: str) -> None:
    """Acceptance 92."""
    for body in (None, {"mailer": {"gather_minutes": 0}}):
        status, problem, _ = await ask(suite, body, grant={"role": "admin", scope: ["UPVD-SEE"]})
        assert (status, problem["slug"]) == (404, "not-found")


async def test_who_is_logged_out_sets_nothing_more(suite: Suite) -> None:
    event = SessionRevoked.model_validate({"account": "kim", "session": "session-kim"})
    await suite.publish(event, "accounts")
    await suite.settle()
    assert (await ask(suite, {"mailer": {"gather_minutes": 0}}))[0] == 401


async def test_two_who_set_the_same_version_at_once_are_told_apart(suite: Suite) -> None:
    both = (ask(suite, {"accounts": {"link_hours": hours}}, {"If-Match": '"1"'}) for hours in (24, 48))
    assert sorted(answer[0] for answer in await asyncio.gather(*both)) == [200, 412]


@pytest.mark.parametrize(("message", "section"), [("home", "institution"), ("maintenance", "maintenance")])
async def test_a_message_is_some_of_the_parameters(suite: Suite, message: str, section: str) -> None:
    path = f"/api/offers/messages/{message}"
    assert (await ask(suite, path=path))[1] == {"code": message, "fr": "", "en": "", "version": 1}
    said = {"fr": "x" * 500, "en": "Back at six"}
    status, shown, headers = await ask(suite, said, {"If-Match": '"1"'}, path=path)
    assert (status, shown, headers["ETag"]) == (200, {"code": message, "version": 2, **said}, '"2"')
    assert headers["Parvis-Seen"]
    parameters = (await ask(suite))[1]
    assert (parameters[section]["message_fr"], parameters[section]["message_en"]) == (said["fr"], said["en"])
    assert (await ask(suite, said, {"If-Match": '"1"'}, path=path))[0] == 200, "it is so already"
    assert (await ask(suite, {"en": ""}, {"If-Match": '"1"'}, path=path))[1]["slug"] == "stale-version"
    assert (await ask(suite, {"en": ""}, path=path))[1] == {"code": message, "fr": said["fr"], "en": "", "version": 3}
    for wrong, field, slug in (
        ({"fr": "x" * 501}, "fr", "too-long"),
        ({"fr": "a\u0000b"}, "fr", "control-characters"),
        ({"de": "x"}, "", "unknown-field"),
    ):
        status, problem, _ = await ask(suite, wrong, path=path)
        assert (status, [(each["field"], each["slug"]) for each in problem["fields"]]) == (422, [(field, slug)])
    assert (await ask(suite, path=f"{path}-not"))[0] == 404
    assert (await ask(suite, said, path=path, grant={"role": "admin", "centres": ["A"]}))[0] == 404
    assert (await ask(suite, said, path=path, grant={"role": "manager"}))[0] == 403


async def test_windows_of_maintenance_are_set_by_their_own_call(suite: Suite) -> None:
    """Acceptance 95."""
    path = "/api/offers/maintenance"
    status, shown, headers = await ask(suite, {"windows": ["22:45-06:00"]}, {"If-Match": '"1"'}, path=path)
    assert (status, headers["ETag"]) == (200, '"2"')
    assert shown == {"windows": ["22:45-06:00"], "message_fr": "", "message_en": "", "grace_days": 1}
    assert (await ask(suite))[1]["maintenance"] == shown
    assert (await ask(suite, {"grace_days": 2}, {"If-Match": '"1"'}, path=path))[0] == 412
    for wrong, field, slug in (
        ({"windows": ["22:45-06:00", "noon"]}, "windows", "not-a-span"),
        ({"grace_days": 8}, "grace_days", "too-big"),
    ):
        status, problem, _ = await ask(suite, wrong, path=path)
        assert (status, [(each["field"], each["slug"]) for each in problem["fields"]]) == (422, [(field, slug)])
    assert (await ask(suite, {"grace_days": 7}, path=path))[1]["grace_days"] == 7
    assert (await ask(suite, {"windows": []}, path=path, grant={"role": "admin", "centres": ["A"]}))[0] == 404
