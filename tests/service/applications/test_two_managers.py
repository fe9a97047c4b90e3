"""Two managers act on one file at once, a hundred times: each version has one winner, and nothing of theirs is lost."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_audit import trail
from tests.service.applications.test_review import Staff, handed_over

ROUNDS = 100
SEED = 20270201
OF_VERDICT = {"validated": "validate", "refused": "refuse", "none": "remark"}
PIECES = ("cv", "letter")


class Act:
    """Something that moves the file on from how it was seen, and what the trail calls it."""

    def __init__(self, chance: Random, view: dict[str, Any], number: int) -> None:
        verbs = (
            [self._mark, self._extend] if view["state"] == "incomplete" else [self._judge, self._several, self._mark]
        )
        self.expected = {piece["code"]: (piece["state"], piece["comment"]) for piece in view["pieces"]}
        self.state, self.deadline = view["state"], view["submission_deadline"]
        self.method, self.path, self.body, self.action = chance.choice(verbs)(chance, number)

    def _verdict(self, chance: Random, number: int, *codes: str) -> tuple[dict[str, str], str]:
        verdict = chance.choice(sorted(OF_VERDICT))
        comment = f"Tour {number}, {chance.random()}"
        state = "deposited" if verdict == "none" else verdict
        self.expected |= dict.fromkeys(codes, (state, comment))
        return {"verdict": verdict, "comment": comment}, OF_VERDICT[verdict]

    def _judge(self, chance: Random, number: int) -> tuple[str, str, dict[str, Any], str]:
        code = chance.choice(PIECES)
        said, action = self._verdict(chance, number, code)
        return "POST", f"/pieces/{code}/verdict", said, action

    def _several(self, chance: Random, number: int) -> tuple[str, str, dict[str, Any], str]:
        said, action = self._verdict(chance, number, *PIECES)
        return "POST", "/verdicts", {"verdicts": [{"code": code, **said} for code in PIECES]}, action

    def _mark(self, chance: Random, _: int) -> tuple[str, str, dict[str, Any], str]:
        self.state = chance.choice([each for each in ("submitted", "incomplete", "complete") if each != self.state])
        return "POST", "/state", {"state": self.state}, f"mark_{self.state}"

    def _extend(self, _: Random, __: int) -> tuple[str, str, dict[str, Any], str]:
        self.deadline = (date.fromisoformat(self.deadline) + timedelta(days=1)).isoformat()
        return "PUT", "/deadlines", {"submission_deadline": self.deadline}, "extend"

    async def by(self, staff: Staff, id: str, version: int) -> Reply:
        """Do it to that version."""
        return await staff.ask(self.method, f"/{id}{self.path}", json=self.body, headers={"If-Match": f'"{version}"'})

    def is_seen_in(self, view: dict[str, Any]) -> bool:
        """Whether it has been done, and nothing else."""
        return view["state"] == self.state and self.expected == {
            piece["code"]: (piece["state"], piece["comment"]) for piece in view["pieces"]
        }


async def test_of_two_managers_at_once_one_wins_and_the_other_sees_what_is_another(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 65, 94: seeded verbs; the trail has exactly what was won, in order, and who did it."""
    chance, id = Random(SEED), await handed_over(zoe)
    managers = Staff(peers, name="kim"), Staff(peers, name="ada")
    view = (await managers[0].ask("GET", f"/{id}")).body
    before, won, compared = len(await trail(managers[0], id)), list[tuple[str, str]](), 0
    for number in range(ROUNDS):
        acts = [Act(chance, view, number) for _ in managers]
        asking = managers[:: -1 if number % 2 else 1]  # who asks first mostly wins: they take turns
        pairs = [act.by(staff, id, view["version"]) for act, staff in zip(acts, asking, strict=True)]
        replies = await asyncio.gather(*pairs)
        winners = [at for at, reply in enumerate(replies) if reply.status == 200]
        assert len(winners) == 1, (number, [(each.status, each.body) for each in replies])
        winner, (loser,) = winners[0], [reply for reply in replies if reply.status != 200]
        assert loser.status in (409, 412), (number, loser.body)
        won.append((acts[winner].action, f"staff:{asking[winner].name}"))
        after = replies[winner].body
        assert after["version"] == view["version"] + 1 and acts[winner].is_seen_in(after), (number, won[-1])
        if loser.status == 412:
            assert loser.body["current"] == after, "what is another now, to compare with"
            compared += 1
        view = after
    assert compared > ROUNDS // 2, "mostly what they wanted could still be done, and they are to look first"
    assert {each for _, each in won} == {"staff:kim", "staff:ada"}, "both have won"
    entries = await trail(managers[0], id, limit=200)
    assert [(each["action"], each["actor"]) for each in entries[before:]] == won
    assert (await managers[1].ask("GET", f"/{id}")).body == view
