"""Support sees what became of every mail, never what it said, and has those tried again that stand still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.chassis.events.aggregates import Decision
from services.chassis.testing import Suite, run_suite
from services.contracts.events.accounts import AccountErased, AddressChanged
from services.contracts.events.applications import AnswerDue
from services.mailer.domain.about import About
from services.mailer.domain.delivery import Delivery, Letter
from services.mailer.domain.priority import Priority
from services.mailer.domain.states import State
from services.mailer.repository import DeliveryRepository
from tests.service.handed_over import all_mails_are_handed_over
from tests.service.mailer.test_mails import ADDRESS, APPLICATION, directory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUPPORT = [{"role": "support"}]
HERE = "/api/mailer/deliveries"


@pytest.fixture
async def suite(tmp_path: Path) -> AsyncIterator[Suite]:
    async with run_suite(
        tmp_path / "var", services=["mailer"], clock=FixedClock(NOON), timers_by_time=False
    ) as running:
        yield running


async def ask(
    suite: Suite, path: str = "", *, method: str = "GET", grants: Any = SUPPORT, key: str = "", **asked: Any
) -> tuple[int, Any]:
    headers = suite.bearer("kim", kind="staff", grants=grants) | ({"Idempotency-Key": key} if key else {})
    async with suite.client.request(method, HERE + path, params=asked, headers=headers) as response:
        return response.status, await response.json()


async def written(suite: Suite, id: str, state: State, minute: int, **other: Any) -> None:
    """A mail that came so far."""
    ports = suite.service("mailer").service.ports
    letter = Letter("Objet", "Ouvrir : http://localhost/reinitialisation?token=…", "<p>…</p>", "sealed-secret")
    at = NOON + timedelta(minutes=minute)
    ended = None if state in (State.QUEUED, State.SENDING) else at
    about: dict[str, Any] = {"account": "a1", "kind": "password-changed", "reason": "" if ended is None else "gave-up"}
    delivery = Delivery(
        **(about | other),
        language="fr",
        address="zoe@example.org",
        name="Zoé",
        priority=Priority.URGENT,
        letter=letter,
        created_at=at,
        due_at=at if state is State.QUEUED else None,
        state=state,
        ended_at=ended,
        attempts=1,
    )
    repository = DeliveryRepository(ports.store, ports.outbox)
    await repository.add(id, Decision(delivery), CommandContext(at, "c", OPERATOR))


def ids(answer: tuple[int, Any]) -> list[str]:
    assert answer[0] == 200, answer
    return [item["id"] for item in answer[1]["items"]]


async def test_mails_are_found_by_person_kind_and_state_page_by_page(suite: Suite) -> None:
    await suite.publish(AddressChanged.model_validate(ADDRESS), "accounts")
    await written(suite, "d1", State.FAILED, 1)
    await written(suite, "d2", State.UNKNOWN, 2, kind="answer-due")
    await written(suite, "d3", State.SENT, 3, account="a2", reason="")
    await written(suite, "d4", State.FAILED, 4, account="a2", kind="answer-due")
    await written(suite, "d5", State.REPLACED, 4)
    assert ids(await ask(suite)) == ["d5", "d4", "d3", "d2", "d1"]
    assert ids(await ask(suite, state="undelivered")) == ["d4", "d2", "d1"]
    assert ids(await ask(suite, state="failed")) == ["d4", "d1"]
    assert ids(await ask(suite, kind="answer-due")) == ["d4", "d2"]
    assert ids(await ask(suite, kind="answer-due", state="unknown")) == ["d2"]
    assert ids(await ask(suite, account="a1")) == ids(await ask(suite, file_number="ab12cd34")) == ["d5", "d2", "d1"]
    assert ids(await ask(suite, account="a1", kind="password-changed", state="undelivered")) == ["d1"]
    assert ids(await ask(suite, file_number="ZZ99ZZ99")) == ids(await ask(suite, account="nobody")) == []
    assert ids(await ask(suite, account="a2", file_number="AB12CD34")) == []
    for asked in ({}, {"state": "undelivered"}, {"account": "a1"}):
        found: list[str] = []
        page = await ask(suite, limit=1, **asked)
        while page[1]["next"]:
            found += ids(page)
            page = await ask(suite, limit=1, after=page[1]["next"], **asked)
        assert found + ids(page) == ids(await ask(suite, **asked))


async def test_staff_see_where_a_mail_went_and_never_its_words_nor_its_link(suite: Suite) -> None:
    await suite.publish(AddressChanged.model_validate(ADDRESS), "accounts")
    await written(suite, "d1", State.FAILED, 0)
    _, page = await ask(suite)
    assert page["items"] == [
        {
            "id": "d1",
            "account": "a1",
            "file_number": "AB12CD34",
            "kind": "password-changed",
            "subject": "Objet",
            "language": "fr",
            "address": "zoe@example.org",
            "state": "failed",
            "reason": "gave-up",
            "attempts": 1,
            "created_at": "2026-03-01T12:00:00.000Z",
            "due_at": None,
            "ended_at": "2026-03-01T12:00:00.000Z",
            "returns": [],
            "retried_by": None,
            "files": [],
        }
    ]
    await suite.publish(AccountErased(account="a1", campaign="2026"), "accounts")
    (erased,) = (await ask(suite))[1]["items"]
    assert (erased["state"], erased["file_number"], erased["subject"], erased["address"]) == (
        "erased",
        None,
        None,
        None,
    )
    assert (await ask(suite, "/d1/retry", method="POST"))[0] == 409


@pytest.mark.parametrize("state", [State.FAILED, State.UNKNOWN])
async def test_a_mail_is_tried_again_once_and_says_who_wanted_it(suite: Suite, state: State) -> None:
    await written(suite, "d1", state, -60)
    status, shown = await ask(suite, "/d1/retry", method="POST", key="one")
    assert (status, shown["state"], shown["retried_by"]) == (200, "queued", "staff:kim")
    await all_mails_are_handed_over(suite)
    assert (await ask(suite, "/d1/retry", method="POST", key="one"))[0] == 200
    status, refused = await ask(suite, "/d1/retry", method="POST", key="two")
    assert (status, refused["slug"]) == (409, "delivery-wrong-state")
    await all_mails_are_handed_over(suite)
    (sent,) = (await ask(suite))[1]["items"]
    assert (sent["state"], sent["attempts"], sent["retried_by"], len(suite.mails())) == ("sent", 2, "staff:kim", 1)
    assert sent["reason"] is None


async def test_limits_hold_and_only_support_of_everything_looks_and_acts(suite: Suite) -> None:
    """Acceptance 92: mails belong to no centre, so who has a right for some of them finds none."""
    await written(suite, "d1", State.FAILED, 0)
    assert (await ask(suite, limit=200))[0] == 200
    assert (await ask(suite, limit=201))[0] == (await ask(suite, limit=0))[0] == 422
    assert (await ask(suite, state="lost"))[0] == (await ask(suite, after="x"))[0] == 422
    assert (await ask(suite, "/nothing/retry", method="POST"))[0] == 404
    for method, path in (("GET", ""), ("POST", "/d1/retry")):
        for role in ("support", "admin"):
            some = [{"role": role, "centres": ["SEE"]}, {"role": "commission"}]
            assert (await ask(suite, path, method=method, grants=some))[0] == 404
        assert (await ask(suite, path, method=method, grants=[{"role": "commission"}]))[0] == 403
    assert ids(await ask(suite, grants=[{"role": "admin"}], state="failed")) == ["d1"]


async def test_managers_see_the_mails_of_files_in_their_scope_and_of_no_others(suite: Suite) -> None:
    """Acceptance 62, 92: by centre, by commission, by file number; what tells of nobody's file is not theirs."""
    await suite.publish(AddressChanged.model_validate(ADDRESS), "accounts")

    def of(centre: str, board: str, application: str = "p1") -> About:
        return About(application, f"M1-{centre}", "answer-due", centre, board, {"answer_deadline": "2026-05-02"})

    await written(suite, "d1", State.SENT, 1, about=(of("SEE", "MER"),), reason="")
    await written(suite, "d2", State.FAILED, 2, account="a2", about=(of("SEE", "LAC"),))
    await written(suite, "d3", State.SENT, 3, about=(of("DROIT", "CIVIL"), of("SEE", "MER", "p3")), reason="")
    await written(suite, "d4", State.FAILED, 4)
    sea, lake = {"role": "manager", "centres": ["SEE"]}, {"role": "manager", "commissions": ["LAC"]}
    both = {"role": "manager", "centres": ["SEE"], "commissions": ["MER"]}
    cases: tuple[tuple[Any, dict[str, str], list[str]], ...] = (
        ([sea], {}, ["d2", "d1"]),
        ([sea], {"file_number": "AB12CD34"}, ["d3", "d1"]),
        ([sea], {"state": "undelivered"}, ["d2"]),
        ([lake], {}, ["d2"]),
        ([lake], {"file_number": "AB12CD34"}, []),
        ([both], {}, ["d1"]),
        ([both, lake], {}, ["d2", "d1"]),
        ([sea], {"commission": "CIVIL"}, []),
        ([sea], {"commission": "MER"}, ["d1"]),
        ([sea], {"kind": "answer-due"}, []),
        ([{"role": "manager"}], {}, ["d3", "d2", "d1"]),
        ([{"role": "manager"}], {"commission": "CIVIL", "state": "sent"}, ["d3"]),
        (SUPPORT, {"commission": "LAC"}, ["d2"]),
    )
    for grants, asked, expected in cases:
        assert ids(await ask(suite, grants=grants, **asked)) == expected, (grants, asked)
    (first, *_) = (await ask(suite, grants=[sea], file_number="AB12CD34"))[1]["items"]
    assert first["files"] == [{"application": "p3", "programme": "M1-SEE"}], "the other file is not theirs"
    page = await ask(suite, grants=[sea], limit=1)
    assert ids(page) == ["d2"] and ids(await ask(suite, grants=[sea], after=page[1]["next"])) == ["d1"]
    assert (await ask(suite, "/d2/retry", method="POST", grants=[sea]))[0] == 403
    await suite.publish(AccountErased(account="a1", campaign="2026"), "accounts")
    assert ids(await ask(suite, grants=[sea])) == ["d2"], "nothing says any more which files there were"


async def test_a_test_that_waits_goes_with_who_asked_for_it_and_a_farewell_does_not(suite: Suite) -> None:
    """Acceptance 21: it says what stands in the file of somebody else."""
    await written(suite, "d1", State.QUEUED, 60, kind="test-mail", farewell=True)
    await written(suite, "d2", State.QUEUED, 60, kind="account-erased", farewell=True)
    await suite.publish(AccountErased(account="a1", campaign="2026"), "accounts")
    found = {each["id"]: (each["state"], each["address"]) for each in (await ask(suite))[1]["items"]}
    assert found == {"d1": ("erased", None), "d2": ("queued", "zoe@example.org")}


async def test_a_mail_says_of_which_file_it_tells(suite: Suite) -> None:
    await directory(suite)
    await suite.publish(AnswerDue.model_validate(APPLICATION | {"answer_deadline": "2026-06-12"}), "applications")
    await all_mails_are_handed_over(suite)
    (found,) = (await ask(suite, grants=[{"role": "manager", "centres": ["SEE"]}]))[1]["items"]
    assert found["files"] == [{"application": "p1", "programme": "M1-MER"}]
