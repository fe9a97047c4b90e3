"""What one act for many files comes to, and the digest of what was foreseen."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import services.mailer
from services.applications.domain import bulk
from services.applications.domain.bulk import BulkAct, BulkItem, FileStatus
from services.applications.domain.events import (
    DeadlineExtended,
    Judged,
    MarkedComplete,
    MarkedIncomplete,
    MarkedSubmitted,
    Reopened,
    VerdictsGathered,
)
from services.applications.domain.states import DECISION_TABLE, FILE_TABLE, FileAction, FileState
from services.applications.publications import application_events
from services.applications.repository.bulk import done_before, premises, remembered
from services.chassis.events.aggregates import Versioned
from services.contracts.actors import Role
from services.contracts.refusals import RefusedError
from services.contracts.refusals.applications import WRONG_STATE
from tests.unit.applications.builders import DEADLINE, draft, offer

DAY = date(2027, 5, 1)
COMPLETE, EXTEND = BulkAct(FileAction.MARK_COMPLETE), BulkAct(FileAction.EXTEND, submission_deadline=DAY)
SUBMITTED, FOUND = FileStatus(FileState.SUBMITTED, DAY), FileStatus(FileState.COMPLETE, DAY)
ITEM = BulkItem("a", 3, draft(), SUBMITTED, FOUND, ("application-complete",), changed=True)


def test_what_can_be_done_to_many_is_what_staff_do_to_one_file() -> None:
    there = [row for row in FILE_TABLE if row.role is Role.MANAGER and row.before is not None]
    # An offer is taken back by deleting its decision, and what is submitted for somebody is their own: both done to one.
    by_one = {FileAction.TAKE_BACK, FileAction.SUBMIT}
    assert {*bulk.ACTIONS} - {*bulk.DECIDING} == {row.action for row in there} - by_one
    assert {*bulk.DECIDING} < {row.action for row in DECISION_TABLE if row.role is Role.MANAGER}


def test_the_mails_that_are_told_are_those_that_are_sent() -> None:
    """Acceptance 93, 114: by the declarations of the mails themselves."""
    folder = Path(services.mailer.__file__).parent / "templates"
    mails = {
        (declared["event"], when.get("receipt", "")): file.parent.name
        for file in folder.glob("*/mail.toml")
        if "event" in (declared := tomllib.loads(file.read_text(encoding="utf-8")))
        and declared["event"].startswith("applications.")
        and ((when := declared.get("when", {})) in ({}, {"because": "staff"}) or when.keys() == {"receipt"})
    }
    for happened in (
        MarkedSubmitted("staff"),
        MarkedSubmitted("staff", "first"),
        MarkedIncomplete(DAY, ()),
        MarkedComplete(),
        Reopened(DAY),
        DeadlineExtended(DAY, "staff"),
        VerdictsGathered(("cv",), (), ()),
        Judged("cv", "refused"),
    ):
        told, _ = application_events("a", draft(), happened)
        known = told.TYPE, getattr(told, "receipt", "")
        assert bulk.mails_of([happened]) == tuple(mails[known] for _ in range(known in mails)), known


@pytest.mark.parametrize(
    ("act", "wrong"),
    [
        (COMPLETE, []),
        (replace(COMPLETE, on=DAY, submission_deadline=DAY), []),
        (replace(COMPLETE, reason="?"), [("args.reason", "unknown-field")]),
        (EXTEND, []),
        (BulkAct(FileAction.EXTEND, on=DAY), [("args.submission_deadline", "required"), ("args.on", "unknown-field")]),
        (BulkAct(FileAction.REOPEN), [("args.reason", "required")]),
        (BulkAct(FileAction.REOPEN, reason="erreur", submission_deadline=DAY), []),
    ],
)
def test_an_act_is_asked_as_its_single_form_asks_it(act: BulkAct, wrong: list[tuple[str, str]]) -> None:
    found: list[tuple[str, str]] = []
    try:
        act.check()
    except RefusedError as refusal:
        found = [(each.field, each.slug) for each in refusal.fields]
    assert found == wrong


def test_how_a_file_stands_is_what_its_page_shows() -> None:
    later = offer(submission_deadline=DAY)
    assert bulk.status_of(draft(), later) == FileStatus(FileState.DRAFT, DAY)
    assert bulk.status_of(draft(state=FileState.COMPLETE), later) == FileStatus(FileState.COMPLETE, DEADLINE)


def test_what_is_remembered_of_a_file_is_what_was_done() -> None:
    again = done_before(Versioned("a", draft(), 4), remembered(ITEM))
    assert replace(again, version=3) == ITEM
    assert [each.result for each in (ITEM, replace(ITEM, changed=False), BulkItem("a", refusal=WRONG_STATE()))] == [
        "changed",
        "unchanged",
        "refused",
    ]


def test_a_digest_tells_which_files_are_others_than_they_were() -> None:
    """Acceptance 93."""
    other = replace(ITEM, id="b")
    digest = premises(COMPLETE, [ITEM, other]).digest
    assert premises(COMPLETE, [ITEM, other]).confirm(digest, done=()) == [True, True]
    for act, items in ((EXTEND, [ITEM, other]), (COMPLETE, [ITEM])):
        with pytest.raises(RefusedError):
            premises(act, items).confirm(digest, done=[True])
    for changed in (
        replace(other, version=4),
        replace(other, before=FOUND),
        replace(other, after=SUBMITTED),
        replace(other, mails=()),
        replace(other, changed=False),
        replace(other, refusal=WRONG_STATE()),
    ):
        assert premises(COMPLETE, [ITEM, changed]).confirm(digest, done=[True]) == [True, False], changed
    assert premises(COMPLETE, [other, ITEM]).confirm(digest, done=[True]) == [False, False]
