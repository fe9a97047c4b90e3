"""What minutes of meetings say, in one language: the data of their template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from services.chassis.texts import formats
from services.contracts.events.meetings import MeetingClosed, MinutesLine, MinutesProgramme, MinutesVoting
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.documents.domain.signing import Board
from services.documents.usecases.app import App
from services.documents.usecases.paper_words import Words

ORDER: Final = ("favourable", "ranked_waitlist", "waitlist", "shortlisted", "unfavourable")
"""In which order decisions are told; files of one kind by their ranks, then as they were looked at."""


class MinutesWords:
    """What minutes say, by the institution's clock. No candidate is named: files have their numbers."""

    def __init__(self, app: App, language: Language) -> None:
        self._app = app
        self._language = language
        self._words = Words(app, language)

    def minutes(self, told: MeetingClosed, board: Board) -> Mapping[str, Any]:
        """The data of the template of that name, of which none is markup."""
        said, words = self._words.said, self._words
        day = formats.day(date.fromisoformat(told.day), self._language)
        name = board.label.get(self._language) or board.label.get("fr") or told.commission
        return {
            "language": self._language,
            "made_at": int(instant(told.closed_at).timestamp()),
            "title": said("minutes.title"),
            "institution": self._app.parameters.in_force.institution.name,
            "facts": [
                (said("minutes.board"), name),
                *([(said("minutes.subject"), told.title)] if told.title else []),
                (said("minutes.day"), said("minutes.when", day=day, time=told.time)),
                (said("minutes.place"), told.place),
                (said("minutes.closed"), words.moment(instant(told.closed_at))),
                (said("minutes.present"), ", ".join(told.present) or said("minutes.nobody")),
                (said("minutes.absent"), ", ".join(told.absent) or said("minutes.nobody")),
                *self._voting(told.voting),
            ],
            "recusals": {
                "heading": said("minutes.recusals"),
                "none": said("minutes.no_recusals"),
                "items": [
                    said("minutes.recusal", member=each.name, numbers=", ".join(each.numbers))
                    for each in told.recusals
                    if each.numbers
                ],
            },
            "columns": [
                said("file_number"),
                said("minutes.decision"),
                said("minutes.rank"),
                said("minutes.reason"),
            ],
            "programmes": [self._programme(each) for each in told.programmes],
            "none": said("minutes.no_files"),
            "signatory": {
                "heading": said("minutes.signature"),
                "lines": [line for line in (board.signatory, board.function) if line],
            },
            "foot": said("minutes.foot", board=name, day=day),
        }

    def _voting(self, voting: MinutesVoting | None) -> Iterator[tuple[str, str]]:
        if voting is not None:
            said, quorum = self._words.said, voting.quorum
            secret, public = said("minutes.voting_secret", quorum=quorum), said("minutes.voting_open", quorum=quorum)
            yield said("minutes.voting"), secret if voting.secret else public

    def filename(self, told: MeetingClosed) -> str:
        """What they are called."""
        return self._words.said("minutes.filename", board=told.commission, day=told.day)

    def _programme(self, programme: MinutesProgramme) -> Mapping[str, Any]:
        counts = Counter(self._label(line) for line in _ordered(programme.lines))
        return {
            "heading": self._words.of(programme.title),
            "counts": " · ".join(
                self._words.said("minutes.count", label=label, count=count) for label, count in counts.items()
            ),
            "lines": [
                [
                    line.number or self._words.said("minutes.forgotten"),
                    self._label(line),
                    "" if line.rank is None else str(line.rank),
                    "\n".join(self._beside(line)),
                ]
                for line in _ordered(programme.lines)
            ],
        }

    def _label(self, line: MinutesLine) -> str:
        if line.label is None:
            return self._words.said("minutes.undecided")
        label = self._words.of(line.label)
        return label if line.group is None else f"{label} – {self._words.of(line.group)}"

    def _beside(self, line: MinutesLine) -> Iterator[str]:
        """Why, or under which conditions, and how it was voted."""
        if line.reason is not None:
            yield self._words.of(line.reason)
        for each in line.conditions:
            yield self._words.said("minutes.condition", condition=self._words.of(each))
        if (votes := line.votes) is not None:
            counts = {"favourable": votes.favourable, "waitlist": votes.waitlist}
            counts |= {"unfavourable": votes.unfavourable, "abstention": votes.abstention}
            yield self._words.said("minutes.votes", **counts)


def _ordered(lines: Sequence[MinutesLine]) -> list[MinutesLine]:
    return sorted(
        lines, key=lambda line: (ORDER.index(line.kind) if line.kind in ORDER else len(ORDER), line.rank or 0)
    )
