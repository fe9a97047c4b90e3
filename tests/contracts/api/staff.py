"""Members of staff whom accounts knows, for calls that ask whether they are it still."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from services.accounts.domain.grants import Grant
from services.accounts.wiring import add_staff
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.testing import Suite
from services.contracts.actors import Role
from services.contracts.api.endpoints.doubts import DECIDE, DOUBT, DOUBTS
from services.contracts.api.endpoints.support import (
    CHANGE_PERSONS_EMAIL,
    END_SESSIONS,
    MAIL_RESET,
    MAIL_VALIDATION,
    PEOPLE,
    PERSON,
)
from tests.candidate import PASSWORD, Mailbox

ADMINISTRATOR: Final = "ada@univ.test"
MEMBER: Final = "kim@univ.test"
DOUBTED: Final = (str(DOUBT), str(DECIDE))
"""What names two accounts that bear one number, which no schema knows (tests/service/accounts/test_doubts.py)."""
SUPPORT: Final = tuple(
    map(str, (PEOPLE, DOUBTS, PERSON, MAIL_VALIDATION, MAIL_RESET, CHANGE_PERSONS_EMAIL, END_SESSIONS))
)
"""The calls of support; what is mailed is mailed once."""


async def an_administrator(suite: Suite, data: Path) -> str:
    """The token of somebody whom accounts knows as one."""
    ports = suite.service("accounts").service.ports
    command = CommandContext(ports.clock.now(), ports.ids.new(), OPERATOR)
    await add_staff(ports, ADMINISTRATOR, Grant(Role.ADMIN), "fr", command)
    await add_staff(ports, MEMBER, Grant(Role.READONLY), "fr", command)
    await suite.settle()
    token = await Mailbox(data / "mail").link_token(ADMINISTRATOR)
    async with suite.client.post("/api/accounts/validations", json={"token": token, "password": PASSWORD}) as response:
        assert response.status == 200
    login = {"login": ADMINISTRATOR, "password": PASSWORD}
    async with suite.client.post("/api/accounts/sessions", json=login) as response:
        return str((await response.json())["access_token"])
