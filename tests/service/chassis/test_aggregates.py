"""One command is one document update, and a command sent twice is done once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.events.idempotency import ANONYMOUS_KEYS, KEYS_KEPT, MAX_KEYS_A_DAY, MAX_PLAIN_A_DAY
from services.chassis.events.outbox import Outbox
from services.chassis.ports import Condition, Document, DuplicateKey, In, Range, Store
from services.chassis.store.rows import AT_A_STRETCH, BY_ID
from services.contracts.events.catalogue import Event
from services.contracts.refusals import BUSY, KEY_REUSED, STALE_VERSION, TOO_MANY_CHANGES, RefusedError
from tests.service.chassis.thing import NOW, Stepped, Thing, Things, command, made, step


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


async def test_a_long_page_is_made_in_stretches_between_which_others_are_served(store: Store) -> None:
    trail: list[str] = []

    class Seen(Things):
        def from_document(self, document: Document) -> Thing:
            trail.append("l")
            return super().from_document(document)

    things = Seen(store, Outbox())
    for number in range(3 * AT_A_STRETCH):
        await things.add(f"{number:03d}", made(f"{number}"), command())

    async def others() -> None:
        while True:
            trail.append(" ")
            await asyncio.sleep(0)

    for asked in (things.listed({}, sort=BY_ID, limit=100), things.find({}, sort=BY_ID, limit=100)):
        beside = asyncio.create_task(others())
        assert len(await asked) == 3 * AT_A_STRETCH
        beside.cancel()
    assert max(map(len, "".join(trail).split())) == AT_A_STRETCH


async def test_one_key_for_another_body_is_refused(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(key="k"))
    with pytest.raises(RefusedError) as refused:
        await things.change("a", step, command(key="k", digest="other"))
    assert refused.value.slug is KEY_REUSED


def at(moment: timedelta, **parts: Any) -> CommandContext:
    """A command of later."""
    return replace(command(**parts), now=NOW + moment)


async def test_a_key_is_remembered_for_seven_days(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(key="k"))
    last = await things.change("a", step, at(KEYS_KEPT - timedelta(milliseconds=1), key="other"))
    again = await things.change("a", step, at(KEYS_KEPT - timedelta(milliseconds=1), key="k"))
    await things.change("a", step, at(KEYS_KEPT, key="third"))
    forgotten = await things.change("a", step, at(KEYS_KEPT, key="k"))
    assert last is not None and again is not None and again.repeated
    assert forgotten is not None and not forgotten.repeated


async def test_sixty_keys_a_day_are_remembered_and_the_next_is_refused_before_anything_is_done(things: Things) -> None:
    """Acceptance 108."""
    await things.add("a", made("one"), command())
    for number in range(MAX_KEYS_A_DAY):
        await things.change("a", step, at(timedelta(minutes=number), key=f"k{number}", personal=True))
    day = timedelta(days=1)
    with pytest.raises(RefusedError) as refused:
        await things.change("a", step, at(day - timedelta(seconds=5), key="one more", personal=True))
    assert (refused.value.slug, refused.value.retry_after) == (TOO_MANY_CHANGES, 5)
    again = await things.change("a", step, at(day - timedelta(seconds=5), key="k0", personal=True))
    without = await things.change("a", step, at(day - timedelta(seconds=5), personal=True))
    anonymous = await things.change("a", step, at(day - timedelta(seconds=5), key="reset"))
    assert again is not None and again.repeated and without is not None and anonymous is not None
    assert await things.change("a", step, at(day, key="one more", personal=True)) is not None


async def test_without_a_key_a_person_changes_it_so_often_a_day_and_the_next_change_is_refused(things: Things) -> None:
    """Acceptance 108: each change is told to others for ever."""
    await things.add("a", made("one"), command())
    for number in range(MAX_PLAIN_A_DAY):
        assert await things.change("a", step, at(timedelta(minutes=number), personal=True)) is not None
    day = timedelta(days=1)
    late = at(day - timedelta(seconds=5), personal=True)
    with pytest.raises(RefusedError) as refused:
        await things.change("a", step, late)
    assert (refused.value.slug, refused.value.retry_after) == (TOO_MANY_CHANGES, 5)
    assert refused.value.members["limit"] == MAX_PLAIN_A_DAY
    for other in (replace(late, key="k"), replace(late, personal=False), replace(late, event="x", personal=False)):
        assert await things.change("a", step, other) is not None
    await things.add("b", made("two"), command())
    assert await things.change("b", step, late) is not None
    for number in range(MAX_PLAIN_A_DAY):
        assert await things.change("a", step, at(day + timedelta(minutes=number), personal=True)) is not None
    with pytest.raises(RefusedError):
        await things.change("a", step, at(2 * day - timedelta(seconds=5), personal=True))
    assert await things.change("a", step, at(-2 * day, personal=True)) is not None  # the clock was put right


async def test_what_changes_nothing_is_not_counted(things: Things) -> None:
    await things.add("a", made("one"), command())
    for _ in range(3):
        outcome = await things.change("a", Decision, command(personal=True))
        assert outcome is not None and "plain" not in outcome.saved.meta


async def test_keys_of_people_without_a_token_take_no_room_from_others(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(key="mine", personal=True))
    for number in range(ANONYMOUS_KEYS + 1):
        await things.change("a", step, command(key=f"k{number}"))
    saved = await things.get("a")
    assert saved is not None
    assert list(saved.meta["keys"]) == ["mine", *(f"k{number}" for number in range(1, ANONYMOUS_KEYS + 1))]


OVERTAKEN = timedelta(seconds=5)


def over(place: str, arrived: timedelta, *, seconds: float = 0) -> CommandContext:
    """A request that writes over something, under way for some seconds by now."""
    return replace(at(arrived), written=place, began=time.monotonic() - seconds)


async def test_what_hung_and_was_sent_again_does_not_undo_what_was_written_since(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, over("address", OVERTAKEN))
    await things.change("a", step, at(OVERTAKEN))
    with pytest.raises(RefusedError) as refused:
        await things.change("a", step, over("address", timedelta(), seconds=6))
    assert refused.value.slug is BUSY
    await things.change("a", step, over("identity", timedelta(), seconds=6))
    await things.change("a", step, over("address", OVERTAKEN, seconds=6))
    saved = await things.get("a")
    assert saved is not None and saved.state.count == 4


async def test_what_was_written_before_the_clock_was_put_back_overtakes_nobody(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, over("address", OVERTAKEN))
    assert await things.change("a", step, over("address", timedelta(), seconds=1))


async def test_when_something_was_written_over_is_forgotten_in_time(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, over("address", timedelta()))
    for later in (timedelta(minutes=15) - timedelta(milliseconds=1), timedelta(minutes=15)):
        known = await things.change("a", step, at(later))
        assert known is not None
        assert ("written" in known.saved.meta) == (later < timedelta(minutes=15))


async def test_what_0_1_0_remembers_of_events_is_not_applied_anew(things: Things, store: Store) -> None:
    await things.add("a", made("one"), command())
    row = await store.get("things", "a")
    assert row is not None
    row["meta"] = {"sequence": 1, "keys": {}, "marks": [f"tests.things.b.{number}" for number in range(1, 2001)]}
    assert await store.replace("things", row, version=1)
    source = "/parvis/tests/things:b"
    for audience in ("", "internal "):
        known = await things.change("a", step, command(event="x", sequence=2000, source=audience + source))
        assert known is not None and known.repeated
    changed = await things.change("a", step, command(event="x", sequence=2001, source=source))
    assert changed is not None and not changed.repeated
    assert "marks" not in changed.saved.meta
    assert changed.saved.meta["applied"] == {source: 2001, f"internal {source}": 2000}


async def test_an_event_of_one_part_is_not_overtaken_by_another_but_by_the_whole(things: Things) -> None:
    await things.add("a", made("one"), command())
    said = {"event": "x", "source": "one"}

    async def applied(sequence: int, part: str = "") -> bool:
        outcome = await things.change("a", step, command(sequence=sequence, part=part, **said))
        return outcome is not None and not outcome.repeated

    assert [await applied(6, "y"), await applied(5, "x"), await applied(5, "x"), await applied(4, "y")] == [1, 1, 0, 0]
    assert await applied(7)
    assert not await applied(5, "z")
    saved = await things.get("a")
    assert saved is not None and saved.meta["applied"] == {"one": 7}


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
    for sequence in (1, 3, 3, 1, 2, 3):
        await things.change("a", step, command(event=f"e{sequence}", sequence=sequence, source="one"))
    saved = await things.get("a")
    assert saved is not None and saved.state.count == 2
    await things.change("a", step, command(event="x2", sequence=2, source="other"))
    saved = await things.get("a")
    assert saved is not None and saved.state.count == 3
    assert saved.meta["applied"] == {"one": 3, "other": 2}


async def test_if_match_of_another_version_is_refused(things: Things) -> None:
    await things.add("a", made("one"), command())
    await things.change("a", step, command(expected=1))
    with pytest.raises(RefusedError) as refused:
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

    with pytest.raises(RefusedError):
        await things.change("a", refuse, command(key="k"))
    saved = await things.get("a")
    assert saved is not None and saved.version == 1


async def test_an_aggregate_with_events_to_relay_is_not_removed(things: Things) -> None:
    await things.add("a", made("one"), command())
    assert not await things.remove("a", 1)
    assert await things.get("a") is not None


async def test_no_aggregate_tells_under_the_key_of_another(store: Store, outbox: Outbox) -> None:
    """Who hears it keeps order per key by a number of one aggregate: another's would count as heard long ago."""

    class OfOthers(Things):
        def publish(self, id: str, state: Thing, fact: int) -> Sequence[Event]:
            return [Stepped(thing=f"whose {id} is", count=fact)]

    astray = OfOthers(store, outbox)
    with pytest.raises(TypeError, match=Stepped.TYPE):
        await astray.add("a", made("one"), command())
    assert await astray.get("a") is None


async def test_the_only_aggregate_of_its_kind_may_tell_of_many_keys(store: Store, outbox: Outbox) -> None:
    class Only(Things):
        only = "all"

        def publish(self, id: str, state: Thing, fact: int) -> Sequence[Event]:
            return [Stepped(thing=f"{id}-{fact}", count=fact)]

    only = Only(store, outbox)
    await only.add("all", made("one"), command())
    await only.change("all", step, command())
    saved = await only.get("all")
    assert saved is not None
    assert [entry["partitionkey"] for entry in saved.outbox] == ["all-0", "all-1"]
    with pytest.raises(TypeError):
        await only.add("other", made("two"), command())
