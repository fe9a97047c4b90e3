"""Every route lets in whom docs/api/access.md names, and nobody else (acceptance 92, ADR 46)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from services import SERVICES
from services.chassis.testing import Suite, run_suite
from services.cli.docs_generation import openapi_documents
from services.contracts.actors import Role
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.accounts import LOG_IN, LOG_OUT
from services.contracts.api.endpoints.all import APIS
from services.contracts.refusals.accounts import RIGHT_OF_EVERYTHING
from tests.candidate import PASSWORD, Candidate, Mailbox
from tests.contracts.api.staff import ADMINISTRATOR, an_administrator

MATRIX = Path(__file__).parents[3] / "docs/api/access.md"
NAMED = {
    "campaign": "1999",
    "connector": "store",
    "incident": "declared-0-0",
    "step": "work-experience",
    "login": "ZZZZ9999",
    "kind": "rejection",
    "language": "fr",
    "message": "home",
    "number": "1",
}
"""What paths have names for, or shorter ones than ids; all else in them is an id that nothing has."""
ENDPOINTS = [endpoint for api in APIS.values() for endpoint in api]
Headers = Mapping[str, str]


def matrix() -> dict[str, dict[str, str]]:
    """Call to caller to what becomes of them."""
    rows = [re.split(r" *\| *", line.strip("| \n")) for line in MATRIX.read_text().splitlines() if line.startswith("|")]
    return {row[0].replace("`", ""): dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[2:]}


async def outcome(suite: Suite, endpoint: Endpoint[Any, Any], headers: Headers, body: Any = None) -> tuple[str, str]:
    """What becomes of a caller, as the matrix says it, and the slug of a refusal.

    The matrix is of roles: who has the role, for too few centres, is told that this is what they lack.
    """
    path = endpoint.at(**{name: NAMED.get(name, "0" * 26) for name in endpoint.parameters})
    async with suite.client.request(endpoint.method, path, headers=headers, json=body) as response:
        says_why = response.status >= 400 and endpoint.method != "HEAD"  # which has no body to say it in
        slug = (await response.json(content_type=None))["slug"] if says_why else ""
        is_let_in = response.status not in (401, 403) or slug == RIGHT_OF_EVERYTHING.name
        return ("yes" if is_let_in else str(response.status)), slug


@cache
def documents() -> Mapping[str, Any]:
    """What the services say of themselves, made once."""
    return openapi_documents()


def example(endpoint: Endpoint[Any, Any]) -> Any:
    """A body that the endpoint takes, as its document shows it."""
    operation = documents()[endpoint.service]["paths"][endpoint.full_path][endpoint.method.lower()]
    return operation["requestBody"]["content"]["application/json"]["example"]


def made(suite: Suite) -> Callable[..., Headers]:
    """Makes headers with what accounts would sign; `typ` and all claims can be others."""
    signer = suite.service("accounts").service.signer
    assert signer is not None
    now = int(suite.clock.now().timestamp())
    usual = {"aud": "parvis", "sub": "kim", "iat": now, "exp": now + 600, "sid": "none", "jti": "j"}

    def make(typ: str = "at+jwt", **claims: Any) -> Headers:
        return {"Authorization": f"Bearer {signer.sign(usual | claims, typ=typ)}"}

    return make


async def live_staff(suite: Suite) -> Mapping[str, Any]:
    """What is said of whom by the token of somebody of staff who has just logged in."""
    async with suite.client.post(LOG_IN.full_path, json={"login": ADMINISTRATOR, "password": PASSWORD}) as response:
        token = str((await response.json())["access_token"])
    said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return {name: said[name] for name in ("sub", "sid", "epoch")}


async def test_every_route_treats_every_caller_as_the_matrix_says(tmp_path: Path) -> None:
    expected = matrix()
    assert expected.keys() == {str(endpoint) for endpoint in ENDPOINTS}
    async with run_suite(tmp_path, services=SERVICES) as suite:
        await suite.settle()
        person = Candidate(suite.client, suite.url, Mailbox(tmp_path / "mail"))
        await person.registers()
        await person.validates()
        await person.logs_in()
        await an_administrator(suite, tmp_path)
        make = made(suite)
        callers: dict[str, Headers] = {
            "nobody": {},
            **{
                role: make(kind="staff", grants=[{"role": role, "centres": ["UPVD-SEE"]}], **await live_staff(suite))
                for role in Role
            },
            "client": make(kind="client"),
            "account": (own := {"Authorization": f"Bearer {person.token}"}),
        }
        last = sorted(ENDPOINTS, key=lambda endpoint: endpoint is LOG_OUT)
        for caller, headers in callers.items():
            for endpoint in last:
                found, slug = await outcome(suite, endpoint, headers)
                assert found == expected[str(endpoint)][caller], f"{caller}: {endpoint}: {slug}"
                assert found != "403" or slug == ("" if endpoint.method == "HEAD" else "right-missing"), (
                    f"{caller}: {endpoint}"
                )
        await suite.settle()
        worthless: dict[str, Headers] = {
            "expired": make(exp=int(suite.clock.now().timestamp())),
            "ended": own,
            "other audience": make(aud="parvis/accounts"),
            "receipt": make(typ="parvis-upload+jwt"),
        }
        for caller, headers in worthless.items():
            for endpoint in ENDPOINTS:
                # Accounts asks its own store whether a session lives, which it does for a command that can be read.
                asks = caller == "ended" and endpoint.body is not None and not endpoint.access.public
                body = example(endpoint) if asks else None
                found, slug = await outcome(suite, endpoint, headers, body)
                again = caller == "ended" and endpoint is LOG_OUT  # who logs out twice is logged out
                # It has the store of sessions, and looks there for whom a call is for alone.
                elsewhere = caller == "ended" and endpoint.service == "accounts" and not endpoint.access.account
                kind = "account" if elsewhere else "nobody"
                wanted = "yes" if again else expected[str(endpoint)][kind]
                assert found == wanted, f"{caller}: {endpoint}: {slug}"
