"""Codes are not guessed without bound, nor unseen, and what ends a session ends what is under way in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from services.accounts.domain.grants import Grant
from services.accounts.domain.throttles import CODES, CODES_OF_DAY, RECOVERIES, ThrottleLimit
from services.accounts.repository.throttles import ThrottleRepository
from services.accounts.usecases import second_factors
from services.accounts.wiring import reset_second_factor, use_cases
from services.chassis.context import Actor
from services.contracts.actors import ActorKind, Role
from services.contracts.api.accounts import DEVICE_HEADER
from services.contracts.api.second_factor import ShownCode
from services.contracts.events import accounts as events
from services.contracts.refusals import RefusedError
from services.contracts.refusals.accounts import SESSION_ENDED
from tests.service.accounts.client import AccountsClient, Person, Reply
from tests.service.accounts.test_second_factor import Device, challenge, enrolled, further
from tests.service.accounts.test_staffing import ADA, entered


async def tried(person: Person, device: str | None = None, **shown: str) -> list[Reply]:
    """What a challenge's five tries are answered."""
    token = await challenge(person, device)
    return [await further(person, token, **shown) for _ in range(5)]


async def followed(person: Person) -> str:
    """The device that is known once one more link was followed."""
    await person.forget()
    await person.client.suite.settle()
    mailed = (await person.client.mails("identifiers-forgotten", ADA))[-1]
    person.password = f"une phrase de {mailed['token'][:8]}"
    reply = await person.client.ask(
        "POST", "/password-resets/confirm", {"token": mailed["token"], "password": person.password}
    )
    return reply.headers[DEVICE_HEADER]


async def test_a_day_bounds_all_that_is_guessed_whatever_links_are_followed(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    for _ in range(CODES_OF_DAY.times // CODES.times):
        known = await followed(ada)
        for _ in range(CODES.times // 5):
            assert {each.slug for each in await tried(ada, known, code="00000")} == {"code-wrong"}
        assert (await tried(ada, known, code=device.code()))[0].slug == "too-many-codes"
        client.clock.advance(seconds=3600)
    assert (await tried(ada, await followed(ada), code=device.code()))[0].slug == "too-many-codes"
    assert [each["what"] for each in await client.told(events.SecondFactorChanged)] == ["set", "codes-used-up"]
    client.clock.advance(seconds=20 * 3600)
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200


async def test_wrong_codes_leave_recovery_codes_alone_which_have_a_bound_of_their_own(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    _, codes = await enrolled(ada)
    for _ in range(CODES.times // 5):
        await tried(ada, code="00000")
    assert (await tried(ada, code="00000"))[0].slug == "too-many-codes"
    assert (await further(ada, await challenge(ada), recovery_code=codes[0])).status == 200
    for _ in range(RECOVERIES.times // 5):
        assert {each.slug for each in await tried(ada, recovery_code="x")} == {"code-wrong"}
    assert (await further(ada, await challenge(ada), recovery_code=codes[1])).slug == "too-many-codes"


class _Meanwhile(ThrottleRepository):
    """Something else happens once what is counted was read."""

    def __init__(self, app_throttles: ThrottleRepository, happens: Callable[[], Awaitable[object]]) -> None:
        self._within, self._happens = app_throttles, happens

    async def count(self, bounds: Sequence[ThrottleLimit], now: datetime) -> int:
        await self._happens()
        return await self._within.count(bounds, now)


async def test_a_first_code_under_way_does_not_outrun_what_ends_its_session(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    begun = await ada.do("POST", "/me/totp", {})
    (row,) = await client.kept("accounts")
    (session,) = await client.kept("sessions")
    ports = client.suite.service("accounts").service.ports

    async def end_all() -> None:
        await ada.forget()
        await client.suite.settle()
        assert (await ada.reset(await ada.link("identifiers-forgotten"), "une autre phrase de passe")).status == 204

    app = use_cases(ports)
    app = replace(app, throttles=_Meanwhile(app.throttles, end_all))
    actor = Actor(row["_id"], ActorKind.STAFF, session=session["_id"])
    code = Device(client, begun.body["secret"]).code()
    async with app.factor_sealer.running():
        with pytest.raises(RefusedError) as refused:
            await second_factors.confirm(app, actor, ShownCode(code=code), client.command())
    assert refused.value.slug is SESSION_ENDED
    (row,) = await client.kept("accounts")
    assert not {"second_factor", "enrolment"} & {*row}


async def test_nobody_is_told_of_a_device_that_there_never_was(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    await ada.do("POST", "/me/totp", {})
    ports = client.suite.service("accounts").service.ports
    assert await reset_second_factor(ports, ADA, client.command())
    assert await client.told(events.SecondFactorChanged) == []
    assert (await ada.refresh()).slug == "session-ended"
