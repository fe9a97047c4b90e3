"""Logging in, staying so, logging out; and slowing down who guesses (acceptance 5, 12, 15)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import islice
from typing import Any

import pytest

from services.accounts.domain.sessions import MAX_SESSIONS
from services.accounts.domain.throttles import LOGINS, TRIES_OF_STRANGERS
from services.accounts.repository.devices import MAX_DEVICES
from services.accounts.usecases.hashing import MAX_WAITING, STRANGERS, THREADS, Asker, Hasher
from services.chassis.security.tokens import KeySets
from services.contracts.api.identity import ACCESS_TYPE, AUDIENCE, ISSUER
from services.contracts.events.accounts import SessionRevoked
from tests.service.accounts.client import PASSWORD, AccountsClient, Person, Reply

WRONG = "not the password"


# --- logging in -----------------------------------------------------------------------------------------------------


async def test_one_logs_in_by_file_number_or_address_however_typed(zoe: Person) -> None:
    """Acceptance 12."""
    number = zoe.file_number
    for login in (zoe.email, zoe.email.upper(), f" {zoe.email} ", number, number.lower(), f"{number[:4]} {number[4:]}"):
        reply = await zoe.log_in(login=login)
        assert (reply.status, reply.body["token_type"], reply.body["expires_in"]) == (200, "Bearer", 600)
    assert zoe.password not in str([await zoe.client.mails(), await zoe.client.kept("accounts")])


async def test_the_access_token_says_who_for_ten_minutes(zoe: Person) -> None:
    keysets: KeySets = zoe.client.suite.service("accounts").service.ports.keysets
    claims = await keysets.verify(zoe.tokens["access_token"], service=ISSUER, typ=ACCESS_TYPE)
    me = await zoe.get("/me")
    assert (claims["sub"], claims["aud"]) == (me.body["account"], AUDIENCE)
    assert claims["exp"] - claims["iat"] == 600
    zoe.client.clock.advance(seconds=599)
    assert (await zoe.get("/me")).status == 200
    zoe.client.clock.advance(seconds=1)
    assert (await zoe.get("/me")).slug == "token-expired"
    assert (await zoe.refresh()).status == 200
    assert (await zoe.get("/me")).status == 200


async def test_me_is_who_registered(zoe: Person) -> None:
    reply = await zoe.get("/me")
    assert (
        reply.body.items()
        >= {
            "file_number": zoe.file_number,
            "email": zoe.email,
            "family_name": "Durand",
            "given_name": "Zoé",
            "language": "fr",
            "campaign": "2027",
            "state": "validated",
            "created_at": "2026-11-22T12:00:00.000Z",
        }.items()
    )
    assert reply.headers["Cache-Control"] == "no-store"
    assert (await zoe.client.ask("GET", "/me")).slug == "token-missing"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("zoe.durand@etu.test", WRONG),
        ("nobody@etu.test", PASSWORD),
        ("AAAAAAAA", PASSWORD),
        ("", PASSWORD),
        ("zoe.durand@etu.test", "x" * 1000),
        ("no login", PASSWORD),
    ],
)
async def test_wrong_is_wrong_whatever_is(zoe: Person, login: str, password: str) -> None:
    reply = await zoe.client.ask("POST", "/sessions", {"login": login, "password": password})
    assert (reply.status, reply.slug) == (401, "bad-credentials")
    known = await zoe.log_in(password=WRONG)
    assert reply.body == known.body


NO_CREDENTIALS: list[dict[str, object]] = [
    {"login": {"$ne": None}, "password": "x"},
    {"login": "a", "password": ["x"]},
    {},
]


async def test_operators_for_strings_are_refused(client: AccountsClient) -> None:
    for body in NO_CREDENTIALS:
        reply = await client.ask("POST", "/sessions", body)
        assert (reply.status, reply.slug) == (422, "invalid-fields")


async def test_a_login_with_the_same_key_is_one_session(zoe: Person) -> None:
    key = {"Idempotency-Key": "k1"}
    await zoe.log_in(headers=key)
    await zoe.log_in(headers=key)
    assert len((await zoe.get("/sessions")).body["items"]) == 2
    assert (await zoe.refresh()).status == 200
    assert (await zoe.log_in(login="other@etu.test", headers=key)).slug == "bad-credentials"  # a key is the login's own


async def test_a_login_that_is_sent_again_after_one_has_left_begins_nothing(zoe: Person) -> None:
    """What a browser goes back to on a shared computer is the very same login, key and all."""
    key = {"Idempotency-Key": "k1"}
    await zoe.log_in(headers=key)
    assert (await zoe.client.ask("DELETE", "/sessions/current", headers=zoe.bearer)).status == 204
    again = await zoe.log_in(headers=key)
    assert (again.status, again.slug) == (401, "session-ended")
    assert "refresh_token" not in again.body
    assert not any("account" in row for row in await zoe.client.kept("sessions") if "ended" in row)
    assert (await zoe.log_in(headers={"Idempotency-Key": "k2"})).status == 200
    assert len((await zoe.get("/sessions")).body["items"]) == 2


async def test_twenty_sessions_and_the_oldest_makes_room(zoe: Person) -> None:
    first = dict(zoe.tokens)
    for _ in range(MAX_SESSIONS - 1):
        zoe.client.clock.advance(seconds=1)
        await zoe.log_in()
    assert len((await zoe.get("/sessions")).body["items"]) == MAX_SESSIONS
    assert (await zoe.refresh(first["refresh_token"])).status == 200
    zoe.client.clock.advance(seconds=1)
    await zoe.log_in()
    reply = await zoe.get("/sessions")
    assert len(reply.body["items"]) == MAX_SESSIONS
    assert [item["current"] for item in reply.body["items"]] == [True] + [False] * (MAX_SESSIONS - 1)
    assert (await zoe.refresh(first["refresh_token"])).slug == "session-ended"


async def test_a_person_logs_in_so_often_and_the_next_login_waits(zoe: Person) -> None:
    """Acceptance 108: each login is a row, and each beyond the twentieth an event that every service keeps."""
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    for _ in range(LOGINS.burst - 1):
        assert (await zoe.log_in()).status == 200
    reply = await zoe.log_in(login=zoe.file_number, device=zoe.tokens["device"])
    assert (reply.status, reply.slug) == (429, "too-many-attempts")
    assert int(reply.headers["Retry-After"]) == LOGINS.every.total_seconds()
    assert (await kim.log_in()).status == 200
    assert (await zoe.refresh()).status == 200
    zoe.client.clock.advance(seconds=LOGINS.every.total_seconds() - 1)
    assert (await zoe.log_in()).status == 429
    zoe.client.clock.advance(seconds=1)
    assert (await zoe.log_in()).status == 200


async def test_of_many_logins_at_once_no_more_begin_than_may(zoe: Person) -> None:
    for _ in range(LOGINS.burst - 3):
        await zoe.log_in()
    replies = await asyncio.gather(*(zoe.log_in() for _ in range(6)))
    assert sorted(reply.status for reply in replies) == [200] * 2 + [429] * 4


async def test_one_sees_ones_own_sessions_alone(zoe: Person) -> None:
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    ids = [{item["id"] for item in (await person.get("/sessions")).body["items"]} for person in (zoe, kim)]
    assert [len(found) for found in ids] == [1, 1]
    assert not ids[0] & ids[1]


async def test_one_ends_a_login_of_ones_own_and_nobody_elses(zoe: Person) -> None:
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    lost = zoe.tokens
    assert (await zoe.log_in()).status == 200
    first, second = [item["id"] for item in (await zoe.get("/sessions")).body["items"]]
    for path in (f"/sessions/{first}", f"/sessions/{'0' * 26}", "/sessions/x"):
        assert (await kim.do("DELETE", path)).status == 404, path
    assert (await zoe.do("DELETE", f"/sessions/{second}")).status == 204
    assert (await zoe.do("DELETE", f"/sessions/{second}")).status == 404
    assert [item["id"] for item in (await zoe.get("/sessions")).body["items"]] == [first]
    assert (await zoe.refresh(lost["refresh_token"])).slug == "session-ended"
    revoked = await zoe.client.told(SessionRevoked)
    assert [event["session"] for event in revoked] == [second]


# --- another password -------------------------------------------------------------------------------------------------

ANOTHER = "trois poissons dans un arbre"


async def test_another_password_is_set_by_who_knows_the_one_so_far_and_other_logins_end(zoe: Person) -> None:
    elsewhere = zoe.tokens
    await zoe.log_in()
    body = {"current_password": zoe.password, "password": ANOTHER}
    for _ in range(2):
        assert (await zoe.do("POST", "/me/password", body, {"Idempotency-Key": "k"})).status == 204
    other = body | {"password": "quatre oiseaux sur un fil"}
    reply = await zoe.do("POST", "/me/password", other, {"Idempotency-Key": "k"})
    assert (reply.status, reply.slug) == (422, "idempotency-key-reused")
    assert (await zoe.get("/me")).status == 200, "the login that asks goes on"
    assert (await zoe.refresh(elsewhere["refresh_token"])).slug == "session-ended"
    assert (await zoe.log_in(password=zoe.password)).slug == "bad-credentials"
    assert (await zoe.log_in(password=ANOTHER)).status == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"current_password": "x", "password": ANOTHER}, {"current_password": "wrong-password"}),
        ({"current_password": PASSWORD, "password": "x" * 11}, {"password": "too-short"}),
        ({"current_password": PASSWORD, "password": "x" * 129}, {"password": "too-long"}),
        ({"current_password": PASSWORD, "password": "password1234"}, {"password": "too-common"}),
        ({"password": ANOTHER}, {"current_password": "required"}),
    ],
)
async def test_another_password_goes_by_the_same_rules(zoe: Person, body: Any, fields: dict[str, str]) -> None:
    """Acceptance 16."""
    reply = await zoe.do("POST", "/me/password", body)
    assert (reply.status, reply.fields) == (422, fields)
    assert (await zoe.log_in()).status == 200


async def test_nobody_guesses_the_password_with_a_session_that_was_left_open(zoe: Person) -> None:
    body = {"current_password": "x", "password": ANOTHER}
    for _ in range(10):
        assert (await zoe.do("POST", "/me/password", body)).status == 422
    reply = await zoe.do("POST", "/me/password", body | {"current_password": PASSWORD})
    assert (reply.status, reply.slug) == (429, "too-many-attempts")
    assert int(reply.headers["Retry-After"]) > 0
    assert (await zoe.log_in()).status == 200, "logging in is another matter"


# --- staying logged in ------------------------------------------------------------------------------------------------


async def test_a_refresh_token_is_good_once_and_an_old_one_ends_the_session(zoe: Person) -> None:
    first = zoe.tokens["refresh_token"]
    assert (await zoe.refresh()).status == 200
    second = zoe.tokens["refresh_token"]
    assert second != first
    zoe.client.clock.advance(seconds=11)
    assert (await zoe.refresh(first)).slug == "session-ended"
    assert (await zoe.refresh(second)).slug == "session-ended"
    assert (await zoe.get("/me")).slug == "session-ended"


async def test_a_lost_answer_is_given_again(zoe: Person) -> None:
    first = zoe.tokens["refresh_token"]
    replies = await asyncio.gather(*(zoe.refresh(first) for _ in range(5)))
    assert {reply.status for reply in replies} == {200}
    (second,) = {reply.body["refresh_token"] for reply in replies}
    key = {"Idempotency-Key": "k1"}
    third = (await zoe.refresh(second, key)).body["refresh_token"]
    zoe.client.clock.advance(minutes=5)
    assert (await zoe.refresh(second, key)).body["refresh_token"] == third
    fourth = (await zoe.refresh(third, key)).body["refresh_token"]  # a key is the token's own
    assert fourth != third
    assert (await zoe.refresh(fourth)).status == 200


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t[:27] + "x" * 43, lambda t: "0" * 26 + t[26:], lambda _: ""]
)
async def test_a_made_up_token_is_refused_and_ends_nothing(zoe: Person, change: object) -> None:
    assert callable(change)
    reply = await zoe.refresh(change(zoe.tokens["refresh_token"]) or " ")
    assert (reply.status, reply.slug) == (401, "session-ended")
    assert (await zoe.refresh()).status == 200


async def test_who_is_nobody_leaves_no_key_behind(zoe: Person) -> None:
    """Acceptance 108: what a stranger may write without end is nothing."""
    for number in range(3):
        key = {"Idempotency-Key": f"key-{number}"}
        assert (await zoe.log_in(login=f"{number}@etu.test", headers=key)).slug == "bad-credentials"
        assert (await zoe.refresh("0" * 26 + "." + "x" * 43, key)).slug == "session-ended"
        assert (await zoe.refresh(zoe.tokens["refresh_token"][:27] + "x" * 43, key)).slug == "session-ended"
        assert (await zoe.refresh(headers=key)).status == 200
    assert await zoe.client.kept("command_keys") == []


async def test_after_seven_days_one_logs_in_anew(zoe: Person) -> None:
    zoe.client.clock.advance(days=7, seconds=-1)
    assert (await zoe.refresh()).status == 200
    zoe.client.clock.advance(seconds=1)
    assert (await zoe.refresh()).slug == "session-ended"


async def test_logging_out_ends_this_session_alone(zoe: Person) -> None:
    phone = dict(zoe.tokens)
    await zoe.log_in()
    assert (await zoe.client.ask("DELETE", "/sessions/current", headers=zoe.bearer)).status == 204
    assert (await zoe.get("/me")).slug == "session-ended"
    assert (await zoe.refresh()).slug == "session-ended"
    assert (await zoe.client.ask("DELETE", "/sessions/current", headers=zoe.bearer)).status == 204
    zoe.tokens = phone
    assert (await zoe.get("/me")).status == 200


# --- throttling (acceptance 15) -------------------------------------------------------------------------------------------


async def test_ten_wrong_passwords_and_even_the_right_one_waits(zoe: Person) -> None:
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    for number in range(10):
        login = zoe.email if number % 2 else zoe.file_number
        assert (await zoe.log_in(login=login, password=WRONG)).slug == "bad-credentials"
    reply = await zoe.log_in()
    assert (reply.status, reply.slug, reply.headers["Retry-After"]) == (429, "too-many-attempts", "300")
    assert (await kim.log_in()).status == 200
    zoe.client.clock.advance(minutes=5, seconds=-1)
    assert (await zoe.log_in()).headers["Retry-After"] == "1"
    zoe.client.clock.advance(seconds=1)
    assert (await zoe.log_in()).status == 200


async def test_nine_wrong_passwords_do_not_slow_down(zoe: Person) -> None:
    for _ in range(9):
        await zoe.log_in(password=WRONG)
    assert (await zoe.log_in()).status == 200


async def test_of_many_wrong_ones_at_once_ten_are_tried(zoe: Person) -> None:
    replies = await asyncio.gather(*(zoe.log_in(password=WRONG) for _ in range(30)))
    assert sorted(reply.status for reply in replies) == [401] * 10 + [429] * 20


async def test_a_login_that_is_nobodys_is_slowed_down_as_well(client: AccountsClient) -> None:
    nobody = client.zoe(email="nobody@etu.test")
    slugs = [(await nobody.log_in()).slug for _ in range(11)]
    assert slugs == ["bad-credentials"] * 10 + ["too-many-attempts"]
    assert (await client.zoe(email="somebody@etu.test").log_in()).slug == "bad-credentials"


GUESSER = {"X-Forwarded-For": "203.0.113.7"}
HOME = {"X-Forwarded-For": "198.51.100.20"}


async def test_while_a_stranger_guesses_the_owner_gets_in(zoe: Person) -> None:
    """Acceptance 15, 109: from elsewhere at once, from the same line with the device that is known."""
    device = zoe.tokens["device"]
    slugs = [(await zoe.log_in(password=WRONG, headers=GUESSER)).slug for _ in range(12)]
    assert slugs == ["bad-credentials"] * 10 + ["too-many-attempts"] * 2
    refused = await zoe.log_in(headers=GUESSER)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "300")
    spoofed = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    assert (await zoe.log_in(headers=spoofed)).status == 429
    assert (await zoe.log_in(headers=HOME)).status == 200
    assert (await zoe.log_in(headers=GUESSER, device="x" * 43)).status == 429
    reply = await zoe.log_in(headers=GUESSER, device=device)
    assert (reply.status, reply.body["device"]) == (200, device)


async def test_who_follows_a_link_is_known_by_its_device_though_a_neighbour_guesses(client: AccountsClient) -> None:
    """Acceptance 109: a whole school stands behind one address, and the owner has not logged in yet."""
    zoe = client.zoe()
    await zoe.register()
    devices = [(await zoe.follow(await zoe.link(), headers=GUESSER)).headers["Parvis-Device"]]
    await zoe.forget()
    token, new = await zoe.link("identifiers-forgotten"), "une toute autre phrase"
    once = GUESSER | {"Idempotency-Key": "k1"}
    replies = [await zoe.reset(token, new, headers=once) for _ in range(2)]
    devices += [reply.headers["Parvis-Device"] for reply in replies]
    assert devices[1] == devices[2] != devices[0], "a lost answer is given again"
    for _ in range(10):
        await zoe.log_in(password=WRONG, headers=GUESSER)
    assert (await zoe.log_in(password=new, headers=GUESSER)).slug == "too-many-attempts"
    for device in devices:
        assert (await zoe.log_in(password=new, headers=GUESSER, device=device)).status == 200
    kept = str(await client.kept("devices"))
    assert not any(device in kept for device in devices)
    refused = await zoe.reset(token, new)
    assert refused.slug == "link-used" and "Parvis-Device" not in refused.headers


async def test_a_known_device_is_slowed_down_for_its_own_tries_alone(zoe: Person) -> None:
    device = zoe.tokens["device"]
    for _ in range(10):
        assert (await zoe.log_in(password=WRONG, headers=HOME, device=device)).slug == "bad-credentials"
    assert (await zoe.log_in(headers=HOME, device=device)).status == 429
    assert (await zoe.log_in(headers=HOME)).status == 200


async def test_the_device_of_one_account_opens_no_way_to_another(zoe: Person) -> None:
    kim = await zoe.client.zoe(email="kim@etu.test").arrive()
    for _ in range(10):
        await zoe.log_in(password=WRONG, headers=GUESSER)
    assert (await zoe.log_in(headers=GUESSER, device=kim.tokens["device"])).status == 429
    assert zoe.tokens["device"] not in str(await zoe.client.kept("devices"))


async def test_ten_devices_are_known_and_the_one_known_longest_makes_room(zoe: Person) -> None:
    zoe.client.clock.advance(seconds=1)  # the one that followed the link is known longer
    first = (await zoe.log_in()).body["device"]
    for _ in range(MAX_DEVICES):
        assert (await zoe.log_in(device=first)).body["device"] == first
        zoe.client.clock.advance(seconds=1)
        assert (await zoe.log_in()).body["device"] != first
    assert len(await zoe.client.kept("devices")) == MAX_DEVICES
    assert (await zoe.log_in(device=first)).body["device"] != first


async def test_many_strangers_leave_a_way_for_lines_from_which_people_log_in(zoe: Person) -> None:
    """Acceptance 109: a hundred failures from everywhere slow down lines that nobody knows, and those alone."""
    await zoe.log_in(headers=HOME)
    for number in range(TRIES_OF_STRANGERS.burst):
        lines = {"X-Forwarded-For": f"203.0.{number}.7"}
        assert (await zoe.log_in(password=WRONG, headers=lines)).slug == "bad-credentials"
    assert (await zoe.log_in(headers={"X-Forwarded-For": "203.1.1.7"})).status == 429
    assert (await zoe.log_in(headers=HOME)).status == 200
    await zoe.forget(headers=HOME)
    fresh = {"X-Forwarded-For": "192.0.2.4"}
    await zoe.reset(await zoe.link("identifiers-forgotten"), "une toute autre phrase", fresh)
    assert (await zoe.log_in(password="une toute autre phrase", headers=fresh)).status == 200


async def test_an_own_link_followed_again_gives_no_more_tries(zoe: Person) -> None:
    """Acceptance 108: else who has one account guesses without end at all others from that line."""

    async def failures() -> list[dict[str, object]]:
        return [row for row in await zoe.client.kept("throttles") if row["_id"].startswith("failures")]

    mallory = zoe.client.zoe(email="mallory@etu.test")
    await mallory.register()
    token = await mallory.link()
    key = GUESSER | {"Idempotency-Key": "k1"}
    for _ in range(10):
        assert (await zoe.log_in(password=WRONG, headers=GUESSER)).slug == "bad-credentials"
    counted = await failures()
    assert len(counted) == 2
    assert (await mallory.follow(token, headers=key)).status == 200
    assert await failures() == counted
    for _ in range(10):
        assert (await mallory.log_in(password=WRONG, headers=GUESSER)).slug == "bad-credentials"
    assert (await mallory.follow(token, headers=key)).status == 200
    assert (await mallory.log_in(headers=GUESSER)).status == 429
    assert (await zoe.log_in(headers=GUESSER)).status == 429


async def test_a_school_behind_one_address_goes_on_after_a_hundred_failures(zoe: Person) -> None:
    school = {"X-Forwarded-For": "203.0.113.7"}
    for block in range(11):
        people = [zoe.client.zoe(email=f"{block}-{number}@etu.test") for number in range(10)]
        replies = await asyncio.gather(*(person.log_in(headers=school) for person in people))
        assert {reply.status for reply in replies} == {401}
    assert (await zoe.log_in(headers=school)).status == 200


@asynccontextmanager
async def all_threads_taken(client: AccountsClient) -> AsyncIterator[Hasher]:
    """While somebody has all threads that hash: who comes stands in line until the end."""
    owners = [getattr(lifespan, "__self__", None) for lifespan in client.suite.service("accounts").service.lifespans]
    (hasher,) = [owner for owner in owners if isinstance(owner, Hasher)]
    async with AsyncExitStack() as threads:
        for _ in range(THREADS):
            await threads.enter_async_context(hasher.turn(Asker(None)))
        yield hasher


async def sent_away(crowd: Sequence[asyncio.Task[Reply]]) -> None:
    """Until all who find no room in the line have been told so; the others stand in it."""
    for answer in islice(asyncio.as_completed(crowd), len(crowd) - MAX_WAITING):
        reply = await answer
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2")


async def test_more_than_can_wait_are_sent_away_and_told_when_to_come_back(zoe: Person) -> None:
    async with asyncio.TaskGroup() as group, all_threads_taken(zoe.client):
        crowd = [group.create_task(zoe.client.zoe(email=f"{number}@etu.test").log_in()) for number in range(100)]
        await sent_away(crowd)
    assert sorted(task.result().status for task in crowd) == [401] * MAX_WAITING + [503] * (100 - MAX_WAITING)
    assert (await zoe.log_in()).status == 200


async def test_who_may_not_try_any_more_takes_no_place_of_those_who_may(zoe: Person) -> None:
    """Acceptance 108: they are told so at once, however many they are, and not that there is no room."""
    for _ in range(10):
        assert (await zoe.log_in(password=WRONG, headers=GUESSER)).slug == "bad-credentials"
    replies = await asyncio.gather(*(zoe.log_in(password=WRONG, headers=GUESSER) for _ in range(100)))
    assert {reply.slug for reply in replies} == {"too-many-attempts"}


async def test_within_a_flood_from_as_many_networks_as_requests_who_is_known_gets_in(zoe: Person) -> None:
    """Acceptance 108, ADR 49: strangers are told to come back, an owner's device and a known line are not."""
    device, client = zoe.tokens["device"], zoe.client
    assert (await zoe.log_in(headers=HOME)).status == 200
    async with asyncio.TaskGroup() as group, all_threads_taken(client) as hasher:
        strangers, known = [], []
        for number in range(100):
            line = {"X-Forwarded-For": f"203.{number}.0.7"}
            strangers.append(group.create_task(client.zoe(email=f"{number}@etu.test").log_in(headers=line)))
        await sent_away(strangers)
        for number in range(3):
            elsewhere = {"X-Forwarded-For": f"198.51.{number}.7"}
            known.append(group.create_task(zoe.log_in(headers=elsewhere, device=device)))
            known.append(group.create_task(zoe.log_in(headers=HOME)))
        in_line = STRANGERS + len(known)
        while hasher._places.taken < in_line and not any(task.done() for task in known):  # noqa: SLF001 - who is there
            await asyncio.sleep(0.01)
    assert {task.result().status for task in known} == {200}


async def test_what_is_over_is_swept(zoe: Person) -> None:
    await zoe.log_in(password=WRONG)
    await zoe.forget(headers={"Idempotency-Key": "k1"})
    zoe.client.clock.advance(days=100)
    service = zoe.client.suite.service("accounts").service
    (sweep,) = [timer for timer in service.timers if timer.name == "sweep-secrets"]
    assert await sweep.run(zoe.client.command()) > 0
    zoe.client.clock.advance(days=100)
    assert await sweep.run(zoe.client.command()) > 0
    for collection in ("sessions", "links", "throttles", "command_keys", "devices"):
        assert await zoe.client.kept(collection) == []
    assert await sweep.run(zoe.client.command()) == 0


async def test_a_throttle_that_cannot_be_read_keeps_nobody_out(zoe: Person) -> None:
    """Acceptance 104: it is named in log and metrics, and written anew."""
    store = zoe.client.suite.service("accounts").service.ports.store
    assert (await zoe.log_in(password="not the one")).status == 401
    for row in await store.find("throttles", {}, limit=100):
        await store.replace("throttles", {"_id": row["_id"], "version": row["version"] + 1}, version=row["version"])
    assert (await zoe.log_in(password="not the one")).status == 401
    assert (await zoe.log_in()).status == 200
