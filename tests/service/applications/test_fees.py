"""Staff say under which regime somebody pays, from what they are exempt and how much: for them and student records alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.fee_lists import REGIMES
from tests.parameters import hear
from tests.pre_enrolments import SECRET, rows_in, sample_sis
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_bulk import NOBODYS, bulk, foreseen, results
from tests.service.applications.test_decisions import answer
from tests.service.applications.test_enrolment import offered
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_pre_enrolment import hand_over
from tests.service.applications.test_review import Staff, handed_over

LISTS = {"enrolment.exemptions": ["BOURSE | Boursier | Grant holder", "VIEUX | Ancien cas |  | inactive"]}
ALL = {"regime": "FC", "exemption": "BOURSE", "amount": "170.50"}


@pytest.fixture
def kim(peers: PeerServices) -> Staff:
    return Staff(peers)


async def say(of: Staff, id: str, **given: Any) -> Any:
    if "fees_version" not in given:
        given["fees_version"] = (await of.ask("GET", f"/{id}")).body.get("fees_version", 0)
    return await of.ask("PUT", f"/{id}/fees", json=given)


async def test_what_is_said_of_fees_leaves_the_candidates_answers_as_they_were(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 44, 94: staff see it, in the trail with what was before; its candidate sees the same bytes as before."""
    await hear(peers.suite, LISTS)
    id = await handed_over(zoe)
    await peers.suite.settle()

    async def seen() -> list[tuple[str, str]]:
        paths = "/applications", f"/applications/{id}", f"/applications/{id}/receipt"
        replies = [await zoe.ask("GET", path) for path in paths]
        return [(json.dumps(reply.body), reply.headers.get("ETag", "")) for reply in replies]

    before, told = await seen(), await peers.events()
    read = await kim.ask("GET", f"/{id}")
    assert read.body["fees"] == {"regime": None, "exemption": None, "amount": None}
    lists = (await kim.ask("GET", "/fee-lists")).body
    assert [each["code"] for each in lists["regimes"]] == [line.partition(" | ")[0] for line in REGIMES]
    assert lists["exemptions"] == [{"code": "BOURSE", "label": "Boursier"}]
    set_ = await say(kim, id, **ALL)
    assert set_.status == 200
    assert set_.body["fees"] == {
        "regime": {"code": "FC", "label": "Formation continue"},
        "exemption": {"code": "BOURSE", "label": "Boursier"},
        "amount": "170.50",
    }
    assert set_.body["version"] == read.body["version"]
    assert set_.headers["ETag"] != read.headers["ETag"]
    assert (await say(kim, id, amount=None)).body["fees"]["regime"]["code"] == "FC", "what is left out stays"
    assert (await say(kim, id, amount="0.00")).body["fees"]["amount"] == "0.00"
    assert await seen() == before
    assert await peers.events() == told
    trail = [each for each in (await kim.ask("GET", f"/{id}/audit")).body["items"] if each["action"] == "set_fees"]
    assert not any(each["mail"] for each in trail)
    assert [(each["before"]["fees"], each["after"]["fees"]) for each in trail] == [
        (None, {"regime": "Formation continue (FC)", "exemption": "Boursier (BOURSE)", "amount": "170.50"}),
        ({"amount": "170.50"}, {"amount": None}),
        ({"amount": None}, {"amount": "0.00"}),
    ]
    (row,) = table(await fetched(kim, "csv", columns="regime,exemption,amount"))
    assert [*row.values()] == ["Formation continue", "Boursier", "0,00"]


async def test_what_cannot_be_said_of_fees_is_refused_and_changes_nothing(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 62, 92: at the bounds of an amount and past them; beyond one's reach and function; over another's."""
    await hear(peers.suite, LISTS)
    id = await handed_over(zoe)
    for given, field, slug in (
        ({"regime": "XX"}, "regime", "unknown-regime"),
        ({"exemption": "VIEUX"}, "exemption", "unknown-exemption"),
        ({"amount": "100000.00"}, "amount", "not-an-amount"),
        ({"amount": "-0.01"}, "amount", "not-an-amount"),
        ({"amount": "1.5"}, "amount", "not-an-amount"),
        ({"amount": 1.5}, "amount", "wrong-type"),
        ({"amount": "NaN"}, "amount", "not-an-amount"),
        ({"amount": "1" * 100}, "amount", "not-an-amount"),
        ({"amount": "1" * 101}, "amount", "too-long"),
        ({"regime": "FI", "amount": "1"}, "amount", "not-an-amount"),
    ):
        refused = await say(kim, id, **given)
        assert refused.status == 422, given
        (fault,) = refused.body["fields"]
        assert (fault["field"], fault["slug"]) == (field, slug), given
    view = (await kim.ask("GET", f"/{id}")).body
    assert (view["fees"]["regime"], view["fees_version"]) == (None, 0)
    assert (await kim.ask("POST", f"/{id}/notes", json={"text": "Un mot"})).status == 200, "of which fees know nothing"
    assert (await say(kim, id, amount="99999.99", fees_version=0)).status == 200
    stale = await say(kim, id, amount="1.00", fees_version=0)
    assert (stale.status, stale.slug) == (412, "stale-version")
    assert stale.body["current"]["fees"]["amount"] == "99999.99"
    commission = Staff(peers, ({"role": "commission"},), "ada")
    assert (await say(commission, id, **ALL)).status == 403
    assert (await say(Staff(peers, ({"role": "manager", "centres": ["LAC"]},)), id, **ALL)).status == 404
    both = Staff(peers, ({"role": "manager", "centres": ["LAC"]}, {"role": "commission"}), "bo")
    assert (await kim.mark(id, "complete")).status == 200
    assert (await say(both, id, **ALL)).status == 404, "a manager elsewhere, of this file's commission"
    assert (await kim.ask("GET", f"/{id}")).body["fees"]["amount"] == "99999.99"


async def test_what_was_chosen_keeps_its_label_and_student_records_are_told(
    peers: PeerServices, zoe: Candidate, kim: Staff, tmp_path: Path
) -> None:
    """Acceptance 87, 123: also where the list has changed since; who is let go of is not described."""
    await hear(peers.suite, LISTS)
    id = await offered(zoe, kim)
    assert (await say(kim, id, **ALL)).status == 200
    changed = {"enrolment.regimes": ["FI | Initiale", "FC | Autre nom |  | inactive"]}
    await hear(peers.suite, changed, version=2)
    fees = (await say(kim, id, regime="FC", exemption="BOURSE", amount="20.00")).body["fees"]
    assert (fees["regime"]["label"], fees["exemption"]["label"]) == ("Formation continue", "Boursier")
    await answer(zoe, id, "accept")
    await hand_over(peers)
    (row,) = rows_in(tmp_path / "pre-enrolment")
    assert (row["regime"], row["exemption"], row["amount"]) == ("FC", "BOURSE", "20.00")
    await answer(zoe, id, "withdraw")
    await hand_over(peers)
    (*_, row) = rows_in(tmp_path / "pre-enrolment")
    assert (row["action"], row["regime"], row["exemption"], row["amount"]) == ("cancel", "", "", "")


async def test_fees_of_many_files_are_said_at_once_as_was_foreseen(
    peers: PeerServices, zoe: Candidate, kim: Staff
) -> None:
    """Acceptance 93: the digest of a dry run confirms it; a sheet that has changed since is left alone; sent twice it is
    done once.
    """
    await peers.publish_programme("M2")
    await hear(peers.suite, LISTS)
    one, two = await handed_over(zoe), await zoe.opened("M2")
    assert (await say(kim, two, amount="1.00")).status == 200
    for args, field, slug in (
        ({}, "args.fees", "required"),
        ({"fees": {}}, "args.fees", "required"),
        ({"fees": {"regime": "XX"}}, "args.fees.regime", "unknown-regime"),
        ({"fees": {"amount": "1.0"}}, "args.fees.amount", "not-an-amount"),
    ):
        refused = await bulk(kim, "set_fees", [one], dry_run=True, args=args)
        assert [(each["field"], each["slug"]) for each in refused.body["fields"]] == [(field, slug)], args
    given = {"fees": {"regime": "FI", "exemption": None}}
    preview = await foreseen(kim, "set_fees", [one, two, NOBODYS], args=given)
    assert results(preview) == [("changed", None), ("changed", None), ("refused", "not-found")]
    assert [item["mails"] for item in preview["items"]] == [[], [], []]
    second = preview["items"][1]
    assert (second["before"]["fees"]["amount"], second["after"]["fees"]["amount"]) == ("1.00", "1.00")
    assert (second["before"]["fees"]["regime"], second["after"]["fees"]["regime"]["code"]) == (None, "FI")
    assert (await say(kim, two, amount="2.00")).status == 200
    asked: dict[str, Any] = {"args": given, "digest": preview["digest"]}
    stale = await bulk(kim, "set_fees", [one, two, NOBODYS], **asked)
    assert (stale.status, stale.slug) == (409, "premises-changed")
    asked["digest"] = (await foreseen(kim, "set_fees", [one, two, NOBODYS], args=given))["digest"]
    for _ in range(2):
        done = await bulk(kim, "set_fees", [one, two, NOBODYS], key="once", **asked)
        assert results(done.body) == [("changed", None), ("changed", None), ("refused", "not-found")]
        assert done.body["items"][1]["after"]["fees"]["amount"] == "2.00"
    for id in (one, two):
        trail = (await kim.ask("GET", f"/{id}/audit")).body["items"]
        said = [each["after"]["fees"].get("regime") for each in trail if each["action"] == "set_fees"]
        assert said.count("Formation initiale (FI)") == 1
    again = await foreseen(kim, "set_fees", [one, two], args=given)
    assert results(again) == [("unchanged", None), ("unchanged", None)]


async def test_student_records_hear_of_fees_that_change_while_they_have_not_answered(
    tmp_path: Path, clock: FixedClock
) -> None:
    """Acceptance 87: they pass over what they know by its revision, so that other fees are asked for by another one."""
    async with sample_sis() as sis:
        sis.now, sis.lose = clock.now, 1
        told: dict[str, Any] = {"pre_enrolment": sis.url, "pre_enrolment_secret": SECRET}
        async with run_suite(tmp_path, services=("applications",), clock=clock, **told) as suite:
            peers = PeerServices(suite, clock)
            await peers.publish_programme()
            zoe, kim = await peers.candidate("zoe"), Staff(peers)
            id = await offered(zoe, kim)
            assert (await say(kim, id, amount="1.00")).status == 200
            await answer(zoe, id, "accept")
            await hand_over(peers)
            assert [each["amount"] for each in sis.people.values()] == ["1.00"], "done, and its answer is lost"
            preview = await foreseen(kim, "set_fees", [id], args={"fees": {"regime": "FC"}})
            given = {"args": {"fees": {"regime": "FC"}}, "digest": preview["digest"]}
            assert results((await bulk(kim, "set_fees", [id], **given)).body) == [("changed", None)]
            assert (await say(kim, id, amount="2.00")).status == 200
            clock.advance(hours=1)
            await hand_over(peers)
            assert [(each["amount"], each["regime"]) for each in sis.people.values()] == [("2.00", "FC")]
            assert (await kim.ask("GET", f"/{id}")).body["pre_enrolment"]["state"] == "done"
