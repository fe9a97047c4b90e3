"""What is shown of a campaign's programmes that are carried into the next."""

from __future__ import annotations

from services.chassis.http.problems import Texts
from services.contracts.api import campaigns as api
from services.contracts.languages import Language
from services.offers.domain.rollover import Carried, Rollover
from services.offers.views import serializers


def shown(found: Rollover, language: Language, *, confirmed: str | None) -> api.RolloverView:
    """All of it, of each result the first by their codes; `confirmed` is the digest that was sent, None of a dry run."""
    refused = [_rolled(each, language) for each in found.refused[: api.MOST_ITEMS]]
    carried = [_rolled(each, language) for each in found.carried[: api.MOST_ITEMS]]
    present = [
        api.RolledProgramme(
            code=each.code, title=each.content.title.within(language), result="present", days=[], faults=[]
        )
        for each in found.present[: api.MOST_ITEMS]
    ]
    return api.RolloverView(
        dry_run=confirmed is None,
        digest=confirmed or found.premises.digest,
        source=serializers.campaign(found.source, language),
        target=serializers.campaign(found.target, language),
        carried=len(found.carried),
        present=len(found.present),
        refused=len(found.refused),
        weekends=sum(any(day.is_on_weekend for day in each.days) for each in found.carried),
        items=[*refused, *carried, *present],
    )


def _rolled(each: Carried, language: Language) -> api.RolledProgramme:
    texts = Texts("offers")
    return api.RolledProgramme(
        code=each.programme.code,
        title=each.content.title.within(language),
        result="refused" if each.faults else "carried",
        days=[
            api.MovedDay(name=day.name, before=day.before, after=day.after, weekend=day.is_on_weekend)
            for day in each.days
        ],
        faults=[
            api.RolloverFault(
                field=fault.field, slug=fault.slug, message=texts.detail(fault.slug, language, fault.params)
            )
            for fault in each.faults
        ],
    )
