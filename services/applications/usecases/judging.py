"""What staff say of the pieces of a file, in words of their own and of the institution's (acceptance 55, 124; ADR 109)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.applications.domain import commenting, review
from services.applications.domain.events import Change, DomainEvent, Verdict
from services.applications.domain.model import Application
from services.applications.usecases.app import App
from services.applications.usecases.review import Decide, Examined, change_examined, reached
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import Outcome
from services.contracts.languages import DEFAULT, Language
from services.contracts.piece_comments import PieceComment, comments_for
from services.contracts.refusals import INVALID_FIELDS, FieldError


async def judge(
    app: App,
    actor: Actor,
    id: str,
    code: str,
    command: CommandContext,
    *,
    verdict: Verdict,
    comment: str | None,
    document: str | None,
    comment_code: str | None = None,
) -> Outcome[Application]:
    """Give a verdict on a piece, with a comment for the candidate; raises NOT_FOUND and whatever the domain's does."""
    said = PieceVerdict(code, verdict, comment, document, comment_code)
    return await judge_several(app, actor, id, command, [said])


@dataclass(frozen=True, slots=True)
class PieceVerdict:
    """What is thought of a piece, or of that `document` in it, with a comment for the candidate.

    The institution's comment of `comment_code` stands before the words of one's own.
    """

    code: str
    verdict: Verdict
    comment: str | None = None
    document: str | None = None
    comment_code: str | None = None


async def judge_several(
    app: App, actor: Actor, id: str, command: CommandContext, verdicts: Sequence[PieceVerdict]
) -> Outcome[Application]:
    """Give verdicts on several pieces at once, all or none (acceptance 124).

    Raises as `judge` does, and INVALID_FIELDS for two on one piece.
    """
    if len({each.code for each in verdicts}) < len(verdicts):
        raise INVALID_FIELDS(fields=[FieldError("verdicts", "repeated")])
    language = await _read_by(app, actor, id) if any(each.comment_code for each in verdicts) else DEFAULT
    return await change_examined(app, actor, id, command, judging(app, command, verdicts, language))


async def comments_of(app: App, actor: Actor, id: str, code: str) -> tuple[Language, Sequence[PieceComment]]:
    """The institution's comments for a piece, and in which language its candidate reads; raises NOT_FOUND."""
    asked = (await reached(app, actor, id))[0].state.piece(code).requirement
    listed = app.parameters.in_force.applications.piece_comments
    return await _read_by(app, actor, id), comments_for(listed, asked.kind)


async def _read_by(app: App, actor: Actor, id: str) -> Language:
    account = (await reached(app, actor, id))[0].state.account
    return (await app.languages.of([account])).get(account, DEFAULT)


def judging(
    app: App, command: CommandContext, verdicts: Sequence[PieceVerdict], language: Language = DEFAULT
) -> Decide:
    """What `judge_several` decides; `language` is the candidate's, of comments of the institution's."""
    moment, listed = app.moment(command), app.parameters.in_force.applications.piece_comments

    def decide(file: Examined) -> Change:
        application, happened = file.application, list[DomainEvent]()
        for number, each in enumerate(verdicts):
            comment = each.comment
            if each.comment_code is not None:
                asked = application.piece(each.code).requirement
                comments = comments_for(listed, asked.kind)
                prefix = f"verdicts.{number}." if len(verdicts) > 1 else ""
                comment = commenting.said(comments, each.comment_code, each.comment, language, prefix)
            application, facts = review.judge(
                application,
                each.code,
                each.verdict,
                comment,
                moment,
                role=file.reach.role,
                by=command.acting,
                document=each.document,
                comment_code=each.comment_code,
            )
            happened += facts
        return application, tuple(happened)

    return decide
