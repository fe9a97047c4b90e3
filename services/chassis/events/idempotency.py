"""What an aggregate remembers of what was done to it: the commands of the last days by their keys, the events by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from services.chassis.context import CommandContext
from services.contracts.instants import instant, instant_text
from services.contracts.refusals import BUSY, KEY_REUSED, TOO_MANY_CHANGES, RefusedError

KEYS_KEPT: Final = timedelta(days=7)
"""How long an Idempotency-Key is remembered with the answer that was given."""
MAX_KEYS_A_DAY: Final = 60
"""Commands with a key that one aggregate takes within 24 hours from the person it belongs to."""
MAX_PLAIN_A_DAY: Final = 240
"""Commands without a key that one aggregate takes from the person it belongs to, within 24 hours from the first of them."""
ANONYMOUS_KEYS: Final = 32
"""Keys of people without a token that are remembered; more of them never stand in the way of those who have one."""
_DAY: Final = timedelta(days=1)
_UNDER_WAY: Final = timedelta(minutes=15)
"""How long it is remembered when something was written over; no request is under way for longer."""

Meta = Mapping[str, Any]


def has_applied(meta: Meta, command: CommandContext) -> bool:
    """Whether the event of a command, or a later one of the same source, was applied.

    Events of one source are applied in order, so one that comes late was applied, or given up by a person, or overtaken by
    what came after it.
    """
    if command.event is None or not command.sequence:
        return False
    applied = _applied(meta)
    return any(applied.get(source, 0) >= command.sequence for source in _sources(command))


def done_before(meta: Meta, command: CommandContext) -> Mapping[str, Any] | None:
    """What came of the command when its key was used first; raises KEY_REUSED if that was for another body."""
    known: Mapping[str, Any] | None = meta.get("keys", {}).get(command.key) if command.key is not None else None
    if known is not None and known["digest"] != command.digest:
        raise KEY_REUSED()
    return known


def check_room(meta: Meta, command: CommandContext) -> None:
    """Refuse, before any work, one more command of a person than an aggregate takes in a day (acceptance 108).

    With a key, it could not be remembered for as long as is promised; without, the journal would grow without end.
    """
    if not command.personal:
        return
    if command.key is None:
        since, times = _plain(meta, command.now)
        if times >= MAX_PLAIN_A_DAY:
            raise _too_many(MAX_PLAIN_A_DAY, since + _DAY - command.now)
        return
    used = sorted(instant(key["at"]) for key in meta.get("keys", {}).values() if "at" in key and not _is_anonymous(key))
    young = [moment for moment in used if abs(command.now - moment) < _DAY]
    if len(young) >= MAX_KEYS_A_DAY:
        raise _too_many(MAX_KEYS_A_DAY, young[-MAX_KEYS_A_DAY] + _DAY - command.now)


def _too_many(limit: int, wait: timedelta) -> RefusedError:
    return TOO_MANY_CHANGES(limit=limit, retry_after=max(1, ceil(wait.total_seconds())))


def check_overtaken(meta: Meta, command: CommandContext, seconds: float) -> None:
    """Refuse a request, under way for so many seconds, if one that arrived later has written over the same thing.

    Whoever waits for it may send it again; mostly nobody does, for what came later was sent when it had been given up.
    What seems to have arrived after this moment was written before the clock was put back, and proves nothing.
    """
    last = meta.get("written", {}).get(command.written)
    if last is not None and command.now < instant(last) <= command.now + timedelta(seconds=seconds):
        raise BUSY(retry_after=1)


def remembering(
    meta: Meta, command: CommandContext, answer: Any, events: Iterable[Sequence[str]], sources: int | None = None
) -> dict[str, Any]:
    """The keys and events to remember from now on, this command among them; events of the newest so many `sources`."""
    keys = _keys(meta, command.now)
    if command.key is not None:
        keys[command.key] = {
            "digest": command.digest,
            "answer": answer,
            "events": [list(event) for event in events],
            "at": instant_text(command.now),
        } | ({} if command.personal else {"anonymous": True})
        anonymous = [name for name, key in keys.items() if _is_anonymous(key)]
        for name in anonymous[: max(0, len(anonymous) - ANONYMOUS_KEYS)]:
            del keys[name]
    applied = _applied(meta)
    if command.event is not None and command.sequence:
        whole, *parts = _sources(command)
        if not parts:
            applied = {
                name: at
                for name, at in applied.items()
                if not (name.startswith(f"{whole}|") and at <= command.sequence)
            }
        applied.pop(named := [whole, *parts][-1], None)
        applied[named] = command.sequence  # behind the others: it is the newest
        if sources is not None:
            applied = dict(list(applied.items())[-sources:])
    remembered: dict[str, Any] = {"keys": keys, "applied": applied}
    if command.personal and command.key is None:
        since, times = _plain(meta, command.now)
        remembered["plain"] = {"since": instant_text(since), "times": times + 1}
    if written := _written(meta, command):
        remembered["written"] = written
    return remembered


def _sources(command: CommandContext) -> list[str]:
    return [command.source, f"{command.source}|{command.part}"] if command.part else [command.source]


def _plain(meta: Meta, now: datetime) -> tuple[datetime, int]:
    """Since when a person's commands without a key are counted, and how many there were."""
    counted = meta.get("plain")
    since = instant(counted["since"]) if counted is not None else now
    # A clock that was put back must not keep anybody out for longer than a day.
    return (since, counted["times"]) if counted is not None and abs(now - since) < _DAY else (now, 0)


def _is_anonymous(key: Mapping[str, Any]) -> bool:
    return bool(key.get("anonymous"))


def _keys(meta: Meta, now: datetime) -> dict[str, Any]:
    """The keys that are young enough; those of 0.1.0 have no age and are taken for new."""
    aged = {name: {"at": instant_text(now), **key} for name, key in meta.get("keys", {}).items()}
    return {name: key for name, key in aged.items() if instant(key["at"]) > now - KEYS_KEPT}


def _written(meta: Meta, command: CommandContext) -> dict[str, str]:
    """When what was written over last: by its arrival."""
    known = {name: at for name, at in meta.get("written", {}).items() if instant(at) > command.now - _UNDER_WAY}
    return known | ({command.written: instant_text(command.now)} if command.written else {})


def _applied(meta: Meta) -> dict[str, int]:
    """The highest number applied, per source. 0.1.0 kept the ids of all events: `<service>.<collection>.<id>.<sequence>`."""
    applied = dict(meta.get("applied", {}))
    for mark in meta.get("marks", ()):
        named, _, sequence = mark.rpartition(".")
        if named.count(".") >= 2 and sequence.isdecimal():
            service, collection, id = named.split(".", 2)
            for source in (f"/parvis/{service}/{collection}:{id}", f"internal /parvis/{service}/{collection}:{id}"):
                applied[source] = max(applied.get(source, 0), int(sequence))
    return applied
