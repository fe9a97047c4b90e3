"""What staff are shown of fees."""

from __future__ import annotations

from collections.abc import Iterable

from services.applications.domain.fees import FeeLists, Fees, ItemAsSet
from services.applications.views.wording import text_in
from services.contracts.api import fees as api
from services.contracts.fee_lists import FeeItem, amount_of


def fees_view(fees: Fees, language: str) -> api.FeesView:
    """What was said of somebody's fees, in one language."""
    amount = None if fees.amount is None else amount_of(fees.amount)
    return api.FeesView(regime=_item(fees.regime, language), exemption=_item(fees.exemption, language), amount=amount)


def lists_view(lists: FeeLists, language: str) -> api.FeeListsView:
    """What can be chosen, in one language."""
    return api.FeeListsView(regimes=_offered(lists.regimes, language), exemptions=_offered(lists.exemptions, language))


def _item(item: ItemAsSet | None, language: str) -> api.FeeItemView | None:
    return None if item is None else api.FeeItemView(code=item.code, label=text_in(item.label, language))


def _offered(items: Iterable[FeeItem], language: str) -> list[api.FeeItemView]:
    return [
        api.FeeItemView(code=each.code, label=(each.en if language == "en" else each.fr) or each.fr) for each in items
    ]
