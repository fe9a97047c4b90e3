"""The places of a programme, as its managers see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import Body, Code, Day, View


class PlacesPath(Body):
    """Which programme's."""

    programme: Code


class WaitingView(View):
    """Somebody who waits for a place by rank."""

    application: str
    name: Annotated[str | None, Field(description="Null while the profile does not say it.")] = None
    file_number: str
    rank: Annotated[int, Field(description="As it was decided.")]
    live_rank: Annotated[int, Field(description="The place in the list now, from 1.")]
    account_closed: Annotated[
        bool, Field(description="Their account is closed, and as long as it is they are passed over.")
    ] = False


class PlacesView(View):
    """How many places a programme has, who has one, and who waits."""

    programme: str
    title: str
    capacity: Annotated[int | None, Field(description="Null: any number, or not known.")] = None
    capacity_known: Annotated[bool, Field(description="Whether it has been told how many there are.")] = True
    offered: Annotated[int, Field(description="Places that nobody has answered to.")]
    accepted: int
    free: Annotated[int | None, Field(description="Null where there is no capacity.")] = None
    waiting_count: int
    waiting: Annotated[list[WaitingView], Field(description="The first 200, the next one first.")]
    automatic: Annotated[bool, Field(description="A place that becomes free is offered at once.")]
    promotes_until: Annotated[Day | None, Field(description="The last day on which anybody is promoted.")] = None
    can_promote: Annotated[bool, Field(description="Whether the next one can be offered a place now.")]
    version: Annotated[int, Field(description="Of what is said about promotions; for `If-Match` of `PUT`.")]
    promoted: Annotated[str | None, Field(description="The application that this request has offered a place to.")] = (
        None
    )


class RankExplainedView(View):
    """What the live rank of a candidate comes from, which says nothing of anybody alone."""

    before: Annotated[int, Field(description="Who wait at a better rank; 1000 is that or more.")]
    unanswered: Annotated[
        int, Field(description="Places that are offered and that nobody has answered to; 1000 is that or more.")
    ]
    unanswered_until: Annotated[
        Day | None, Field(description="The last day by which all of these are answered; null where there is none.")
    ] = None


class PromoteNext(Body):
    """To whom a place is to be offered."""

    application: Annotated[
        str,
        Field(
            min_length=1,
            max_length=128,
            description="The next one, as it was seen; refused (`next-changed`) if another is.",
        ),
    ]


class PromotionStop(Body):
    """Until when anybody is promoted, by whatever way."""

    promotes_until: Annotated[date | None, Field(description="Today or later, within a year; null: without end.")]
