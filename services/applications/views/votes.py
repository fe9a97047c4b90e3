"""Votes of a meeting as staff see them: of what is not closed one's own alone, and nothing of files one has no part in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from services.applications.domain.reach import Reach
from services.applications.domain.votes import Ballot, Room, voting_of
from services.applications.domain.voting import Unclear
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.ballots import BallotRepository
from services.applications.repository.convening import Convening
from services.applications.repository.recusals import RecusalRepository
from services.applications.repository.rows import fields
from services.chassis.context import Actor
from services.contracts.actors import Role
from services.contracts.api import votes as api


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks, as what, who is convened, and who is known by which name, also who is on the board no more."""

    actor: Actor
    leads: bool
    convened: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VoteViews:
    """The question about votes."""

    convening: Convening
    applications: ApplicationRepository
    recusals: RecusalRepository
    ballots: BallotRepository

    async def of(self, actor: Actor, id: str) -> api.MeetingVotes:
        """The votes of a meeting; raises NOT_FOUND, NO_VOTE."""
        saved, reach = await self.convening.reached(actor, id)
        meeting = saved.state
        voting = voting_of(meeting)
        there = {each.id: each.state for each in await self.applications.of_ids(meeting.files)} if meeting.files else {}
        files = [id for id in meeting.files if (file := there.get(id)) is not None and _has_part(reach, id, file)]
        ballots, convened = await self.ballots.of_files(id, files), await self.convening.convened(meeting)
        recused: dict[str, set[str]] = {}
        for each in await self.recusals.of_files(files):
            recused.setdefault(each.file, set()).add(each.member)
        gone = {
            member for ballot in ballots.values() if ballot.tally for member in ballot.votes if member not in convened
        }
        names = {**await self.convening.staff.names(gone), **convened} if gone else convened
        asked = _Asked(actor, reach.role is Role.MANAGER, convened, names)
        return api.MeetingVotes(
            meeting=id,
            state=meeting.state.value,
            voting="secret" if voting.secret else "open",
            quorum=voting.quorum,
            present=sum(member in convened for member in meeting.present),
            votes=actor.id in convened and actor.id in meeting.present,
            leads=asked.leads,
            items=[
                _file(file, ballots.get(file), recused.get(file, ()), asked, secret=voting.secret) for file in files
            ],
        )


def _has_part(reach: Reach, id: str, file: Any) -> bool:
    return reach.holds(file.programme.code) and reach.is_seen(file.state) and id not in reach.recused


def _file(file: str, ballot: Ballot | None, recused: Collection[str], asked: _Asked, *, secret: bool) -> api.FileVotes:
    if ballot is None:
        return api.FileVotes(file=file, closed=False, voted=0 if asked.leads else None)
    mine = ballot.votes.get(asked.actor.id)
    told: dict[str, Any] = {"file": file, "mine": None if mine is None else mine.value}
    if (tally := ballot.tally) is None:
        counting = Room(asked.convened, recused).counting(ballot)
        if asked.leads:
            told |= {"voted": len(counting), "set_aside": len(ballot.votes) - len(counting)}
        return api.FileVotes(**told, closed=False)
    proposed = ballot.proposed
    told |= {
        "voted": tally.counts.voters,
        "set_aside": tally.set_aside,
        "counts": api.VoteCounts(**fields(tally.counts)),
    }
    if isinstance(proposed, Unclear):
        told["unclear"] = proposed.value
    elif proposed is not None:
        told["proposed"] = proposed.value
    if not secret and (asked.leads or asked.actor.id in asked.convened):
        told["names"] = [
            api.NamedVote(member=member, name=asked.names.get(member, member), vote=cast("Any", choice.value))
            for member, choice in sorted(ballot.votes.items(), key=lambda item: asked.names.get(item[0], item[0]))
        ]
    return api.FileVotes(**told, closed=True)
