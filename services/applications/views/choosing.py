"""By what staff can narrow their lists of files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from services.applications.domain.fees import FeeLists
from services.applications.repository.boards import BoardCopies
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.staff import StaffCopies
from services.applications.views.fees import lists_view
from services.applications.views.reaching import CampaignViews
from services.applications.views.wording import text_in
from services.chassis.context import Actor
from services.contracts.actors import Role
from services.contracts.api import narrowing
from services.contracts.api.fees import FeeItemView
from services.contracts.api.identity import Grant
from services.contracts.events.accounts import GrantPart
from services.contracts.text_folding import fold

MOST_CHOICES: Final = 500
"""Programmes, and members of staff, that are looked at."""
_LOOKING: Final = (Role.MANAGER, Role.COMMISSION)


@dataclass(frozen=True, slots=True)
class ChoiceViews:
    """What lists can be narrowed by; `fees` are all regimes and exemptions, those too that are chosen no more."""

    programmes: ProgrammeCopies
    boards: BoardCopies
    staff: StaffCopies
    campaigns: CampaignViews
    fees: Callable[[], FeeLists]

    async def choices(self, actor: Actor, language: str) -> narrowing.ReviewChoices:
        """What the actor can narrow lists by."""
        parts = [reach.programmes for reach in await self.programmes.reaches(actor)]
        reached = None if None in parts else frozenset().union(*(part for part in parts if part is not None))
        rows = await self.programmes.some(reached, MOST_CHOICES + 1)
        labels: dict[str, dict[str, str]] = {"centres": {}, "commissions": {}, "programmes": {}, "groups": {}}
        for row in rows[:MOST_CHOICES]:
            programme = row["programme"]
            labels["centres"][programme["centre"]["code"]] = programme["centre"]["label"]
            labels["programmes"][row["_id"]] = text_in(programme["title"], language)
            for group in row.get("groups", ()):
                labels["groups"].setdefault(group["code"], text_in(group["label"], language))
            if (commission := row.get("commission")) is not None:
                name = row.get("commission_label")  # 0.1.0 has kept none
                if name:
                    labels["commissions"][commission] = text_in(name, language)
                labels["commissions"].setdefault(commission, commission)
        for code, label in (await self.boards.names(labels["commissions"])).items():  # by now, perhaps, another name
            labels["commissions"][code] = text_in(label, language)
        labels["assignees"] = await self._colleagues(actor)
        lists = lists_view(self.fees(), language)
        return narrowing.ReviewChoices(
            **{
                name: sorted(
                    (narrowing.Choice(code=code, label=label) for code, label in there.items()),
                    key=lambda each: (fold(each.label), each.code),
                )
                for name, there in labels.items()
            },
            campaigns=[
                narrowing.CampaignChoice(code=each.code, label=each.label, over=each.is_over)
                for each in await self.campaigns.known()
            ],
            regimes=_choices(lists.regimes),
            exemptions=_choices(lists.exemptions),
            more=len(rows) > MOST_CHOICES,
        )

    async def _colleagues(self, actor: Actor) -> dict[str, str]:
        """Who may see some of the files that the actor sees, by account; nobody where there are too many to look at."""
        found = await self.staff.colleagues(MOST_CHOICES)
        return {
            account: name
            for account, (name, grants) in ({} if found is None else found).items()
            if any(_meet(own, each) for own in actor.grants for each in grants if each.role in _LOOKING)
        }


def _choices(items: Iterable[FeeItemView]) -> list[narrowing.Choice]:
    return [narrowing.Choice(code=each.code, label=each.label) for each in items]


def _meet(own: Grant, other: GrantPart) -> bool:
    """Whether two rights name the same centres and commissions, or some of them."""
    return _overlap(own.centres, other.centres) and _overlap(own.commissions, other.commissions)


def _overlap(own: Collection[str] | None, other: Collection[str] | None) -> bool:
    return own is None or other is None or bool({*own} & {*other})
