"""What the institution sets of accounts counts while they run, for what is done from then on (ADR 45)."""

from __future__ import annotations

from services.contracts.events.accounts import CardChanged
from tests.parameters import hear
from tests.service.accounts.client import AccountsClient, Person


async def test_a_link_keeps_the_end_that_it_was_given(client: AccountsClient) -> None:
    """Acceptance 6, 7: to the second, for the links of before and of after."""
    before, after = client.zoe(), client.zoe(email="max@etu.test")
    await before.register()
    await client.suite.settle()
    await hear(client.suite, {"accounts.link_hours": 1})
    await after.register()
    links = await before.link(), await after.link()
    client.clock.advance(hours=1, seconds=-1)
    assert [(await before.look(link)).body["status"] for link in links] == ["pending", "pending"]
    client.clock.advance(seconds=2)
    assert [(await before.look(link)).body["status"] for link in links] == ["pending", "expired"]
    client.clock.advance(hours=119, seconds=-2)
    assert (await before.follow(links[0])).status == 200


async def test_a_reset_link_keeps_the_end_that_it_was_given(zoe: Person) -> None:
    """Acceptance 13."""
    client = zoe.client
    await zoe.forget()
    await client.suite.settle()
    await hear(client.suite, {"accounts.reset_minutes": 1})
    before = await zoe.link("identifiers-forgotten")
    client.clock.advance(minutes=119)
    await zoe.forget()
    after = await zoe.link("identifiers-forgotten")
    assert after != before
    assert [(await zoe.look(link)).body["status"] for link in (before, after)] == ["pending", "pending"]
    client.clock.advance(seconds=61)
    assert [(await zoe.look(link)).body["status"] for link in (before, after)] == ["expired", "expired"]


async def test_a_session_keeps_the_end_that_it_was_given(zoe: Person) -> None:
    first = dict(zoe.tokens)
    await hear(zoe.client.suite, {"accounts.session_days": 1})
    await zoe.log_in()
    second = dict(zoe.tokens)
    zoe.client.clock.advance(days=1)
    assert (await zoe.refresh(str(second["refresh_token"]))).slug == "session-ended"
    assert (await zoe.refresh(str(first["refresh_token"]))).status == 200


async def test_who_never_followed_a_link_is_kept_as_long_as_is_set_now(client: AccountsClient) -> None:
    """Acceptance 7, 9."""
    zoe = client.zoe()
    await zoe.register()
    await hear(client.suite, {"accounts.expired_kept_hours": 48})
    timers = {timer.name: timer for timer in client.suite.service("accounts").service.timers}
    client.clock.advance(hours=120 + 24, seconds=1)
    await timers["clean-up"].run(client.command())
    assert len(await client.kept("accounts")) == 1
    await hear(client.suite, {"accounts.expired_kept_hours": 24}, version=2)
    while await client.kept("accounts"):
        await timers["clean-up"].run(client.command())
        await client.suite.settle()


async def test_from_which_year_on_a_student_number_is_asked(zoe: Person) -> None:
    """Acceptance 29, at the year and one past it; 0 asks nobody."""
    suite = zoe.client.suite
    await hear(suite, {"accounts.student_number_from": 2022})
    assert (await zoe.give("address")).status == 200
    assert (await zoe.give("baccalaureate", year=2021)).status == 200
    assert (await zoe.give("identity", national_student_number=None)).status == 200
    assert (await zoe.client.told(CardChanged))[-1]["missing"] == []
    await hear(suite, {"accounts.student_number_from": 2021}, version=2)
    assert (await zoe.get("/me/profile")).body["missing"] == ["identity"]
    reply = await zoe.give("identity", national_student_number=None)
    assert reply.fields == {"national_student_number": "student-number-required"}
    await hear(suite, {"accounts.student_number_from": 0}, version=3)
    assert (await zoe.give("identity", national_student_number=None, birth_place="Elne")).status == 200


async def test_file_numbers_begin_as_the_institution_says_from_then_on(client: AccountsClient) -> None:
    """Acceptance 20: whole in the ledger, found and typed as they are read, and those of before stay."""
    before, after = client.zoe(), client.zoe(email="max@etu.test")
    await before.arrive()
    await hear(client.suite, {"accounts.file_number_prefix": "ES"})
    await after.arrive()
    numbers = [str((await person.get("/me")).body["file_number"]) for person in (before, after)]
    assert [len(number) for number in numbers] == [8, 10] and numbers[1].startswith("ES")
    assert {*numbers} <= {row["_id"] for row in await client.kept("file_numbers")}
    for person, number in zip((before, after), numbers, strict=True):
        typed = f" {number[:4]}-{number[4:]} ".lower()
        login = {"login": typed, "password": person.password}
        assert (await client.ask("POST", "/sessions", login)).status == 200
