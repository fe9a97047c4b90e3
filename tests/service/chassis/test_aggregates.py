"""One command is one document update, and a command sent twice is done once."""

from __future__ import annotations

import asyncio

import pytest

from services.chassis.aggregates import MAX_KEYS, Decision
from services.chassis.outbox import Outbox
from services.chassis.ports import Condition, DuplicateKey, In, Range
from services.contracts.refusals import KEY_REUSED, STALE_VERSION, Refusal
from tests.service.chassis.thing import Thing, Things, command, made, step


async def test_twenty_commands_at_once_are_twenty_steps(things: Things) -> None:
    await things.add("a", made("one"), command())
    await asyncio.gather(*(things.change("a", step, command()) for _ in range(20)))
    saved = await things.get("a")
    assert saved is not None
    assert saved.state.count == 20
    assert [entry["sequence"] for entry in saved.outbox] == [f"{number:010d}" for number in range(1, 22)]


async def test_one_key_sent_twenty_times_at_once_is_one_step_with_one_answer(things: Things) -> None:
    await things.add("a", made("one"), command())
    outcomes = await asyncio.gather(*(things.change("a", step, command(key="k")) for _ in range(20)))
    assert {str(outcome.answer) for outcome in outcomes if outcome} == {"{'count': 1}"}
    assert {outcome.events for outcome in outcomes if outcome} == {outcomes[0].events if outcomes[0] else None}
    assert [outcome.repeated for outcome in outcomes if outcome].count(False) == 1


async def test_one_key_for_another_body_is_refused(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(key="k"))
    with pytest.raises(Refusal) as refused:
        await things.change("a", step, command(key="k", digest="other"))
    assert refused.value.slug is KEY_REUSED


async def test_the_oldest_of_too_many_keys_is_forgotten(things: Things) -> None:
    await things.add("a", made("one"), command())
    for number in range(MAX_KEYS + 1):
        await things.change("a", step, command(key=f"k{number}"))
    again = await things.change("a", step, command(key="k1"))
    forgotten = await things.change("a", step, command(key="k0"))
    assert again is not None and again.repeated
    assert forgotten is not None and not forgotten.repeated


async def test_making_the_same_thing_twice_with_one_key_makes_it_once(things: Things) -> None:
    outcomes = await asyncio.gather(*(things.add("a", made("one"), command(key="k")) for _ in range(20)))
    assert [outcome.repeated for outcome in outcomes].count(False) == 1
    assert {outcome.saved.version for outcome in outcomes} == {1}


async def test_a_taken_name_is_refused_by_its_index_and_nothing_is_written(things: Things) -> None:
    await things.add("a", made("one"), command())
    with pytest.raises(DuplicateKey) as duplicate:
        await things.add("b", made("one"), command())
    assert duplicate.value.index == "one_per_name"
    assert await things.get("b") is None


async def test_a_taken_id_is_refused_to_another_command(things: Things) -> None:
    await things.add("a", made("one"), command(key="k"))
    with pytest.raises(DuplicateKey):
        await things.add("a", made("two"), command())


async def test_an_event_is_applied_once_for_ever(things: Things) -> None:
    await things.add("a", made("one"), command())
    for _ in range(3):
        await things.change("a", step, command(event="e1"))
    saved = await things.get("a")
    assert saved is not None and saved.state.count == 1


async def test_if_match_of_another_version_is_refused(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(expected=1))
    with pytest.raises(Refusal) as refused:
        await things.change("a", step, command(expected=1))
    assert refused.value.slug is STALE_VERSION
    assert refused.value.members == {"version": 2}


async def test_a_foreign_aggregate_is_not_there(things: Things) -> None:
    await things.add("a", made("one"), command())
    assert await things.get("a", {"name": "other"}) is None
    assert await things.change("a", step, command(), {"name": "other"}) is None
    assert await things.change("z", step, command()) is None


@pytest.mark.parametrize("scope", [In(("one", "two")), Range(ge="o", lt="p")], ids=repr)
async def test_who_answers_for_several_is_held_to_them_and_no_others(things: Things, scope: Condition) -> None:
    """Acceptance 92: a manager of several centres finds what is theirs, and 404 for the rest."""
    await things.add("a", made("one"), command())
    await things.add("b", made("three"), command())
    assert await things.get("a", {"name": scope}) is not None
    assert await things.get("b", {"name": scope}) is None
    changed = await things.change("a", step, command(), {"name": scope})
    assert changed is not None and changed.saved.state.count == 1
    assert await things.change("b", step, command(), {"name": scope}) is None


async def test_a_decision_without_effect_writes_nothing(things: Things, outbox: Outbox) -> None:
    await things.add("a", made("one"), command())
    outbox.take(10)
    outcome = await things.change("a", lambda thing: Decision(thing, answer="as it was"), command())
    assert outcome is not None and outcome.saved.version == 1 and outcome.answer == "as it was"
    assert not outbox


async def test_what_decide_refuses_leaves_the_aggregate_as_it_was(things: Things) -> None:
    await things.add("a", made("one"), command())

    def refuse(thing: Thing) -> Decision[Thing]:
        raise KEY_REUSED()

    with pytest.raises(Refusal):
        await things.change("a", refuse, command(key="k"))
    saved = await things.get("a")
    assert saved is not None and saved.version == 1


async def test_an_aggregate_with_events_to_relay_is_not_removed(things: Things) -> None:
    await things.add("a", made("one"), command())
    assert not await things.remove("a", 1)
    assert await things.get("a") is not None
