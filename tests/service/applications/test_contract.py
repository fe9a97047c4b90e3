"""What is declared is what there is: texts of refusals, routes of the states' table, events listened to."""

import ast
import asyncio
from pathlib import Path

import services.applications
from services.chassis.events.inbox import INBOX
from services.chassis.testing import run_suite
from services.cli.meeting_states_page import MEETING_ROUTES
from services.cli.states_page import ROUTES
from services.contracts.api.endpoints.all import APIS
from services.contracts.events.offers import ProgrammePublished
from services.contracts.refusals import ErrorCode
from services.contracts.refusals import applications as refusals
from tests.service.applications.candidate import Candidate, PeerServices

ROOT = Path(services.applications.__file__).parent
DECLARED = {name: value for name, value in vars(refusals).items() if isinstance(value, ErrorCode)}


def test_every_refusal_can_happen() -> None:
    used = set()
    for file in ROOT.rglob("*.py"):
        used |= {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
    assert DECLARED.keys() <= used


BESIDE = {
    *("POST /review/{id}/notes", "PUT /review/{id}/tags", "PUT /review/{id}/assignee", "PUT /places/{programme}"),
    *("PUT /review/{id}/fees", "PUT /review/{id}/enrolment-code"),
    *("PUT /review/columns", "PUT /review/views/{name}", "DELETE /review/views/{name}"),
    *("POST /review/exports", "DELETE /review/exports/{id}"),
    *(f"POST /incidents{path}" for path in ("", "/{incident}/extension", "/{incident}/dismissal")),
    "POST /connectors/{connector}/test",
}
"""What staff keep beside a file, and say of a list, changes no state of it."""


def test_the_states_table_and_the_routes_name_one_another() -> None:
    changing = {
        f"{endpoint.method} {endpoint.path}" for endpoint in APIS["applications"] if endpoint.method != "GET"
    } - BESIDE
    assert changing == {place for places in ROUTES.values() for place in places} | {*MEETING_ROUTES.values()}


async def test_a_programme_with_a_day_that_is_none_is_not_believed(peers: PeerServices, zoe: Candidate) -> None:
    part = peers.programme("M2", closes_on="2027-3-31")
    envelope = await peers.suite.publish(ProgrammePublished(code="M2", programme=part), "offers")
    store = peers.suite.service("applications").service.ports.store
    async with asyncio.timeout(120):
        while (row := await store.get(INBOX.name, envelope.id)) is None or row["state"] != "retrying":
            await asyncio.sleep(0.01)
    assert row["error"] == "ValueError"
    assert (await zoe.apply("M2")).slug == "not-found"


async def test_while_no_key_can_be_fetched_nobody_is_told_that_a_token_is_wrong(tmp_path: Path) -> None:
    nobody_there = "http://127.0.0.1:1/{service}"
    async with run_suite(tmp_path, services=("applications",), keysets_url=nobody_there) as suite:
        reply = await Candidate(suite, "zoe").ask("GET", "/applications")
    assert (reply.status, reply.slug) == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) > 0
