"""Every declared endpoint has one handler, and no handler has an endpoint that is not declared (ADR 46)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from pydantic import BaseModel

from services.chassis.routing import Posted, Request, Response, Route, check_bound
from services.contracts.api.access import PUBLIC, Access
from services.contracts.api.endpoint import Api, Endpoint


class Named(BaseModel):
    """A body."""

    name: str


class Other(BaseModel):
    """An answer."""


async def handler(request: Request) -> Response:
    """Answer nothing."""
    return Response()


async def named(request: Posted[Named]) -> Response:
    """Answer nothing, by a name."""
    return Response(headers={"X-Name": request.body.name})


def declared() -> tuple[Api, Route, Route]:
    api = Api("demo", "Demo", "Things.")
    one: Endpoint[None, None] = api.declare(Endpoint("GET", "/things/{id}/parts/{part}", "One."))
    all: Endpoint[None, None] = api.declare(Endpoint("GET", "/things", "All."))
    return api, Route(one, handler), Route(all, handler)


def test_each_endpoint_is_bound_once() -> None:
    api, one, all = declared()
    check_bound(api, [all, one])
    foreign = declared()[1]
    wrong: list[tuple[Sequence[Route], str]] = [
        ([one], "GET /api/demo/things is bound to nothing"),
        ([one, all, one], "is bound 2 times"),
        ([one, all, foreign], "is not declared by demo"),
    ]
    for routes, why in wrong:
        with pytest.raises(ValueError, match=why):
            check_bound(api, routes)


def test_a_handler_is_bound_to_an_endpoint_with_its_body() -> None:
    """mypy, which also tells of an ignore that it does not need, refuses any other."""
    api = Api("demo", "Demo", "Things.")
    posted: Endpoint[Named, None] = api.declare(Endpoint("POST", "/things", "One more.", body=Named))
    bare: Endpoint[None, None] = api.declare(Endpoint("GET", "/things", "All."))
    good = [Route(posted, named), Route(bare, handler)]
    check_bound(api, good)
    assert Route(bare, named).endpoint is bare  # type: ignore[misc] # another body


def test_a_handler_is_bound_to_an_endpoint_with_its_answer() -> None:
    """mypy refuses any other here too, and a view that is not the answer."""
    api = Api("demo", "Demo", "Things.")
    one: Endpoint[None, Named] = api.declare(Endpoint("GET", "/things/one", "One.", answer=Named))
    other: Endpoint[None, Other] = api.declare(Endpoint("GET", "/things/other", "Another.", answer=Other))

    async def named_one(request: Request) -> Response[Named]:
        return Response(Named(name="one"))

    async def confused(request: Request) -> Response[Named]:
        return Response(Other())  # type: ignore[arg-type] # the view of another call

    check_bound(api, [Route(one, named_one), Route(other, named_one)])  # type: ignore[arg-type] # another answer
    assert Route(one, confused).endpoint is one


def test_an_endpoint_is_declared_once() -> None:
    api, one, _ = declared()
    with pytest.raises(ValueError, match="declared twice"):
        api.declare(Endpoint("GET", one.endpoint.path, "One more."))


def test_a_path_is_filled_with_its_own_parameters_and_nothing_leads_out_of_it() -> None:
    _, one, all = declared()
    assert one.endpoint.at(id="a/../b?", part="é") == "/api/demo/things/a%2F..%2Fb%3F/parts/%C3%A9"
    assert all.endpoint.at() == "/api/demo/things"
    for wrong in ({}, {"id": "a"}, {"id": "a", "part": "b", "more": "c"}):
        with pytest.raises(ValueError, match="has the parameters"):
            one.endpoint.at(**wrong)


def test_a_public_key_says_whose_it_is() -> None:
    for whose in ("", "email"):
        with pytest.raises(ValueError, match="whose"):
            Endpoint("POST", "/things", "New.", access=PUBLIC, body=Named, answer=None, takes_key=True, whose=whose)
    Endpoint("POST", "/things", "New.", access=PUBLIC, body=Named, answer=None, takes_key=True, whose="name")


def test_access_is_for_anybody_or_for_somebody() -> None:
    for public, account in ((False, False), (True, True)):
        with pytest.raises(ValueError, match="either"):
            Access(public=public, account=account)


def test_documents_are_made_without_an_adapter() -> None:
    """What they say stands in declarations: nothing is wired, no store opened, no file written for them."""
    made = "from services.cli.docs_generation import openapi_documents, routes; openapi_documents(), routes()"
    opened = "[name for name in sys.modules if name.startswith(('services.chassis.store', 'services.chassis.urls'))]"
    code = f"import sys; {made}; sys.exit(str({opened}) if {opened} or 'sqlite3' in sys.modules else 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
