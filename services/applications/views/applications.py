"""What a candidate sees of applications; nothing of staff is in it (acceptance 44, 46)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection as AnyOf
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from services.applications.domain.copies import ProgrammeCopy
from services.applications.domain.deadline import shown_deadline
from services.applications.domain.enrolment import is_handed_over
from services.applications.domain.held import without_expired
from services.applications.domain.model import Application, Moment
from services.applications.domain.states import FileState, LetterKind, PieceState
from services.applications.domain.submission import Block, blocking, can_submit
from services.applications.repository.applications import ApplicationRepository, owned_by
from services.applications.repository.boards import EVERY, BoardCopies
from services.applications.repository.parts import unconcealed
from services.applications.repository.places import Ranks, key_of, was_accepted
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.views.decisions import decided
from services.applications.views.forms import filled_view, form_view, question_view
from services.applications.views.in_place import acts_of
from services.applications.views.pieces import piece_view
from services.applications.views.pre_enrolments import PreEnrolmentShown, PreEnrolmentViews, shown_standing
from services.applications.views.submissions import SubmissionViews, programme_view
from services.applications.views.wording import text_in, word
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.http.response_cache import CachedResponse, ResponseCache
from services.chassis.service.parameters import ParameterCopy
from services.contracts.api import applications as api
from services.contracts.api.enrolments import EnrolmentView
from services.contracts.api.forms import FilledFormView
from services.contracts.api.places import RankExplainedView
from services.contracts.instants import instant_text
from services.contracts.languages import Language
from services.contracts.parameters import EnrolmentParameters, Parameters
from services.contracts.refusals import NOT_FOUND


class Rank(NamedTuple):
    """How many wait before somebody, and how many places are offered and not answered, of all of which that is known until
    a day at most; nothing of it depends on what is entered and does not count (acceptance 46).
    """

    before: int
    unanswered: int
    until: date | None


class _Stamp(NamedTuple):
    """What the answer that shows an application depends on."""

    programme: str
    version: int
    campaign: str | None
    offer: int | None
    deadline: date | None
    rank: Rank | None
    day: date
    due: date
    prolonged: tuple[tuple[date, date], ...]
    parameters: Parameters
    standing: PreEnrolmentShown | None
    letters: AnyOf[LetterKind]


@dataclass(frozen=True, slots=True)
class Views:
    """The questions that candidates ask."""

    applications: ApplicationRepository
    submissions: SubmissionViews
    programmes: ProgrammeCopies
    boards: BoardCopies
    parameters: ParameterCopy
    ranks: Ranks
    pre_enrolments: PreEnrolmentViews
    answers: ResponseCache = field(default_factory=ResponseCache)

    async def read(self, actor: Actor, id: str, language: Language, moment: Moment) -> CachedResponse:
        """The actor's own application of that id as an answer; raises NOT_FOUND.

        It is made once for a version and a day, unless it depends on the actor's other applications.
        """
        match self.answers.last(id, language):
            case CachedResponse(stamp=_Stamp(programme=code, campaign=str(last))):  # one way to the store, not three
                (row,), offer = await self.programmes.beside([self.applications.asked(id, owned_by(actor))], code, last)
                row = unconcealed(row)
            case _:
                row = await self.applications.document(id, owned_by(actor))
                offer = None if row is None else await self.programmes.versioned(row["programme"]["code"])
        if row is None:
            raise NOT_FOUND()
        programme, version = (None, None) if offer is None else offer
        deadline, campaign = (None, None) if programme is None else (programme.submission_deadline, programme.campaign)
        rank = await self._rank_in(row, moment)
        placed = self.applications.loaded(row) if was_accepted(row) else None
        standing = None if placed is None else (await self.pre_enrolments.of([placed])).get(id)
        code, moments = row["programme"]["code"], (moment.day, moment.due, moment.prolonged)
        letters = await self._letters_in(row, programme)
        stamp = _Stamp(
            code, row["version"], campaign, version, deadline, rank, *moments, self._in_force, standing, letters
        )
        known = self.answers.get(id, language, stamp)
        if known is not None:
            return known
        saved = placed or self.applications.loaded(row)
        others = await self._others(actor, [saved], moment)
        view = view_of(
            saved,
            programme,
            others,
            language,
            moment,
            parameters=self._in_force,
            rank=rank,
            standing=standing,
            letters=letters,
        )
        answer = CachedResponse(stamp, *tagged(view, language), {})
        if not _may_reuse(saved.state, moment):
            self.answers.put(id, language, answer)
        return answer

    @property
    def _in_force(self) -> Parameters:
        return self.parameters.in_force

    async def one(self, actor: Actor, id: str, language: str, moment: Moment) -> api.ApplicationView:
        """The actor's own application of that id; raises NOT_FOUND."""
        return await self.shown(actor, await self._own(actor, id), language, moment)

    async def page(
        self, actor: Actor, limit: int, after: str | None, language: str, moment: Moment
    ) -> api.ApplicationList:
        """A page of the actor's applications, the one opened last first."""
        behind = None if after is None else _position(after)
        found = await self.applications.page_of(actor, limit + 1, behind)
        page = found[:limit]
        (offers, letters), others, standing, ranks = await asyncio.gather(
            self._offers(page),
            self._others(actor, page, moment),
            self.pre_enrolments.of(page),
            asyncio.gather(*(self._rank_in(saved.document, moment) for saved in page)),
        )
        return api.ApplicationList(
            items=[
                view_of(
                    saved,
                    offers.get(saved.state.programme.code),
                    others,
                    language,
                    moment,
                    parameters=self._in_force,
                    rank=rank,
                    standing=standing.get(saved.id),
                    letters=letters.get(saved.id, EVERY),
                )
                for saved, rank in zip(page, ranks, strict=True)
            ],
            next=f"{instant_text(page[-1].state.opened_at)}~{page[-1].id}" if len(found) > limit else None,
        )

    async def shown(
        self, actor: Actor, saved: Versioned[Application], language: str, moment: Moment
    ) -> api.ApplicationView:
        """An application of the actor as the answer to a command shows it."""
        offer, others, standing, rank = await asyncio.gather(
            self.programmes.of(saved.state.programme.code),
            self._others(actor, [saved], moment),
            self.pre_enrolments.of([saved]),
            self._rank_in(saved.document, moment),
        )
        return view_of(
            saved,
            offer,
            others,
            language,
            moment,
            parameters=self._in_force,
            rank=rank,
            standing=standing.get(saved.id),
            letters=await self._letters_in(saved.document, offer),
        )

    async def form(self, actor: Actor, id: str, form: str, language: str) -> FilledFormView:
        """What is filled in in a form of the actor's own application; raises NOT_FOUND."""
        return filled_view((await self._own(actor, id)).state.form(form), language)

    async def _own(self, actor: Actor, id: str) -> Versioned[Application]:
        saved = await self.applications.of(actor, id)
        if saved is None:
            raise NOT_FOUND()
        return saved

    async def _rank_in(self, row: Mapping[str, Any], moment: Moment) -> Rank | None:
        """How somebody stands in the list; None for who does not wait by rank, of whom nothing is asked."""
        if (key := row.get("waits_for")) is None:
            return None
        of, group = key_of(row["campaign"], row["programme"]["code"]), row["decision"]["entered"].get("group")
        code = None if group is None else group["code"]
        before, unanswered, (dated, until) = await asyncio.gather(
            self.ranks.before(key, row["waiting_rank"], api.MOST_BEFORE),
            self.ranks.offered(of, api.MOST_BEFORE, code),
            self.ranks.offered_until(of, moment.due, api.MOST_BEFORE, code),
        )
        return Rank(before, unanswered, until if dated == unanswered else None)

    async def _offers(
        self, page: Sequence[Versioned[Application]]
    ) -> tuple[Mapping[str, ProgrammeCopy], Mapping[str, AnyOf[LetterKind]]]:
        """The programmes on a page, and which letters the boards give that have decided, each of which is asked once."""
        offers = await self.programmes.of_all({saved.state.programme.code for saved in page})
        boards = {
            saved.id: offers[code].commission
            for saved in page
            if saved.document.get("decision") is not None and (code := saved.state.programme.code) in offers
        }
        asked = [*{*boards.values()}]
        found = await asyncio.gather(*map(self.boards.letters_of, asked))
        letters = dict(zip(asked, found, strict=True))
        return offers, {id: letters[board] for id, board in boards.items()}

    async def _letters_in(self, row: Mapping[str, Any], offer: ProgrammeCopy | None) -> AnyOf[LetterKind]:
        """Which letters the board gives; where nothing is decided there is none, and nobody is asked."""
        if row.get("decision") is None or offer is None:
            return EVERY
        return await self.boards.letters_of(offer.commission)

    async def _others(
        self, actor: Actor, page: Sequence[Versioned[Application]], moment: Moment
    ) -> Sequence[Versioned[Application]]:
        """The actor's active applications, if a piece on the page might take a document over from one of them."""
        if not any(_may_reuse(saved.state, moment) for saved in page):
            return ()
        return await self.applications.active_of(actor)


def view_of(
    saved: Versioned[Application],
    offer: ProgrammeCopy | None,
    others: Sequence[Versioned[Application]],
    language: str,
    moment: Moment,
    *,
    parameters: Parameters,
    rank: Rank | None,
    standing: PreEnrolmentShown | None,
    letters: AnyOf[LetterKind],
) -> api.ApplicationView:
    """An application in one language at one moment; `offer` is what its programme says now, `rank` the live one."""
    application = saved.state
    if application.is_editable:
        application, _ = without_expired(application, moment)
        application = replace(application, submission_deadline=shown_deadline(application, offer, moment))
    elsewhere = [other.state for other in others if other.id != saved.id]
    programme = application.programme
    submissions = application.submissions
    return api.ApplicationView(
        id=saved.id,
        programme=programme_view(programme, language),
        route=offer.route if offer is not None and parameters.applications.route_shown == "yes" else None,
        campaign=application.campaign,
        state=application.state.value,
        state_label=word(application.state, language),
        **decided(application, moment, language, None if rank is None else rank.before + 1, letters),
        rank_explained=None if rank is None else _explained(rank),
        enrolment=_enrolment(application, parameters.enrolment, language),
        pre_enrolment=shown_standing(standing, language),
        opened_at=instant_text(application.opened_at),
        opened_by="university" if application.opened_by_staff else "candidate",
        submitted_at=instant_text(submissions[-1].submitted_at) if submissions else None,
        submission_deadline=application.submission_deadline.isoformat(),
        prolonged=application.prolonged,
        contact=api.ContactView.model_validate(programme.contact),
        pieces=[piece_view(application, piece, elsewhere, language) for piece in application.pieces],
        information=text_in(offer.information, language) if offer is not None and offer.information else None,
        forms=[form_view(saved, filled, language) for filled in application.forms],
        questions=[question_view(answer, language) for answer in application.answers],
        can_submit=can_submit(application, moment),
        blocking=blocks_in(blocking(application, moment), language),
        can_cancel=application.state is FileState.DRAFT and application.decision is None,
        history=[
            api.MilestoneView(at=instant_text(past.at), state=past.state.value, label=word(past.state, language))
            for past in application.history
        ],
        acts=acts_of(application, language),
        version=saved.version,
    )


def _explained(rank: Rank) -> RankExplainedView:
    until = None if rank.until is None else rank.until.isoformat()
    return RankExplainedView(before=rank.before, unanswered=rank.unanswered, unanswered_until=until)


def _enrolment(application: Application, enrolment: EnrolmentParameters, language: str) -> EnrolmentView | None:
    if not is_handed_over(application) or not enrolment.link_fr:
        return None
    return EnrolmentView(link=enrolment.link_in(language), message=enrolment.message_in(language) or None)


def tagged(view: api.ApplicationView, language: str) -> tuple[bytes, str]:
    """The view as JSON, with a tag of these very bytes, which change with language and day; it ends in the version."""
    content = view.model_dump_json().encode()
    return content, f"{language}-{hashlib.blake2b(content, digest_size=8).hexdigest()}-{view.version}"


def blocks_in(blocks: Sequence[Block], language: str) -> list[api.BlockView]:
    """What stands in the way of submitting, in one language."""
    return [
        api.BlockView(
            kind=block.kind,
            code=block.code,
            label=text_in(block.label, language) if block.label else word(block.code, language),
            reason=block.reason,
        )
        for block in blocks
    ]


def _may_reuse(application: Application, moment: Moment) -> bool:
    shown, _ = without_expired(application, moment)
    return shown.is_editable and any(
        piece.requirement.can_be_shared and piece.state is PieceState.AWAITING for piece in shown.pieces
    )


def _position(after: str) -> tuple[str, str]:
    opened_at, _, id = after.partition("~")
    return opened_at, id
