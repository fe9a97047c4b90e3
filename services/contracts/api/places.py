"""The places of a programme, as its managers see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, Code, Day, View
from services.contracts.api.decisions import GroupView
from services.contracts.decision_types import CODE


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
    group: Annotated[str | None, Field(description="The code of the group on whose list that is.")] = None
    account_closed: Annotated[
        bool, Field(description="Their account is closed, and as long as it is they are passed over.")
    ] = False


class GroupPlacesView(View):
    """The places of a group of the waiting list, and who waits for one; or of those who wait in none."""

    code: Annotated[str | None, Field(description="Null: who waits in no group.")] = None
    label: str | None = None
    places: Annotated[int | None, Field(description="Null: as many as the programme has.")] = None
    offered: int
    accepted: int
    free: Annotated[int | None, Field(description="Null where the group has no number of its own.")] = None
    waiting_count: int
    next: Annotated[
        str | None, Field(description="The application of who is next, if the place can be offered now.")
    ] = None


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
    waiting: Annotated[
        list[WaitingView],
        Field(
            description="The first 200, the next one first; of programmes with groups so many of all lists, one by one."
        ),
    ]
    groups: Annotated[
        list[GroupPlacesView],
        Field(
            description="In order, last those who wait in none if there are; none where the programme has no groups."
        ),
    ]
    passes_on: Annotated[
        bool, Field(description="A place of a group in which nobody waits is for the others, in their order.")
    ] = False
    elsewhere: Annotated[
        int, Field(description="Who wait in groups that the programme has no more: nobody is next there.")
    ] = 0
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


class WithdrawalsForeseen(BaseModel):
    """Who would give their place up, or how many would, whoever they are; without both nobody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[
        str | None,
        Field(
            max_length=8192,
            pattern=r"^[0-9a-z]{1,64}(,[0-9a-z]{1,64})*$",
            description="Ids of applications that hold a place, 200 at most, parted by commas.",
            examples=["01arz3ndektsv4rrffq69g5fav"],
        ),
    ] = None
    count: Annotated[int | None, Field(ge=1, description="200 at most, and no more than hold a place.")] = None
    group: Annotated[
        str | None,
        Field(pattern=CODE, description="Whose places so many are, by its code; with `count`, where there are groups."),
    ] = None


class HolderView(View):
    """Somebody who holds a place: offered, or accepted."""

    application: str
    name: Annotated[str | None, Field(description="Null while the profile does not say it.")] = None
    file_number: str
    accepted: bool
    answer_deadline: Day | None = None
    group: Annotated[str | None, Field(description="The code of the group whose place that is.")] = None


class ForeseenCondition(View):
    """A condition under which a place would be offered."""

    label: str
    until: Day | None = None


class ForeseenPromotion(View):
    """Somebody who would be offered a place, and on what terms."""

    application: str
    name: Annotated[str | None, Field(description="Null while the profile does not say it.")] = None
    file_number: str
    rank: Annotated[int, Field(description="As it was decided.")]
    group: Annotated[GroupView | None, Field(description="On whose list they wait.")] = None
    answer_deadline: Day | None
    conditions: list[ForeseenCondition]


class PassedOverView(View):
    """Somebody who would be passed over, since their account is closed."""

    application: str
    name: Annotated[str | None, Field(description="Null while the profile does not say it.")] = None
    file_number: str
    rank: int


class SimulationView(View):
    """What would come of withdrawals now; nothing of it is done, nor kept."""

    programme: str
    title: str
    capacity: Annotated[int | None, Field(description="Null: any number, or not known.")] = None
    taken: Annotated[int, Field(description="Places that are offered or accepted now.")]
    taken_then: Annotated[int, Field(description="The same once all that would be offered is.")]
    withdrawals: int
    automatic: Annotated[
        bool, Field(description="False: nothing moves by itself, and staff could offer the places in this order.")
    ]
    promotes_until: Annotated[Day | None, Field(description="The last day on which anybody is promoted.")] = None
    promoted: Annotated[list[ForeseenPromotion], Field(description="The one who would be first first.")]
    passed_over: list[PassedOverView]
    left: Annotated[int, Field(description="Of the places that are given up, those that nobody would be offered.")]
    because: Annotated[
        Literal["closed", "over", "full", "nobody"] | None,
        Field(
            description="Why: the programme or its campaign is over or its capacity not known, the last day of the list has "
            "passed, more places than there are were offered, nobody waits any more."
        ),
    ] = None
    holders: Annotated[list[HolderView], Field(description="Who hold a place, the first 200 by the opening.")]
    groups: Annotated[list[GroupView], Field(description="Those of the programme's waiting list, in order.")]


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
