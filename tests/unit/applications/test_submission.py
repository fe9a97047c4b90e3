"""What blocks a submission, what it freezes, what its receipt says."""

import hashlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rfc8785

from services.applications.domain.events import Submitted
from services.applications.domain.model import Application, Moment, Piece, Submission, SubmissionRef
from services.applications.domain.receipts import digest_of
from services.applications.domain.states import FileState, PieceState
from services.applications.domain.submission import Block, blocking, can_submit, freeze, last_submission, submit
from services.applications.publications import receipt_claims
from services.contracts.actors import Acting
from services.contracts.instants import instant_text
from services.contracts.refusals import RefusedError
from tests.unit.applications.builders import DEADLINE, STEPS, ZOE, document, draft, on, requirement, sign

IN_TIME, LATE = on(DEADLINE), on(date(2027, 4, 16))
CV, B2, PHOTO, MARKS = (requirement(code) for code in ("cv", "b2", "photo", "marks"))


def mixed(*states: PieceState) -> Application:
    pieces = tuple(
        Piece(
            asked,
            state,
            document(f"doc-{asked.code}") if state.value in {"deposited", "validated", "refused"} else None,
        )
        for asked, state in zip((CV, B2, PHOTO, MARKS), states, strict=False)
    )
    return draft(pieces=pieces)


READY = mixed(PieceState.DEPOSITED, PieceState.NOT_APPLICABLE, PieceState.VALIDATED)


def frozen(application: Application, moment: Moment) -> Submission:
    """What is submitted of the application, signed."""
    unsigned = freeze(application, STEPS, moment)
    assert unsigned is not None
    return replace(unsigned, receipt=sign(receipt_claims("a1", application, unsigned)))


def test_all_that_blocks_is_listed_by_name() -> None:
    """Acceptance 65, 66."""
    application = mixed(PieceState.AWAITING, PieceState.DEPOSITED, PieceState.REFUSED, PieceState.AWAITING)
    expected = (
        Block("piece", "cv", {"fr": "Pièce cv", "en": "Piece cv"}, "awaiting"),
        Block("piece", "photo", {"fr": "Pièce photo", "en": "Piece photo"}, "refused"),
        Block("piece", "marks", {"fr": "Pièce marks", "en": "Piece marks"}, "awaiting"),
    )
    assert blocking(application, IN_TIME) == expected
    assert not can_submit(application, IN_TIME)
    with pytest.raises(RefusedError, match="not-ready") as refused:
        freeze(application, STEPS, IN_TIME)
    assert refused.value.members == {"blocking": expected}


def test_an_optional_piece_never_blocks_until_it_is_refused() -> None:
    """Acceptance 125, 66."""
    optional = requirement("photo", optional=True)
    assert can_submit(draft(pieces=(Piece(optional),)), IN_TIME)
    assert can_submit(draft(pieces=(Piece(optional, PieceState.DEPOSITED, document("d1")),)), IN_TIME)
    refused = draft(pieces=(Piece(optional, PieceState.REFUSED, document("d1")),))
    assert [block.reason for block in blocking(refused, IN_TIME)] == ["refused"]


def test_a_late_submission_is_told_so_with_all_that_blocks_as_well() -> None:
    late = mixed(PieceState.AWAITING)
    with pytest.raises(RefusedError, match="deadline-passed") as refused:
        freeze(late, STEPS, LATE)
    assert refused.value.members["deadline"] == DEADLINE
    assert [block.reason for block in refused.value.members["blocking"]] == ["awaiting", "deadline-passed"]


def test_the_button_is_green_on_the_last_day_and_no_longer_on_the_day_after() -> None:
    """Acceptance 68."""
    assert can_submit(READY, IN_TIME)
    assert not can_submit(READY, LATE)
    assert [block.code for block in blocking(READY, LATE)] == ["submission_deadline"]


def test_submitting_freezes_documents_and_profile_and_makes_a_receipt() -> None:
    """Acceptance 69."""
    submission = frozen(READY, IN_TIME)
    assert submission.submitted_at == IN_TIME.instant
    assert dict(submission.pieces) == {"cv": document("doc-cv"), "photo": document("doc-photo")}
    assert submission.profile == STEPS
    after, domain_events = submit(READY, "s1", submission, ZOE)
    assert after.state is FileState.SUBMITTED
    digest = hashlib.sha256(f"signed:a1:{instant_text(IN_TIME.instant)}".encode()).hexdigest()
    assert last_submission(after) == SubmissionRef("s1", IN_TIME.instant, digest)
    assert domain_events == (Submitted(submission),)
    assert not can_submit(after, IN_TIME)
    assert blocking(after, LATE) == ()


def test_what_is_handed_over_is_not_handed_over_twice() -> None:
    """Acceptance 69."""
    once, _ = submit(READY, "s1", frozen(READY, IN_TIME), ZOE)
    assert freeze(once, {"identity": {"given_name": "Other"}}, LATE) is None


def test_the_receipt_says_who_submitted_what_and_when() -> None:
    """Product, section 8, point 1."""
    assert receipt_claims("a1", READY, frozen(READY, IN_TIME)) == {
        "application": "a1",
        "account": "zoe",
        "file_number": "AB12CD34",
        "programme": {"code": "M1-MER", "title": {"fr": "Sciences de la mer", "en": "Marine science"}},
        "campaign": "2027",
        "pieces": [
            {"piece": "cv", "document": "doc-cv", "sha256": "a" * 64, "size": 1000},
            {"piece": "photo", "document": "doc-photo", "sha256": "a" * 64, "size": 1000},
        ],
        "profile_sha256": digest_of(STEPS),
        "submitted_at": instant_text(IN_TIME.instant),
    }


def test_an_incomplete_file_is_submitted_again_and_keeps_its_first_submission() -> None:
    """Acceptance 72."""
    first, _ = submit(READY, "s1", frozen(READY, on(date(2027, 3, 1))), ZOE)
    returned = first.moved_to(FileState.INCOMPLETE, on(date(2027, 3, 10)).instant, Acting("staff:kim"))
    second, domain_events = submit(returned, "s2", frozen(returned, IN_TIME), ZOE)
    assert [submission.submitted_at.date() for submission in second.submissions] == [date(2027, 3, 1), DEADLINE]
    assert second.submissions[0] == first.submissions[0]
    assert len(domain_events) == 1
    assert [milestone.state.value for milestone in second.history] == ["draft", "submitted", "incomplete", "submitted"]


def test_a_cancelled_application_is_not_submitted() -> None:
    with pytest.raises(RefusedError, match="wrong-state"):
        freeze(replace(READY, state=FileState.CANCELLED), STEPS, IN_TIME)


def test_a_draft_has_no_receipt() -> None:
    with pytest.raises(RefusedError, match="not-submitted"):
        last_submission(READY)


# --- canonical JSON ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": None, "c": True}, '{"a":null,"b":1,"c":true}'),
        ({"lines": ["é€", '"\\/\b\f\n\r\t\x0f']}, '{"lines":["é€","\\"\\\\/\\b\\f\\n\\r\\t\\u000f"]}'),
        # RFC 8785, section 3.2.3: names in order of UTF-16 code units
        (
            {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7},
            '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}',
        ),
        ((), "[]"),
    ],
)
def test_a_profile_is_written_in_one_way_alone(value: Any, written: str) -> None:
    """RFC 8785."""
    assert digest_of(value) == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize("value", [{"a": float("nan")}, [b"x"], {1: "a"}, 2**53, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        digest_of(value)
