"""What others learn of the facts of an application."""

from __future__ import annotations

from typing import assert_never

from services.applications.domain import facts
from services.applications.domain.model import Application
from services.applications.domain.receipts import receipt_digest
from services.contracts.events import applications as events


def events_of(  # noqa: PLR0911 - one for each fact
    id: str, application: Application, fact: facts.Fact
) -> events.ApplicationEvent:
    """The public event that says a fact; `application` is as it is after it."""
    common = {
        "application": id,
        "account": application.account,
        "programme": application.programme.code,
        "campaign": application.campaign,
    }
    match fact:
        case facts.Opened():
            return events.ApplicationOpened(**common, submission_deadline=application.submission_deadline)
        case facts.Deposited(piece, document, sha256):
            return events.PieceDeposited(**common, piece=piece, document=document, sha256=sha256)
        case facts.Removed(piece, document):
            return events.PieceRemoved(**common, piece=piece, document=document)
        case facts.Marked(piece, not_applicable):
            return events.PieceMarked(**common, piece=piece, not_applicable=not_applicable)
        case facts.DeadlineExtended(day):
            return events.DeadlineExtended(**common, submission_deadline=day)
        case facts.Submitted(submission):
            return events.ApplicationSubmitted(
                **common,
                submitted_at=submission.submitted_at,
                receipt_sha256=receipt_digest(submission.receipt),
                pieces=[
                    {"piece": code, "document": document.id, "sha256": document.sha256}
                    for code, document in submission.pieces.items()
                ],
            )
        case facts.Cancelled():
            return events.ApplicationCancelled(**common)
        case _:
            assert_never(fact)
