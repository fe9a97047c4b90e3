"""One connector is tested at a time, within two seconds, and only what the service works with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.chassis.context import Actor, CommandContext, acting_service
from services.chassis.host.dependencies import Dependency
from services.chassis.ports import MailTemporary
from services.chassis.routing import Request
from services.chassis.service.connectors import connector_routes
from services.contracts.actors import ActorKind, Role
from services.contracts.api.connectors import Connectors, ConnectorTested
from services.contracts.api.identity import Grant
from services.contracts.refusals import RefusedError

COMMAND = CommandContext(datetime(2027, 2, 1, tzinfo=UTC), "test", acting_service("mailer"))


def asked(connector: str = "", *grants: Grant) -> Any:
    """By an admin of everything, unless of something else."""
    actor = Actor("ada", ActorKind.STAFF, grants=grants or (Grant(role=Role.ADMIN),))
    return Request(cast("Any", None), {"connector": connector}, "fr", COMMAND, actor)


async def test_two_at_once_are_one_after_the_other_and_what_fails_is_told_by_its_type() -> None:
    answers, began = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        began.set()
        await answers.wait()
        raise MailTemporary("smtp.univ.example said 451")

    async def well() -> None:
        """Answer."""

    mail, store = Dependency("mail", "mail", "", slowly), Dependency("mailer.store", "store", "mailer", well)
    other = Dependency("objects", "objects", "", well)
    listing, testing = connector_routes("mailer", [mail, store, other], {"mail"}, ("scanner",))
    before = cast("Connectors", (await listing.handler(asked())).view)
    assert [(each.name, each.state) for each in before.items] == [
        ("mail", "unknown"),
        ("store", "unknown"),
        ("scanner", "off"),
    ]
    first = asyncio.ensure_future(testing.handler(asked("mail")))
    await began.wait()
    with pytest.raises(RefusedError, match="busy"):
        await testing.handler(asked("store"))
    answers.set()
    told = cast("ConnectorTested", (await first).view)
    assert (told.works, told.connector.state, told.connector.error) == (False, "down", "MailTemporary")
    assert cast("ConnectorTested", (await testing.handler(asked("store"))).view).works
    for nothing in ("objects", "scanner", "ent"):
        with pytest.raises(RefusedError, match="not-found"):
            await testing.handler(asked(nothing))


SOME = [Grant(role=Role.ADMIN, centres=frozenset({"SEE"})), Grant(role=Role.ADMIN, commissions=frozenset({"C"}))]


@pytest.mark.parametrize(
    ("grants", "opens"), [(SOME[:1], False), (SOME[1:], False), (SOME, False), ([*SOME, Grant(role=Role.ADMIN)], True)]
)
async def test_an_admin_of_some_centres_or_boards_neither_sees_nor_tests_them(grants: list[Grant], opens: bool) -> None:
    asks = list[str]()

    async def answers() -> None:
        asks.append("asked")

    for route in connector_routes("mailer", [Dependency("mail", "mail", "", answers)], {"mail"}):
        if opens:
            await route.handler(asked("mail", *grants))
            continue
        with pytest.raises(RefusedError, match="not-found"):
            await route.handler(asked("mail", *grants))
    assert asks == ["asked"] * opens
