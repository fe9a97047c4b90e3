"""What comes of one act for many files, as staff see it before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.applications.domain.bulk import DECIDING, BulkAct, BulkItem, DecisionInBrief, FileStatus, PieceStatus
from services.applications.domain.model import Application
from services.applications.domain.reach import Reach, is_reached
from services.applications.domain.states import EXAMINED, PieceState
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.bulk import premises
from services.applications.repository.cards import CardCopies
from services.applications.repository.languages import LanguageCopies
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.staff import StaffCopies
from services.applications.views.decisions import groups_shown
from services.applications.views.fees import fees_view
from services.applications.views.wording import text_in, word
from services.chassis.http.problems import Texts
from services.contracts.api import bulk as api
from services.contracts.api.decisions import GroupView
from services.contracts.languages import Language
from services.contracts.premises import counted
from services.contracts.refusals import RefusedError
from services.contracts.text_folding import fold

_TEXTS: Final = Texts("applications")


async def bulk_view(
    cards: CardCopies,
    languages: LanguageCopies,
    act: BulkAct,
    items: Sequence[BulkItem],
    language: Language,
    *,
    staff: StaffCopies,
    confirmed: str | None,
) -> api.BulkView:
    """All of it, in the order of the ids; `confirmed` is the digest that was sent, None of a dry run."""
    views = await file_views(cards, languages, act, items, language, staff=staff)
    return api.BulkView(
        dry_run=confirmed is None,
        digest=confirmed or premises(act, items).digest,
        **counted(items),
        items=[api.BulkItemView(result=item.result, **view) for item, view in zip(items, views, strict=True)],
    )


async def file_views(
    cards: CardCopies,
    languages: LanguageCopies,
    act: BulkAct,
    items: Sequence[BulkItem],
    language: Language,
    *,
    staff: StaffCopies,
) -> list[dict[str, Any]]:
    """What is told of each file, in order, but for the result in a word."""
    known = await cards.named(item.application.account for item in items if item.application is not None)
    told = {item.application.account for item in items if item.application is not None and item.mails}
    reads = await languages.of(told)
    statuses = [status for item in items for status in (item.before, item.after) if status is not None]
    names = await staff.names({status.assignee for status in statuses if status.assignee is not None})
    return [_item(act, item, known, reads, language, names=names) for item in items]


async def bulk_pieces(
    applications: ApplicationRepository,
    programmes: ProgrammeCopies,
    reaches: Sequence[Reach],
    ids: Sequence[str],
    language: Language,
) -> api.BulkPieces:
    """The pieces of those of these files that are within reach, and the groups of their programmes."""
    labels: dict[str, str] = {}
    asked, waiting, codes = Counter[str](), Counter[str](), set[str]()
    for saved in await applications.of_ids(ids):
        file = saved.state
        if not is_reached(reaches, file.programme.code, file.state):
            continue
        codes.add(file.programme.code)
        for piece in file.pieces:
            code = piece.requirement.code
            labels.setdefault(code, text_in(piece.requirement.label, language))
            asked[code] += 1
            waiting[code] += file.state in EXAMINED and piece.state is PieceState.DEPOSITED
    groups: dict[str, GroupView] = {}
    for offer in (await programmes.of_all(codes)).values():
        groups = {group.code: group for group in groups_shown(offer.groups, language)} | groups
    order = sorted(labels, key=lambda code: (-waiting[code], -asked[code], fold(labels[code]), code))
    return api.BulkPieces(
        items=[
            api.BulkPiece(code=code, label=labels[code], files=asked[code], waiting=waiting[code]) for code in order
        ],
        groups=[*groups.values()],
    )


def _item(
    act: BulkAct,
    item: BulkItem,
    known: Mapping[str, Mapping[str, Any]],
    reads: Mapping[str, Language],
    language: Language,
    *,
    names: Mapping[str, str],
) -> dict[str, Any]:
    whose: dict[str, Any] = {}
    if (application := item.application) is not None:
        identity = known.get(application.account, {})
        whose = {
            "file_number": application.file_number,
            "family_name": identity.get("family_name"),
            "given_name": identity.get("given_name"),
            "programme": application.programme.code,
            "title": text_in(application.programme.title, language),
        }
    return {
        "id": item.id,
        **whose,
        "before": _status(item.before, language, names),
        "after": _status(item.after, language, names),
        "mails": list(item.mails),
        "mail_language": None if application is None else reads.get(application.account),
        "never_submitted": act.action in DECIDING and application is not None and _was_never_submitted(application),
        "refusal": None if item.refusal is None else refusal_view(item.refusal, language),
    }


def _was_never_submitted(application: Application) -> bool:
    """Whether its candidate has it in hand and never handed it over."""
    return application.is_editable and not application.submissions


def _status(status: FileStatus | None, language: Language, names: Mapping[str, str]) -> api.FileStatusView | None:
    if status is None:
        return None
    return api.FileStatusView(
        state=status.state.value,
        state_label=word(status.state, language),
        submission_deadline=status.submission_deadline.isoformat(),
        decision=None if status.decided is None else decision_brief(status.decided, language),
        fees=None if status.fees is None else fees_view(status.fees, language),
        piece=None if status.piece is None else _piece(status.piece, language),
        assignee=status.assignee,
        assignee_name=names.get(status.assignee or ""),
    )


def _piece(piece: PieceStatus, language: Language) -> api.PieceInBrief:
    return api.PieceInBrief(
        label=text_in(piece.label, language),
        state=piece.state.value,
        state_label=word(piece.state, language),
        comment=piece.comment,
        filename=piece.filename,
    )


def decision_brief(brief: DecisionInBrief, language: Language) -> api.DecisionInBrief:
    """A decision as previews tell it."""
    label = word(brief.kind, language) if brief.label is None else text_in(brief.label, language)
    return api.DecisionInBrief(
        kind=brief.kind.value,
        label=label,
        group=None if brief.group is None else text_in(brief.group, language),
        rank=brief.rank,
        conditions=brief.conditions,
        validated=brief.counts,
    )


def refusal_view(refusal: RefusedError, language: Language) -> api.BulkRefusal:
    """A refusal as the problem document of the single act says it."""
    slug = refusal.slug.name
    return api.BulkRefusal(
        slug=slug, title=_TEXTS.title(slug, language), detail=_TEXTS.detail(slug, language, refusal.members)
    )
