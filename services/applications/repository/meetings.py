"""Meetings of boards, each in one document; beside them a row for each file on one, by which its person finds it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, ClassVar, Final

from services.applications.domain.meeting_states import MeetingState
from services.applications.domain.meetings import Act, Line, Meeting, Minutes, MinutesTold, Plan, Recused
from services.applications.domain.voting import Counts, Voting
from services.applications.publications.meetings import minutes_events
from services.applications.repository.rows import fields
from services.chassis import ports
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates
from services.chassis.ports import Collection, DuplicateKey, Index, Scalar
from services.chassis.store.evolution import members
from services.chassis.store.rows import every
from services.contracts.actors import Acting
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

MEETINGS: Final = Collection(
    "meetings", (OUTBOX_INDEX, Index("day", ("day",)), Index("commission", ("commission", "day")))
)
AGENDA: Final = Collection("agenda", (Index("account", ("account",)),))
"""A row for each file that is or was on a meeting: written before it is put on, for who forgets its person."""


def named(actor: str, key: str) -> str:
    """The id of the meeting that somebody plans under a key: sent twice, also at once, it is one."""
    return hashlib.sha256(f"{actor}\n{key}".encode()).hexdigest()[:26]


class MeetingRepository(Aggregates[Meeting]):
    """The meetings, by id; who asks is let through by their programmes."""

    service: ClassVar[str] = "applications"
    collection: ClassVar[Collection] = MEETINGS

    def to_document(self, state: Meeting) -> ports.Document:
        """What has not come yet is left out."""
        document: ports.Document = {
            "commission": state.commission,
            "state": state.state.value,
            "title": state.plan.title,
            "day": state.plan.day.isoformat(),
            "time": state.plan.time,
            "place": state.plan.place,
            "programmes": list(state.plan.programmes),
            "files": list(state.files),
            "present": list(state.present),
            "planned": _act_out(state.planned),
        }
        if (voting := state.plan.voting) is not None:
            document["voting"] = fields(voting)
        for name, act in (("held", state.held), ("closed", state.closed)):
            if act is not None:
                document[name] = _act_out(act)
        return document if state.minutes is None else document | {"minutes": _minutes_out(state.minutes)}

    def from_document(self, document: ports.Document) -> Meeting:
        """What `to_document` wrote."""
        day, programmes = date.fromisoformat(document["day"]), tuple(document["programmes"])
        minutes, voting = document.get("minutes"), document.get("voting")
        rules = None if voting is None else Voting(**members(Voting, voting))
        return Meeting(
            document["commission"],
            Plan(document["title"], day, document["time"], document["place"], programmes, rules),
            _act_in(document["planned"]),
            MeetingState(document["state"]),
            tuple(document["files"]),
            tuple(document["present"]),
            _act_in(document["held"]) if "held" in document else None,
            _act_in(document["closed"]) if "closed" in document else None,
            None if minutes is None else _minutes_in(minutes),
        )

    def publish(self, id: str, state: Meeting, domain_event: MinutesTold) -> Sequence[Event]:
        """What the minutes say, to who makes papers."""
        return minutes_events(id, state)

    def by_day(self, commission: str | None, after: Sequence[Scalar] | None) -> AsyncGenerator[ports.Document, None]:
        """Those of a board, or all, the latest day first, behind a day and an id."""
        where = {} if commission is None else {"commission": commission}
        return every(self._store, self.collection.name, where, sort=(("day", -1),), after=after)

    async def note(self, meeting: str, file: str, account: str) -> None:
        """Note that a file of an account is to be put on a meeting."""
        row = {"_id": f"{meeting}.{file}", "version": 1, "account": account, "meeting": meeting, "file": file}
        with suppress(DuplicateKey):
            await self._store.insert(AGENDA.name, row)

    def notes_of(self, account: str) -> AsyncIterator[ports.Document]:
        """The notes of an account, in nobody's name."""
        return every(self._store, AGENDA.name, {"account": account}, sort=(("account", 1),))

    async def forget_note(self, id: str) -> None:
        """Take a note away."""
        await self._store.delete(AGENDA.name, id)


def _act_out(act: Act) -> dict[str, Any]:
    return {"at": instant_text(act.at), "by": fields(act.by)}


def _act_in(out: Mapping[str, Any]) -> Act:
    return Act(instant(out["at"]), Acting(**members(Acting, out["by"])))


def _minutes_out(minutes: Minutes) -> dict[str, Any]:
    return {
        "lines": [
            {name: value for name, value in fields(line).items() if name != "votes"}
            | ({} if line.votes is None else {"votes": fields(line.votes)})
            | {
                "label": None if line.label is None else dict(line.label),
                "reason": None if line.reason is None else dict(line.reason),
                "conditions": [dict(each) for each in line.conditions],
                "group": None if line.group is None else dict(line.group),
            }
            for line in minutes.lines
        ],
        "titles": {code: dict(title) for code, title in minutes.titles.items()},
        "present": list(minutes.present),
        "absent": list(minutes.absent),
        "recused": [fields(each) for each in minutes.recused],
        "version": minutes.version,
    }


def _minutes_in(out: Mapping[str, Any]) -> Minutes:
    return Minutes(
        tuple(
            Line(
                **members(Line, line)
                | {"conditions": tuple(map(dict, line["conditions"]))}
                | ({"votes": Counts(**members(Counts, line["votes"]))} if "votes" in line else {})
            )
            for line in out["lines"]
        ),
        {code: dict(title) for code, title in out["titles"].items()},
        tuple(out["present"]),
        tuple(out["absent"]),
        tuple(Recused(**members(Recused, each)) for each in out["recused"]),
        out["version"],
    )
