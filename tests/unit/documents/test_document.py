"""The life of a document: how long which bytes are kept, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.documents.domain import document as documents
from services.documents.domain.document import Attachment, Document, Reason
from services.documents.domain.events import Erased, Rejected, Stored
from services.documents.domain.states import TABLE, Action, State

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEEP = timedelta(days=7)
CV = Attachment("application-1", "cv")
LETTER = Attachment("application-1", "letter")
OTHER_CV = Attachment("application-2", "cv")


def stored() -> Document:
    document, facts = documents.store(
        account="ann", sha256="0" * 64, size=9, media_type="application/pdf", filename="cv.pdf", object="documents/k",
        now=NOW, keep=KEEP,
    )  # fmt: skip
    assert [*facts] == [Stored()]
    return document


def gone(document: Document) -> Document:
    return documents.finish_erasure(documents.begin_erasure(document, Reason.ACCOUNT_ERASED, NOW))[0]


def test_a_stored_document_that_nothing_holds_is_due_at_its_time_and_not_before() -> None:
    document = stored()
    assert not document.held
    assert not documents.is_due(document, NOW + KEEP - timedelta(milliseconds=1))
    assert documents.is_due(document, NOW + KEEP)


def test_an_attached_document_is_kept() -> None:
    document = documents.attach(stored(), CV)
    assert document.held
    assert document.due_at is None
    assert documents.begin_erasure(document, Reason.UNATTACHED, NOW + 9 * KEEP) == document


def test_attaching_twice_is_attaching_once() -> None:
    once = documents.attach(stored(), CV)
    assert documents.attach(once, CV) == once


def test_a_removed_document_goes_a_while_after_its_removal() -> None:
    later = NOW + timedelta(days=30)
    document = documents.detach(documents.attach(stored(), CV), CV, later, KEEP)
    assert document.due_at == later + KEEP


def test_a_shared_document_stays_until_the_last_lets_go() -> None:
    shared = documents.attach(documents.attach(stored(), CV), OTHER_CV)
    one = documents.detach(shared, CV, NOW, KEEP)
    assert one.attachments == (OTHER_CV,)
    assert one.due_at is None
    assert documents.detach(one, OTHER_CV, NOW, KEEP).due_at == NOW + KEEP


def test_letting_go_of_what_is_not_held_changes_nothing() -> None:
    document = stored()
    assert documents.detach(document, CV, NOW + KEEP, KEEP) == document


def test_a_cancelled_application_lets_go_of_all_that_is_its_own() -> None:
    """Acceptance 45."""
    own = documents.attach(documents.attach(stored(), CV), LETTER)
    assert documents.cancel(own, "application-1", NOW, KEEP).due_at == NOW + KEEP
    shared = documents.attach(own, OTHER_CV)
    assert documents.cancel(shared, "application-1", NOW, KEEP).attachments == (OTHER_CV,)
    assert documents.cancel(shared, "application-1", NOW, KEEP).due_at is None


def test_a_submitted_document_is_never_swept() -> None:
    document = documents.submit(documents.attach(stored(), CV), "application-1")
    let_go = documents.cancel(documents.detach(document, CV, NOW, KEEP), "application-1", NOW, KEEP)
    assert let_go.due_at is None
    assert documents.begin_erasure(let_go, Reason.UNATTACHED, NOW + 9 * KEEP).state is State.STORED


def test_the_right_to_erasure_takes_submitted_documents_too() -> None:
    document = documents.submit(documents.attach(stored(), CV), "application-1")
    erasing = documents.begin_erasure(document, Reason.ACCOUNT_ERASED, NOW)
    assert erasing.state is State.ERASING
    assert erasing.due_at == NOW
    erased, fact = documents.finish_erasure(erasing)
    assert fact == Erased("account-erased")
    assert (erased.state, erased.filename, erased.object, erased.due_at) == (State.ERASED, "", None, None)


def test_an_erased_document_stays_erased() -> None:
    erased = gone(stored())
    assert documents.begin_erasure(erased, Reason.UNATTACHED, NOW) == erased
    assert documents.finish_erasure(erased) == (erased, None)
    assert documents.attach(erased, CV) == erased
    assert documents.submit(erased, "application-1") == erased
    assert documents.detach(erased, CV, NOW, KEEP) == erased


def test_a_stored_document_cannot_be_finished_off() -> None:
    assert documents.finish_erasure(stored()) == (stored(), None)


def test_a_rejected_upload_leaves_a_trace_without_name_and_bytes() -> None:
    document, fact = documents.reject(
        account="ann", sha256="0" * 64, size=68, media_type="application/pdf", reason="infected", now=NOW, keep=KEEP
    )
    assert fact == Rejected("infected")
    assert (document.state, document.filename, document.object) == (State.REJECTED, "", None)
    assert (document.account, document.sha256, document.size) == ("ann", "0" * 64, 68)
    assert document.media_type == "application/pdf"
    assert documents.begin_erasure(document, Reason.ACCOUNT_ERASED, NOW) == document
    assert documents.is_due(document, NOW + KEEP)


@pytest.mark.parametrize("state", State)
def test_erasure_goes_by_the_table_and_changes_nothing_outside_it(state: State) -> None:
    document = replace(stored(), state=state, reason=Reason.ACCOUNT_ERASED)
    begun = documents.begin_erasure(document, Reason.ACCOUNT_ERASED, NOW)
    assert begun.state is TABLE.get((state, Action.ERASE), state)
    finished, erased = documents.finish_erasure(document)
    assert finished.state is TABLE.get((state, Action.FINISH_ERASURE), state)
    assert (erased is not None) == ((state, Action.FINISH_ERASURE) in TABLE)
