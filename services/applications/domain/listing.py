"""The lists of staff: what a file is found by, what may be asked for, and in which order it comes.

`PLANS` is the one table of what can be narrowed by what and sorted how: each line has its index, and what has no line is
refused. So a list costs the same whether there are ten thousand files or a million.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from services.applications.domain.conditions import standing
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.decisions import pending
from services.applications.domain.marks import (
    GONE,
    MAIL_LOST,
    NOBODY,
    exemption_mark,
    group_mark,
    regime_mark,
    tag_mark,
)
from services.applications.domain.model import Application
from services.applications.domain.sheets import Sheet
from services.applications.domain.states import EXAMINED, STANDING, FileState, PieceState, PlaceState
from services.contracts.text_folding import fold, fold_names, name_starts

MAX_KEY: Final = 100
"""Characters of a folded name that order it and that a search looks at."""
MIN_SEARCHED: Final = 2
"""Characters that a search has at least."""
MAX_WORDS: Final = 8
"""Words of a search at most."""


class Pile(StrEnum):
    """The pile that a file lies on: its state, and whether it waits for something. A file is on one."""

    DRAFT = "draft"
    RETURNED = "draft.returned"
    SUBMITTED = "submitted"
    SUBMITTED_WAITING = "submitted.waiting"
    INCOMPLETE = "incomplete"
    INCOMPLETE_WAITING = "incomplete.waiting"
    COMPLETE = "complete"
    COMPLETE_WAITING = "complete.waiting"
    CANCELLED = "cancelled"

    @property
    def state(self) -> FileState:
        """The state of its files."""
        return FileState(self.partition(".")[0])

    @property
    def waits(self) -> bool:
        """Whether pieces of its files wait for a verdict."""
        return self.endswith(".waiting")


class Sorting(StrEnum):
    """The order of a list; that of a search is its own."""

    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"
    FILE_NUMBER = "file_number"


class Narrowing(StrEnum):
    """By what of theirs the files of a list are alike, beside the pile; the name of the member of a row."""

    NOTHING = ""
    CENTRE = "centre"
    PROGRAMME = "programme"
    ACCOUNT = "account"


class Decided(StrEnum):
    """How a file is decided on: the decision that counts, what its candidate has said to it, how its conditions stand."""

    NONE = "none"
    FAVOURABLE = "favourable"
    FAVOURABLE_OPEN = "favourable..open"
    FAVOURABLE_MET = "favourable..met"
    FAVOURABLE_NOT_MET = "favourable..not_met"
    ACCEPTED = "favourable.accept"
    ACCEPTED_OPEN = "favourable.accept.open"
    ACCEPTED_MET = "favourable.accept.met"
    ACCEPTED_NOT_MET = "favourable.accept.not_met"
    WITHDRAWN = "favourable.withdraw"
    UNFAVOURABLE = "unfavourable"
    RANKED_WAITLIST = "ranked_waitlist"
    LEFT_RANKED_WAITLIST = "ranked_waitlist.left"
    WAITLIST = "waitlist"
    LEFT_WAITLIST = "waitlist.left"
    SHORTLISTED = "shortlisted"

    @property
    def kind(self) -> str:
        """The decision that counts, whatever is said to it."""
        return self.partition(".")[0]

    @property
    def answer(self) -> str:
        """What is said to it; empty: nothing."""
        return self.partition(".")[2].partition(".")[0]

    @property
    def conditions(self) -> str:
        """How the conditions of a place stand together that is theirs, or may be; empty: there are none."""
        return self.partition(".")[2].partition(".")[2]


ANSWERED: Final[Mapping[str, tuple[Decided, ...]]] = {
    answer: tuple(each for each in Decided if each.answer == said and (said or each.kind == Decided.FAVOURABLE))
    for answer, said in (("none", ""), ("accept", "accept"), ("withdraw", "withdraw"), ("left", "left"))
}
"""What a candidate may have said, and to which decisions; a place that is offered may still have no answer."""

ENTERED: Final = "entered"
"""What is asked for of files on which a decision is entered that is not validated."""
NOT_ENTERED: Final = "no"

KEYS: Final[Mapping[Sorting, str]] = {
    Sorting.OLDEST: "since",
    Sorting.NEWEST: "since",
    Sorting.NAME: "name",
    Sorting.FILE_NUMBER: "number",
}
"""By which member of a row each sorts."""
SEARCHED: Final = ("name", "number", "given", "mail")
"""The members of a row in which a search looks, in this order; behind them come words of titles."""


class Plan(NamedTuple):
    """One line of the table: an index of rows by pile, by what they are alike in, and by what they are sorted by."""

    narrowing: Narrowing
    key: str
    decided: str = ""

    @property
    def name(self) -> str:
        """The index."""
        parts = ("" if self.narrowing is Narrowing.ACCOUNT else "of", self.decided, self.narrowing, self.key)
        return "_".join(filter(None, parts))

    @property
    def fields(self) -> tuple[str, ...]:
        """The members of rows in it; of one person all files are of one campaign."""
        campaign = "" if self.narrowing is Narrowing.ACCOUNT else "campaign"
        return tuple(filter(None, ("pile", campaign, self.decided, self.narrowing.value, self.key)))


_OF_MANY: Final = (Narrowing.NOTHING, Narrowing.CENTRE, Narrowing.PROGRAMME)
PLANS: Final = (
    *(Plan(narrowing, key) for narrowing in _OF_MANY for key in ("since", *SEARCHED)),
    Plan(Narrowing.ACCOUNT, "since"),
    *(Plan(narrowing, "since", decided) for decided in ("decided", "entered", "assignee") for narrowing in _OF_MANY),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which files; empty or None is all of them, without `state` those that were handed over, and drafts on which
    a decision is entered where such files are asked for.

    `words` are the folded ones of a search, `waiting` whether pieces wait for a verdict, `group` that of what counts.
    """

    state: FileState | None = None
    centre: str = ""
    commission: str = ""
    programme: str = ""
    account: str = ""
    waiting: bool | None = None
    words: tuple[str, ...] = ()
    decision: str = ""
    """A kind of decision or `ENTERED`; a favourable one is meant with every answer, a waiting list with who still waits."""
    answer: str | None = None
    """Of a place that is offered: `accept`, `withdraw` or `none`; `left` of a waiting list."""
    conditions: str | None = None
    """How those of a place stand together: `open`, `met` or `not_met`."""
    tag: str = ""
    assignee: str = ""
    """The account of who looks after them, `NOBODY` or `GONE`."""
    regime: str = ""
    exemption: str = ""
    group: str = ""
    campaign: str = ""
    mail_lost: bool = False
    """Whether the mail of the decision came back or never left."""
    gone: frozenset[str] = frozenset()
    """Of `GONE`: by account, those who look after files and have no function any more."""

    @property
    def marks(self) -> tuple[str, ...]:
        """Those that such files bear; the first one has piles of its own."""
        fees = ((exemption_mark, self.exemption), (regime_mark, self.regime))
        marks = ((tag_mark, self.tag), *fees, (group_mark, self.group))
        lost = (MAIL_LOST,) if self.mail_lost else ()
        return lost + tuple(mark(value) for mark, value in marks if value)

    @property
    def decided(self) -> tuple[Decided, ...] | None:
        """The values of `decided` of such files; None: any; empty: no file is both so decided on and so answered."""
        any_kind = self.decision in ("", ENTERED)
        if self.answer is not None or self.conditions is not None:
            answered = tuple(Decided) if self.answer is None else ANSWERED[self.answer]
            found = (each for each in answered if any_kind or each.kind == self.decision)
            return tuple(each for each in found if self.conditions in (None, each.conditions))
        if self.decision == Decided.FAVOURABLE:
            return tuple(each for each in Decided if each.kind == self.decision)
        return None if any_kind else (Decided(self.decision),)

    @property
    def is_read(self) -> bool:
        """Whether files are asked for by several members of rows, of which only one is in an index."""
        asked = (self.decided is not None, self.decision == ENTERED, bool(self.assignee))
        return sum(asked) > 1 or len(self.marks) > 1

    def is_met(self, row: Row) -> bool:
        """Whether a row is decided on, marked and looked after as is asked for."""
        if self.decision == ENTERED and row.entered in ("", NOT_ENTERED):
            return False
        looked_after = row.assignee in self.gone if self.assignee == GONE else self.assignee in ("", row.assignee)
        if not looked_after or not {*self.marks} <= {*row.marks}:
            return False
        return self.decided is None or row.decided in self.decided

    @property
    def searched(self) -> tuple[str, ...]:
        """What names begin with, one of these."""
        return tuple(dict.fromkeys(start[:MAX_KEY] for start in name_starts(self.words)))

    def piles(self, only: frozenset[FileState] | None) -> frozenset[Pile]:
        """On which piles such files lie, within a reach that sees `only` some states, or all."""
        everywhere = STANDING if self.decision == ENTERED else EXAMINED
        states = everywhere if self.state is None else (self.state,)
        return frozenset(
            pile
            for pile in Pile
            if pile.state in states
            and (only is None or pile.state in only)
            and (self.waiting is None or pile.waits is self.waiting)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One file as lists hold it; of names, which `person` are, what sorts and finds them."""

    pile: Pile
    account: str
    centre: str
    programme: str
    campaign: str
    title: Mapping[str, str]
    number: str
    name: str
    given: str
    since: datetime
    opened_at: datetime
    submitted_at: datetime | None
    deadline: date
    waiting: int
    decided: str = ""
    entered: str = ""
    called: Mapping[str, str] | None = None
    """What the institution calls the decision that counts."""
    assignee: str = ""
    """The account of who looks after it, or `NOBODY`; empty in rows of older releases."""
    marks: tuple[str, ...] = ()
    mail: str = ""


def decided_of(application: Application) -> Decided:
    """How a file is decided on."""
    if (decision := application.decision) is None:
        return Decided.NONE
    place = application.place
    answers = {PlaceState.ACCEPTED: Decided.ACCEPTED, PlaceState.WITHDRAWN: Decided.WITHDRAWN}
    if place is not None and place.state in answers:
        found = answers[place.state]
    else:
        kind = decision.entered.kind.value
        found = Decided(f"{kind}.left" if place is not None and place.state is PlaceState.LEFT else kind)
    stands = standing(application)
    return found if stands is None else Decided(f"{found.kind}.{found.answer}.{stands}")


def entered_of(application: Application, entered: EnteredDecision | None) -> str:
    """Whether a decision is entered on it that is not validated."""
    return NOT_ENTERED if pending(application, entered) is None else ENTERED


def assignee_of(sheet: Sheet | None) -> str:
    """Who looks after a file beside which this sheet is kept."""
    return NOBODY if sheet is None else sheet.assignee or NOBODY


def marks_of(application: Application, sheet: Sheet | None) -> tuple[str, ...]:
    """The marks of a file beside which this sheet is kept."""
    marks = set()
    if application.decision is not None and application.decision.unreached is not None:
        marks.add(MAIL_LOST)
    if application.decision is not None and (group := application.decision.entered.group_code) is not None:
        marks.add(group_mark(group))
    if sheet is not None:
        marks |= {tag_mark(tag) for tag in sheet.tags}
        if (regime := sheet.fees.regime) is not None:
            marks.add(regime_mark(regime.code))
        if (exemption := sheet.fees.exemption) is not None:
            marks.add(exemption_mark(exemption.code))
    return tuple(sorted(marks))


def pile_of(application: Application, waiting: int) -> Pile:
    """The pile of a file of which so many pieces wait for a verdict."""
    state = application.state
    if state is FileState.DRAFT:
        return Pile.RETURNED if application.submissions else Pile.DRAFT
    return Pile(f"{state}.waiting") if waiting and state in EXAMINED else Pile(state.value)


def waiting_of(application: Application) -> int:
    """How many pieces wait for a verdict: deposited, in a file that was handed over."""
    if application.state not in EXAMINED:
        return 0
    return sum(piece.state is PieceState.DEPOSITED for piece in application.pieces)


def name_key(*names: str | None) -> str:
    """What names are sorted and found by."""
    return fold_names(name for name in names if name)[:MAX_KEY].strip()


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a search."""
    return tuple(fold(text).split())
