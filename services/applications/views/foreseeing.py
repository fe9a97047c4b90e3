"""What would come of withdrawals, as managers see it (ADR 103)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.applications.domain.decision_model import ValidatedDecision
from services.applications.domain.foreseeing import MOST_WITHDRAWALS, Foresight, Waitlisted
from services.applications.domain.model import Application
from services.applications.domain.states import PlaceState
from services.applications.repository.applications import APPLICATIONS, ApplicationRepository
from services.applications.repository.cards import CardCopies
from services.applications.repository.places import Ranks, key_of
from services.applications.views.decisions import group_view, groups_shown
from services.applications.views.wording import text_in
from services.chassis.events.aggregates import Versioned
from services.chassis.store.rows import readable
from services.contracts.api import places as api


@dataclass(frozen=True, slots=True)
class ForeseeingViews:
    """Says what was foreseen, with names."""

    ranks: Ranks
    cards: CardCopies
    applications: ApplicationRepository

    async def shown(self, found: Foresight, language: str) -> api.SimulationView:
        """What was found, in one language."""
        offer, foreseen = found.offer, found.foreseen
        rows = await self.ranks.holders(key_of(offer.campaign, offer.programme.code), MOST_WITHDRAWALS)
        holders = readable("applications", APPLICATIONS.name, rows, self.applications.loaded)
        moved = (*(who.file for who, _ in foreseen.promoted), *(who.file for who in found.passed))
        names = await self._names({*(each.state.account for each in holders), *(file.account for file in moved)})
        taken = found.stands.taken
        return api.SimulationView(
            programme=offer.programme.code,
            title=text_in(offer.programme.title, language),
            capacity=found.stands.capacity,
            taken=taken,
            taken_then=taken - found.withdrawals + len(foreseen.promoted),
            withdrawals=found.withdrawals,
            automatic=found.automatic,
            promotes_until=None if found.until is None else found.until.isoformat(),
            promoted=[_promotion(who, decision, names, language) for who, decision in foreseen.promoted],
            passed_over=[
                api.PassedOverView(**_who(each.id, each.file, names), rank=each.rank) for each in found.passed
            ],
            left=foreseen.left,
            because=None if foreseen.because is None else foreseen.because.value,
            holders=[_holder(each, names) for each in holders],
            groups=groups_shown(offer.groups, language),
        )

    async def _names(self, accounts: Collection[str]) -> Mapping[str, str]:
        found, cards = dict[str, str](), await self.cards.named(accounts)
        for account, card in cards.items():
            found[account] = " ".join(card[part] for part in ("given_name", "family_name") if card.get(part))
        return found


def _who(id: str, file: Application, names: Mapping[str, str]) -> dict[str, Any]:
    return {"application": id, "name": names.get(file.account) or None, "file_number": file.file_number}


def _promotion(
    who: Waitlisted, decision: ValidatedDecision, names: Mapping[str, str], language: str
) -> api.ForeseenPromotion:
    day = decision.answer_deadline
    return api.ForeseenPromotion(
        **_who(who.id, who.file, names),
        rank=who.rank,
        group=group_view(decision.entered.group, language),
        answer_deadline=None if day is None else day.isoformat(),
        conditions=[
            api.ForeseenCondition(
                label=text_in(each.label, language), until=None if each.until is None else each.until.isoformat()
            )
            for each in decision.entered.conditions
        ],
    )


def _holder(saved: Versioned[Application], names: Mapping[str, str]) -> api.HolderView:
    decision, place = saved.state.decision, saved.state.place
    day = None if decision is None else decision.answer_deadline
    return api.HolderView(
        **_who(saved.id, saved.state, names),
        accepted=place is not None and place.state is PlaceState.ACCEPTED,
        group=None if place is None else place.group,
        answer_deadline=None if day is None else day.isoformat(),
    )
