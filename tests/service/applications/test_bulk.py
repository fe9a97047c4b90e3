"""Staff do one thing to many files: first they are told what would come of it, then it is done, to each alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from tests.service.applications.candidate import Candidate, PeerServices, Reply
from tests.service.applications.test_review import Staff, drafted, handed_over

NOBODYS = "0" * 26


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def bulk(kim: Staff, action: str, ids: list[str], *, key: str | None = None, **body: Any) -> Reply:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await kim.ask("POST", "/bulk", json={"action": action, "ids": ids, **body}, headers=headers)


async def foreseen(kim: Staff, action: str, ids: list[str], **body: Any) -> Any:
    reply = await bulk(kim, action, ids, dry_run=True, **body)
    assert reply.status == 200, reply.body
    return reply.body


def results(body: Any) -> list[tuple[str, str | None]]:
    return [(item["result"], item["refusal"] and item["refusal"]["slug"]) for item in body["items"]]


async def test_a_preview_says_who_changes_which_mails_go_and_what_is_refused_and_changes_nothing(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93; product, section 8, point 7."""
    ready, draft = await handed_over(zoe), await drafted(peers, zoe)
    told = len(await peers.events())
    preview = await foreseen(
        kim, "mark_incomplete", [ready, draft, NOBODYS], args={"submission_deadline": "2027-05-01"}
    )
    assert results(preview) == [("changed", None), ("refused", "wrong-state"), ("refused", "not-found")]
    assert [preview[name] for name in ("changed", "unchanged", "refused", "dry_run")] == [1, 0, 2, True]
    first, second, third = preview["items"]
    assert (first["file_number"], first["family_name"]) == ("AB12CD34", "Müller-L’Hôte")
    assert (first["before"]["state"], first["before"]["submission_deadline"]) == ("submitted", "2027-04-15")
    assert (first["after"]["state"], first["after"]["submission_deadline"]) == ("incomplete", "2027-05-01")
    assert first["mails"] == ["application-incomplete"]
    assert "En attente" in second["refusal"]["detail"] and second["mails"] == []
    assert (third["before"], third["file_number"]) == (None, None)
    assert len(await peers.events()) == told and await kim.sees("incomplete") == []


@pytest.mark.parametrize(
    ("action", "args", "mails", "state"),
    [
        ("mark_complete", {}, ["pieces-judged", "application-complete"], "complete"),
        ("mark_incomplete", {}, ["application-incomplete"], "incomplete"),
        ("mark_submitted", {}, [], "submitted"),
        ("reopen", {"reason": "transmis par erreur"}, ["pieces-judged", "application-reopened"], "draft"),
    ],
)
async def test_what_was_foreseen_comes_to_pass(
    zoe: Candidate, kim: Staff, action: str, args: dict[str, Any], mails: list[str], state: str
) -> None:
    """Acceptance 93."""
    id = await handed_over(zoe)
    await kim.judge(id, "letter", "none", comment="Illisible")
    preview = await foreseen(kim, action, [id], args=args)
    assert (preview["items"][0]["mails"], preview["items"][0]["after"]["state"]) == (mails, state)
    done = await bulk(kim, action, [id], args=args, digest=preview["digest"])
    assert done.status == 200, done.body
    assert done.body == preview | {"dry_run": False}
    assert (await kim.ask("GET", f"/{id}")).body["state"] == state


async def test_a_later_last_day_for_many_and_a_day_that_is_wrong_is_the_requests_own_fault(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 73, 93."""
    ids = [await zoe.opened(), await drafted(peers, zoe)]
    args = {"submission_deadline": "2027-04-20"}
    preview = await foreseen(kim, "extend", ids, args=args)
    assert [item["mails"] for item in preview["items"]] == [["application-deadline"]] * 2
    assert (await bulk(kim, "extend", ids, args=args, digest=preview["digest"])).body["changed"] == 2
    assert (await foreseen(kim, "extend", ids, args=args))["unchanged"] == 2
    for action, wrong, field, slug in (
        ("extend", {"submission_deadline": "2028-02-03"}, "args.submission_deadline", "day-too-far"),
        ("extend", {}, "args.submission_deadline", "required"),
        ("extend", args | {"reason": "grève"}, "args.reason", "unknown-field"),
        ("reopen", {}, "args.reason", "required"),
        ("mark_complete", {"reason": "?"}, "args.reason", "unknown-field"),
        ("extend", {"submission_deadline": "2027-02-30"}, "args.submission_deadline", "not-a-date"),
    ):
        refused = await bulk(kim, action, ids, args=wrong, dry_run=True)
        assert (refused.status, [(each["field"], each["slug"]) for each in refused.body["fields"]]) == (
            422,
            [(field, slug)],
        )


async def test_200_files_at_once_and_no_201(zoe: Candidate, kim: Staff) -> None:
    """Acceptance 93."""
    id = await zoe.opened()
    many = [id, *(f"{number:026d}" for number in range(199))]
    assert (await foreseen(kim, "mark_complete", many))["refused"] == 200
    for ids, slug, figures in (
        ([*many, NOBODYS[:-1] + "z"], "too-many", {"max": 200}),
        ([id, id], "repeated", {}),
        ([], "too-few", {"min": 1}),
    ):
        refused = await bulk(kim, "mark_complete", ids, dry_run=True)
        (fault,) = refused.body["fields"]
        assert (refused.status, fault["field"], fault["slug"]) == (422, "ids", slug)
        assert figures.items() <= fault.items()


async def test_only_what_was_seen_is_confirmed(peers: PeerServices, zoe: Candidate, kim: Staff) -> None:
    """Acceptance 93: nothing is done where a file has changed since, or something else is asked than was foreseen."""
    ids = [await handed_over(zoe), await handed_over(await peers.candidate("ana"))]
    digest = (await foreseen(kim, "mark_complete", ids))["digest"]
    for action, asked, args in (
        ("mark_incomplete", ids, {}),
        ("mark_complete", ids[:1], {}),
        ("mark_complete", ids[::-1], {}),
        ("mark_complete", ids, {"on": "2027-01-31"}),
    ):
        assert (await bulk(kim, action, asked, args=args, digest=digest)).slug == "premises-changed"
    assert (await bulk(kim, "mark_complete", ids)).body["fields"][0]["field"] == "digest"
    await kim.judge(ids[1], "cv", "refused")
    late = await bulk(kim, "mark_complete", ids, digest=digest)
    assert (late.status, late.slug) == (409, "premises-changed")
    assert set(await kim.sees()) == set(ids)
    again = (await foreseen(kim, "mark_complete", ids))["digest"]
    assert (await bulk(kim, "mark_complete", ids, digest=again)).body["changed"] == 2


async def test_another_last_day_by_the_calendar_is_another_premise(
    zoe: Candidate, kim: Staff, clock: FixedClock
) -> None:
    """Acceptance 72: seven days from today are others tomorrow."""
    id = await handed_over(zoe)
    clock.advance(seconds=100 * 86400)
    future = await bulk(kim, "mark_complete", [id], args={"on": "2027-05-13"}, dry_run=True)
    assert [(each["field"], each["slug"]) for each in future.body["fields"]] == [("args.on", "day-in-future")]
    digest = (await foreseen(kim, "mark_incomplete", [id]))["digest"]
    clock.advance(seconds=86400)
    assert (await bulk(kim, "mark_incomplete", [id], digest=digest)).slug == "premises-changed"


async def test_the_same_request_twice_is_one_and_is_answered_alike(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93: also while the first is under way, and whatever others have done since."""
    ids = [await handed_over(zoe), await drafted(peers, zoe), NOBODYS]
    body: dict[str, Any] = {"digest": (await foreseen(kim, "mark_complete", ids))["digest"]}
    first, second = await asyncio.gather(*(bulk(kim, "mark_complete", ids, key="once", **body) for _ in range(2)))
    assert first.status == 200 and first.body == second.body
    assert results(first.body) == [("changed", None), ("refused", "wrong-state"), ("refused", "not-found")]
    assert (await kim.mark(ids[0], "incomplete")).status == 200
    assert (await bulk(kim, "mark_complete", ids, key="once", **body)).body == first.body
    assert len(await peers.told("marked_complete")) == 1
    assert await kim.sees("incomplete") == [ids[0]]
    other = await bulk(kim, "mark_submitted", ids, key="once", **body)
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    assert (await bulk(kim, "mark_complete", ids, **body)).slug == "premises-changed", "without the key it is another"


async def test_each_file_is_within_the_reach_of_who_asks_and_only_managers_do_it(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 62, 92."""
    await peers.publish_programme("L1-DROIT", centre={"code": "DROIT", "label": "UFR Droit"})
    ids = [await handed_over(zoe), await handed_over(zoe, "L1-DROIT")]
    law = Staff(peers, [{"role": "manager", "centres": ["DROIT"]}])
    preview = await foreseen(law, "mark_complete", ids)
    assert results(preview) == [("refused", "not-found"), ("changed", None)]
    told = {name: value for name, value in preview["items"][0].items() if value not in (None, [])}
    assert told.keys() - {"never_submitted"} == {"id", "result", "refusal"}
    assert not told.get("never_submitted"), "of a file that is none of theirs nothing is said"
    assert (await bulk(law, "mark_complete", ids, digest=preview["digest"])).body["changed"] == 1
    board = Staff(peers, [{"role": "commission"}])
    assert (await bulk(board, "mark_complete", ids, dry_run=True)).status == 403
