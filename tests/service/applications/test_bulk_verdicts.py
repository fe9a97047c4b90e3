"""Staff judge one piece of many files at once: what would come of it is told first, then it is done as it is to one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from services.applications.domain.bulk import BulkAct, BulkItem, BulkVerdict, FileStatus, PieceStatus
from services.applications.domain.states import FileState, PieceState
from services.applications.repository.bulk import premises
from services.contracts.api.bulk import MAX_BULK
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS, bulk, foreseen, results
from tests.service.applications.test_lists import SEA, person
from tests.service.applications.test_review import Staff, drafted, handed_over, pieces

LAW = {"code": "DROIT", "label": "UFR Droit"}
REFUSED: dict[str, Any] = {"verdict": {"piece": "cv", "verdict": "refused", "comment": "Illisible"}}


async def test_one_piece_of_many_files_is_judged_as_was_foreseen(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 55, 62, 92, 93, 114, 124: who changes, which mails go, what is refused and why; then to each alone."""
    kim, sea = Staff(peers), Staff(peers, SEA, "sea")
    await peers.publish_programme("L1-DROIT", centre=LAW)
    ana = await person(peers, "ana", "Martin", "Ana", "ZZ99ZZ99")
    one, draft, two, law = (
        await handed_over(zoe),
        await drafted(peers, zoe),
        await handed_over(ana),
        await handed_over(ana, "L1-DROIT"),
    )
    await peers.suite.settle()
    told = len(await peers.events())
    asked = [one, draft, two, law, NOBODYS]
    preview = await foreseen(sea, "judge", asked, args=REFUSED)
    assert results(preview) == [
        ("changed", None),
        ("refused", "file-frozen"),
        ("changed", None),
        ("refused", "not-found"),
        ("refused", "not-found"),
    ]
    first = preview["items"][0]
    assert first["before"]["piece"] == {
        "label": "Pièce cv",
        "state": "deposited",
        "state_label": "Transmise",
        "comment": None,
        "filename": "Relevé d’été.pdf",
    }
    assert [first["after"]["piece"][name] for name in ("state", "comment")] == ["refused", "Illisible"]
    assert first["after"]["piece"]["filename"] == "Relevé d’été.pdf"
    assert first["mails"] == ["pieces-judged"], "one mail, once all that is said of the file is gathered"
    assert len(await peers.events()) == told and pieces((await kim.ask("GET", f"/{one}")).body)["cv"][0] == "deposited"
    # Somebody has judged one of them since: nothing is done at all, and it is looked anew.
    assert (await kim.judge(two, "cv", "refused", comment="Illisible")).status == 200
    stale = await bulk(sea, "judge", asked, args=REFUSED, digest=preview["digest"])
    assert stale.slug == "premises-changed"
    assert pieces((await kim.ask("GET", f"/{one}")).body)["cv"][0] == "deposited"
    preview = await foreseen(sea, "judge", asked, args=REFUSED)
    assert [each["result"] for each in preview["items"]] == ["changed", "refused", "unchanged", "refused", "refused"]
    other = {"verdict": REFUSED["verdict"] | {"comment": "Flou"}}
    assert (await bulk(sea, "judge", asked, args=other, digest=preview["digest"])).slug == "premises-changed"
    for _ in range(2):  # sent twice it is done once
        done = await bulk(sea, "judge", asked, args=REFUSED, digest=preview["digest"], key="once")
        assert done.body == preview | {"dry_run": False}
    seen = await kim.ask("GET", f"/{one}")
    assert pieces(seen.body)["cv"] == ("refused", "Illisible") == pieces(await zoe.get(one))["cv"]
    trail = (await kim.ask("GET", f"/{one}/audit")).body["items"]
    assert len([each for each in trail if each["actor"] == "staff:sea"]) == 1
    valid = {"verdict": {"piece": "cv", "verdict": "validated"}}
    preview = await foreseen(sea, "judge", [one, two], args=valid)
    assert (await bulk(sea, "judge", [one, two], args=valid, digest=preview["digest"])).body["changed"] == 2
    assert pieces(await ana.get(two))["cv"] == ("validated", None)


def test_a_preview_of_verdicts_stands_for_the_documents_that_were_there() -> None:
    """Acceptance 55: where another one has come since, that file is left alone, and no other."""

    def looked(*documents: str) -> list[BulkItem]:
        status = FileStatus(FileState.SUBMITTED, date(2027, 4, 1))
        pieces = [PieceStatus({"fr": "CV"}, PieceState.DEPOSITED, None, each, "cv.pdf") for each in documents]
        return [BulkItem(f"{number}", 3, before=replace(status, piece=each)) for number, each in enumerate(pieces)]

    act = BulkAct(BulkVerdict.JUDGE)
    digest = premises(act, looked("one", "two")).digest
    assert premises(act, looked("one", "two")).confirm(digest, done=[]) == [True, True]
    assert premises(act, looked("one", "other")).confirm(digest, done=[True, False]) == [True, False]


async def test_what_cannot_be_judged_at_once_is_said_of_each_file(peers: PeerServices, zoe: Candidate) -> None:
    """No document, no such piece, not concerned; 200 files and one more; faults of what is asked (acceptance 55, 93)."""
    kim = Staff(peers)
    id = await handed_over(zoe)
    for piece, slug in (("b2", "piece-not-applicable"), ("nowhere", "piece-not-asked")):
        preview = await foreseen(kim, "judge", [id], args={"verdict": {"piece": piece, "verdict": "validated"}})
        assert results(preview) == [("refused", slug)], piece
        assert preview["items"][0]["refusal"]["detail"]
    found = (await kim.ask("GET", "/bulk/pieces", params={"ids": f"{id},{NOBODYS}"})).body["items"]
    assert [(each["code"], each["files"], each["waiting"]) for each in found] == [
        ("cv", 1, 1),
        ("letter", 1, 1),
        ("b2", 1, 0),
    ]
    law = Staff(peers, [{"role": "manager", "centres": ["DROIT"]}], "law")
    assert (await law.ask("GET", "/bulk/pieces", params={"ids": id})).body["items"] == []
    many = [f"{number:026}" for number in range(MAX_BULK + 1)]
    assert (await kim.ask("GET", "/bulk/pieces", params={"ids": ",".join(many[1:])})).status == 200
    assert (await kim.ask("GET", "/bulk/pieces", params={"ids": ",".join(many)})).slug == "invalid-fields"
    assert (await foreseen(kim, "judge", many[1:], args=REFUSED))["refused"] == MAX_BULK
    assert (await bulk(kim, "judge", many, dry_run=True, args=REFUSED)).slug == "invalid-fields"
    verdict = REFUSED["verdict"]
    for args, field in (
        ({}, "args.verdict"),
        ({"verdict": {"piece": "cv"}}, "args.verdict.verdict"),
        ({"verdict": verdict | {"verdict": "none"}}, "args.verdict.verdict"),
        ({"verdict": verdict | {"comment": "é" * 501}}, "args.verdict.comment"),
        ({**REFUSED, "reason": "x"}, "args.reason"),
    ):
        refused = await bulk(kim, "judge", [id], dry_run=True, args=args)
        assert (refused.slug, refused.body["fields"][0]["field"]) == ("invalid-fields", field), args
    assert (await bulk(kim, "mark_complete", [id], dry_run=True, args=REFUSED)).slug == "invalid-fields"
    long = {"verdict": verdict | {"comment": "é" * 500}}
    assert (await foreseen(kim, "judge", [id], args=long))["changed"] == 1
    board = Staff(peers, [{"role": "commission"}], "board")
    assert (await bulk(board, "judge", [id], dry_run=True, args=REFUSED)).status == 403
    assert (await board.ask("GET", "/bulk/pieces", params={"ids": id})).status == 403
