"""Staff who log in by password show a code of a device beside it (RFC 6238): at each limit, and one past it."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from services.accounts.domain.grants import Grant
from services.accounts.domain.throttles import LOGINS, RECOVERIES
from services.accounts.wiring import reset_second_factor
from services.contracts.actors import Role
from services.contracts.events import accounts as events
from services.contracts.events.catalogue import Audience
from tests.service.accounts.client import PASSWORD, AccountsClient, Person, Reply
from tests.service.accounts.test_staffing import ADA, KIM, entered

STEP = 30


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    monkeypatch.setenv("PARVIS_ACCOUNTS_STAFF_SECOND_FACTOR", "required")


class Device:
    """What shows codes: it knows the secret and the time."""

    def __init__(self, client: AccountsClient, secret: str) -> None:
        self._client, self.secret = client, secret

    def code(self, ahead: int = 0) -> str:
        return pyotp.TOTP(self.secret).generate_otp(int(self._client.clock.now().timestamp()) // STEP + ahead)


async def enrolled(person: Person) -> tuple[Device, list[str]]:
    """A device is set up and the session has its rights; answers the recovery codes too."""
    begun = await person.do("POST", "/me/totp", {})
    assert (begun.status, begun.body["state"]) == (200, "pending")
    device = Device(person.client, begun.body["secret"])
    confirmed = await person.do("POST", "/me/totp/confirmation", {"code": device.code()})
    assert confirmed.status == 200
    assert (await person.refresh()).status == 200
    return device, list(confirmed.body["recovery_codes"])


async def challenge(person: Person, device: str | None = None) -> str:
    """What the right password is answered with."""
    reply = await person.log_in(device=device)
    assert (reply.status, reply.slug, reply.body["expires_in"]) == (401, "second-factor-required", 300)
    assert "access_token" not in reply.body
    return str(reply.body["challenge"])


async def further(person: Person, token: str, headers: Any = None, **shown: str) -> Reply:
    reply = await person.client.ask("POST", "/sessions/second-factor", {"challenge": token} | shown, headers)
    if reply.status == 200:
        person.tokens = reply.body
    return reply


async def test_whoever_has_no_device_yet_can_do_nothing_but_set_it_up(required: None, client: AccountsClient) -> None:
    """The session by the password alone has no right; once a first code was shown it has those that were given."""
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    assert (await ada.get("/staff")).slug == "right-missing"
    assert (await ada.get("/me/totp")).body["required"] is True
    codes: list[str]
    device, codes = await enrolled(ada)
    assert (await ada.get("/staff")).status == 200
    assert len(set(codes)) == 10
    assert (await ada.get("/me/totp")).body["recovery_codes_left"] == 10
    stored = str(await client.kept("accounts"))
    assert device.secret not in stored
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]
    (told,) = await client.told(events.SecondFactorChanged)
    assert (told["what"], told["email"], told["recovery_codes_left"]) == ("set", ADA, 10)
    assert (await ada.do("DELETE", "/sessions/current")).status == 204


async def test_a_code_is_asked_for_and_each_is_good_once(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    assert (await further(ada, await challenge(ada), code=device.code())).slug == "code-wrong", "shown at the enrolment"
    client.clock.advance(seconds=STEP)
    token = await challenge(ada)
    key = {"Idempotency-Key": "twice"}
    begun = await further(ada, token, key, code=device.code())
    assert (begun.status, begun.body["token_type"]) == (200, "Bearer")
    assert (await ada.get("/staff")).status == 200
    again = await further(ada, token, key, code=device.code())
    assert again.status == 200, "the same command, whose answer was lost"
    assert (await further(ada, token, code=device.code(1))).slug == "challenge-over", "a challenge begins one session"
    assert (await further(ada, await challenge(ada), code=device.code())).slug == "code-wrong", "replayed"
    assert (await further(ada, await challenge(ada))).fields == {"code": "required"}
    assert (await ada.get("/staff")).status == 200
    assert (await ada.refresh()).status == 200


@pytest.mark.parametrize(("ahead", "status"), [(-2, 401), (-1, 200), (0, 200), (1, 200), (2, 401)])
async def test_a_clock_may_be_off_by_one_step(client: AccountsClient, ahead: int, status: int) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    client.clock.advance(seconds=10 * STEP)
    assert (await further(ada, await challenge(ada), code=device.code(ahead))).status == status


async def test_no_step_before_one_that_was_shown_is_good(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    client.clock.advance(seconds=10 * STEP)
    assert (await further(ada, await challenge(ada), code=device.code(1))).status == 200
    assert (await further(ada, await challenge(ada), code=device.code(0))).slug == "code-wrong"
    client.clock.advance(seconds=2 * STEP)
    assert (await further(ada, await challenge(ada), code=device.code(0))).status == 200


async def test_a_challenge_lasts_five_minutes_and_five_tries(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    token = await challenge(ada)
    client.clock.advance(seconds=299)
    assert (await further(ada, token, code=device.code())).status == 200
    token = await challenge(ada)
    client.clock.advance(seconds=300)
    assert (await further(ada, token, code=device.code())).slug == "challenge-over"
    token = await challenge(ada)
    for _ in range(4):
        assert (await further(ada, token, code="00000")).slug == "code-wrong"
    assert (await further(ada, token, code=device.code())).status == 200, "the fifth"
    client.clock.advance(seconds=STEP)
    token = await challenge(ada)
    for _ in range(5):
        assert (await further(ada, token, code="00000")).slug == "code-wrong"
    assert (await further(ada, token, code=device.code())).slug == "challenge-over"
    assert (await further(ada, "x" * 43, code=device.code())).slug == "challenge-over"


async def test_who_guesses_codes_is_slowed_down_and_the_person_is_not(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    client.clock.advance(seconds=STEP)
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200
    known = ada.tokens["device"]
    client.clock.advance(seconds=STEP)
    for _ in range(2):
        token = await challenge(ada)
        for _ in range(5):
            assert (await further(ada, token, code="00000")).slug == "code-wrong"
    refused = await further(ada, await challenge(ada), code=device.code())
    assert (refused.status, refused.slug) == (429, "too-many-codes")
    assert (await further(ada, await challenge(ada, known), code=device.code())).status == 200, "from a known browser"
    client.clock.advance(seconds=3600)
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200


async def test_recovery_codes_are_good_once_and_told(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, codes = await enrolled(ada)
    assert (await further(ada, await challenge(ada), recovery_code=codes[0])).status == 200
    assert (await further(ada, await challenge(ada), recovery_code=codes[0])).slug == "code-wrong"
    loosely = codes[1].upper().replace("-", " ")
    assert (await further(ada, await challenge(ada), recovery_code=loosely)).status == 200
    assert (await ada.get("/me/totp")).body["recovery_codes_left"] == 8
    assert [each["what"] for each in await client.told(events.SecondFactorChanged)] == [
        "set",
        "recovery-used",
        "recovery-used",
    ]
    client.clock.advance(seconds=STEP)
    assert (await ada.do("POST", "/me/totp/recovery-codes", {"code": "00000"})).fields == {"code": "wrong-code"}
    key = {"Idempotency-Key": "anew"}
    renewed = await ada.do("POST", "/me/totp/recovery-codes", {"code": device.code()}, key)
    assert (await ada.do("POST", "/me/totp/recovery-codes", {"code": device.code()}, key)).body == renewed.body
    fresh = renewed.body["recovery_codes"]
    assert not {*fresh} & {*codes}
    assert (await further(ada, await challenge(ada), recovery_code=codes[2])).slug == "code-wrong"
    assert (await further(ada, await challenge(ada), recovery_code=fresh[9])).status == 200


async def test_a_secret_is_confirmed_in_its_own_session_within_half_an_hour(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    other = Person(client, email=ADA)
    assert (await other.log_in()).status == 200
    begun = await ada.do("POST", "/me/totp", {})
    device = Device(client, begun.body["secret"])
    assert begun.body["uri"].startswith("otpauth://totp/Parvis:")
    assert (await other.do("POST", "/me/totp/confirmation", {"code": device.code()})).slug == "enrolment-over"
    assert (await other.get("/me/totp")).body["secret"] is None
    assert (await ada.do("POST", "/me/totp/confirmation", {"code": "00000"})).fields == {"code": "wrong-code"}
    client.clock.advance(seconds=1800)
    assert (await ada.refresh()).status == 200
    assert (await ada.do("POST", "/me/totp/confirmation", {"code": device.code()})).slug == "enrolment-over"
    device = Device(client, (await ada.do("POST", "/me/totp", {})).body["secret"])
    client.clock.advance(seconds=1799)
    assert (await ada.refresh()).status == 200
    key = {"Idempotency-Key": "first"}
    confirmed = await ada.do("POST", "/me/totp/confirmation", {"code": device.code()}, key)
    assert confirmed.status == 200
    assert (await ada.do("POST", "/me/totp/confirmation", {"code": device.code()}, key)).body == confirmed.body
    assert (await other.refresh()).slug == "session-ended", "logins by the password alone end"
    assert (await ada.refresh()).status == 200


async def test_another_device_needs_a_code_of_the_one_so_far(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    client.clock.advance(seconds=STEP)
    assert (await ada.do("POST", "/me/totp", {})).fields == {"code": "required"}
    assert (await ada.do("POST", "/me/totp", {"code": "00000"})).fields == {"code": "wrong-code"}
    second = Device(client, (await ada.do("POST", "/me/totp", {"code": device.code()})).body["secret"])
    client.clock.advance(seconds=STEP)
    assert (await further(ada, await challenge(ada), code=second.code())).slug == "code-wrong", "not yet confirmed"
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200


async def test_an_administrator_lets_somebody_set_up_a_device_anew(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    kim = await entered(client, KIM, Grant(Role.MANAGER))
    await enrolled(kim)
    await enrolled(ada)
    token = await challenge(kim)
    seen = await ada.get(f"/staff/{KIM}")
    assert seen.body["second_factor"] is True
    assert (await kim.do("DELETE", f"/staff/{ADA}/totp")).slug == "right-missing"
    assert (await ada.do("DELETE", f"/staff/{ADA}/totp")).slug == "own-second-factor"
    assert (await ada.do("DELETE", "/staff/nobody@univ.test/totp")).slug == "not-found"
    assert (await ada.do("DELETE", f"/staff/{KIM}/totp", headers={"If-Match": '"7"'})).slug == "stale-version"
    assert (await ada.do("DELETE", f"/staff/{KIM}/totp", headers={"If-Match": seen.headers["ETag"]})).status == 204
    assert (await ada.do("DELETE", f"/staff/{KIM}/totp")).status == 204, "once more changes nothing"
    assert (await kim.refresh()).slug == "session-ended"
    assert (await further(kim, token, code="00000")).slug == "challenge-over"
    assert (await kim.log_in()).status == 200
    assert (await ada.get(f"/staff/{KIM}")).body["second_factor"] is False
    told = await client.told(events.SecondFactorChanged)
    assert [(each["what"], each["email"]) for each in told][2:] == [("reset", KIM)]
    ada_id = (await ada.get(f"/staff/{ADA}")).body["account"]
    assert f'"actor":"staff:{ada_id}"' in await client.everything_told(Audience.INTERNAL)
    ports = client.suite.service("accounts").service.ports
    assert await reset_second_factor(ports, ADA, client.command()) == ada_id
    assert await reset_second_factor(ports, "nobody@univ.test", client.command()) is None
    assert (await ada.log_in()).status == 200


async def test_nothing_tells_of_a_device_before_the_password_was_right(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    await enrolled(ada)
    wrong, unknown = await ada.log_in(password="another one"), await ada.log_in(login="nobody@univ.test")
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)
    zoe = await client.zoe().arrive()
    assert (await zoe.get("/me/totp")).slug == "right-missing", "candidates have none"
    assert (await zoe.log_in(password=PASSWORD)).status == 200


async def test_a_new_password_asks_for_the_device_as_before(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    token = await challenge(ada)
    await ada.forget()
    await client.suite.settle()
    assert (await ada.reset(await ada.link("identifiers-forgotten"), "une autre phrase de passe")).status == 204
    client.clock.advance(seconds=STEP)
    assert (await further(ada, token, code=device.code())).slug == "challenge-over", "of the password before"
    ada.password = "une autre phrase de passe"
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200


async def lose_the_secret(client: AccountsClient) -> None:
    """Nothing of a device can be opened any more, as after a restore without the secret that sealed it."""
    store = client.suite.service("accounts").service.ports.store
    for row in await client.kept("accounts"):
        lost = {
            name: row[name] | {"sealed": "of another suite"} for name in ("second_factor", "enrolment") if name in row
        }
        assert await store.replace("accounts", row | lost | {"version": row["version"] + 1}, version=row["version"])


async def test_who_has_lost_the_device_sets_up_another_with_a_recovery_code(client: AccountsClient) -> None:
    """Also where the secret of the suite is not the one any more by which the device's was sealed: nothing fails."""
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    _, codes = await enrolled(ada)
    assert (await further(ada, await challenge(ada), recovery_code=codes[0])).status == 200
    wrong = await ada.do("POST", "/me/totp", {"recovery_code": codes[0]})
    assert wrong.fields == {"recovery_code": "wrong-code"}, "used already"
    assert (await ada.do("POST", "/me/totp/recovery-codes", {})).fields == {"code": "required"}
    await lose_the_secret(client)
    assert (await ada.do("POST", "/me/totp/recovery-codes", {"code": "123456"})).fields == {"code": "wrong-code"}
    assert (await ada.do("POST", "/me/totp", {"code": "123456"})).fields == {"code": "wrong-code"}
    key = {"Idempotency-Key": "anew"}
    renewed = await ada.do("POST", "/me/totp/recovery-codes", {"recovery_code": codes[1]}, key)
    again = await ada.do("POST", "/me/totp/recovery-codes", {"recovery_code": codes[1]}, key)
    assert (renewed.status, renewed.body) == (200, again.body)
    codes = renewed.body["recovery_codes"]
    assert (await ada.do("POST", "/me/totp", {"recovery_code": codes[0]})).status == 200
    await lose_the_secret(client)
    shown = await ada.get("/me/totp")
    assert (shown.status, shown.body["state"], shown.body["recovery_codes_left"]) == (200, "active", 9)
    assert (await ada.do("POST", "/me/totp/confirmation", {"code": "123456"})).slug == "enrolment-over"
    key = {"Idempotency-Key": "another"}
    begun = await ada.do("POST", "/me/totp", {"recovery_code": codes[1]}, key)
    assert (await ada.do("POST", "/me/totp", {"recovery_code": codes[1]}, key)).body == begun.body, "spent once"
    device = Device(client, begun.body["secret"])
    assert (await ada.do("POST", "/me/totp/confirmation", {"code": device.code()})).status == 200
    told = [each["what"] for each in await client.told(events.SecondFactorChanged)]
    assert told == ["set", *4 * ["recovery-used"], "set"]


async def test_recovery_codes_tried_by_who_is_logged_in_are_counted(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    _, codes = await enrolled(ada)
    for _ in range(RECOVERIES.times):
        assert (await ada.do("POST", "/me/totp", {"recovery_code": "x"})).fields == {"recovery_code": "wrong-code"}
    assert (await ada.do("POST", "/me/totp/recovery-codes", {"recovery_code": codes[0]})).slug == "too-many-codes"


async def test_a_thief_of_the_password_keeps_nobody_out_of_a_known_browser(client: AccountsClient) -> None:
    ada = await entered(client, ADA, Grant(Role.ADMIN))
    device, _ = await enrolled(ada)
    client.clock.advance(seconds=STEP)
    assert (await further(ada, await challenge(ada), code=device.code())).status == 200
    known = ada.tokens["device"]
    client.clock.advance(seconds=STEP)
    for _ in range(LOGINS.burst - 1):
        await challenge(ada)
    refused = await ada.log_in()
    assert (refused.status, refused.slug) == (429, "too-many-attempts"), "one past it, from nowhere"
    assert (await further(ada, await challenge(ada, known), code=device.code())).status == 200
    assert ada.tokens["device"] is None, "it has one, and keeps it"
    client.clock.advance(seconds=STEP)
    assert (await further(ada, await challenge(ada, known), code=device.code())).status == 200
