"""What is said to the candidates of many files: what is thought of one piece, or what lacks (acceptance 55, 93)."""

from __future__ import annotations

from services.applications.domain.bulk import SaidVerdict
from services.applications.domain.events import Change
from services.applications.domain.reminded import ReminderKind
from services.applications.domain.reminding import remind_by_staff
from services.applications.usecases import judging as verdicts
from services.applications.usecases import review
from services.applications.usecases.app import App
from services.chassis.context import CommandContext
from services.contracts.refusals.applications import PIECE_NOT_ASKED


def judging(app: App, command: CommandContext, said: SaidVerdict) -> review.Decide:
    """What is decided on each file; one that is not asked for the piece says so: the file is there, and the piece is not."""
    decide = verdicts.judging(app, command, [verdicts.PieceVerdict(said.code, said.verdict, said.comment)])

    def judge(file: review.Examined) -> Change:
        if all(piece.requirement.code != said.code for piece in file.application.pieces):
            raise PIECE_NOT_ASKED(code=said.code)
        return decide(file)

    return judge


def reminding(app: App, command: CommandContext, about: ReminderKind) -> review.Decide:
    """What is decided on each file of which its candidate is reminded."""
    moment = app.moment(command)
    return lambda file: remind_by_staff(file.application, about, file.offer, moment, closed=file.closed)
