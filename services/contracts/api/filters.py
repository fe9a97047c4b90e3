"""By what staff narrow lists of files, in which order these come, and page by page."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ID_PATTERN
from services.contracts.api.applications import FileStateName
from services.contracts.api.basics import Code
from services.contracts.api.columns import ColumnCodes
from services.contracts.api.condition_views import ConditionStateName
from services.contracts.api.fees import FeeCode
from services.contracts.api.sheets import Tag
from services.contracts.decision_types import CODE
from services.contracts.limits import CODE_LENGTH

Cursor = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z0-9_-]+$")]
"""A place in a list; nothing is to be read out of it."""

EVERY: Final = "*"
"""What stands for every campaign."""

CampaignFilter = Annotated[
    str, Field(min_length=1, max_length=CODE_LENGTH, pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._-]*)$")
]
DecidedFilter = Literal["none", "entered", "favourable", "unfavourable", "ranked_waitlist", "waitlist", "shortlisted"]
LostFilter = Literal["lost"]


class ReviewFilter(BaseModel):
    """Which files, within the reach of who asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Annotated[
        FileStateName | None,
        Field(
            description="Those in this state; without it those that were handed over: no draft, unless `decision` is "
            "`entered`, and none cancelled."
        ),
    ] = None
    campaign: Annotated[
        CampaignFilter | None,
        Field(
            description="Those of this campaign; `*`: of every one. Without it those of the active one, between two those "
            "of the last that began, and of one person (`account`) all.",
        ),
    ] = None
    centre: Annotated[Code | None, Field(description="Those of programmes of this centre.")] = None
    commission: Annotated[Code | None, Field(description="Those that this commission decides on.")] = None
    programme: Annotated[Code | None, Field(description="Those to this programme.")] = None
    account: Annotated[
        str | None, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$", description="Those of this person.")
    ] = None
    waiting: Annotated[
        bool | None, Field(description="Whether pieces of a file that was handed over wait for a verdict.")
    ] = None
    decision: Annotated[
        DecidedFilter | None,
        Field(
            description="Those on which such a decision counts, or none, or one is `entered` and waits to be validated; by "
            "`oldest` or `newest`, and not with a search."
        ),
    ] = None
    answer: Annotated[
        Literal["none", "accept", "withdraw", "left"] | None,
        Field(
            description="Those with a place that is offered, by what its candidate answers; `left`: those who have left a "
            "waiting list, whom `decision` leaves out; as with `decision`."
        ),
    ] = None
    conditions: Annotated[
        ConditionStateName | None,
        Field(
            description="Those with a place under conditions, by how these stand together (one not met, else one open, says "
            "so); as with `decision`."
        ),
    ] = None
    tag: Annotated[Tag | None, Field(description="Those with this tag, whatever its capitals.")] = None
    assignee: Annotated[
        str | None,
        Field(
            pattern=ID_PATTERN,
            description="Those that this member of staff looks after, by account; `me`: oneself; `nobody`: those "
            "that nobody does; `gone`: those of members of staff who have no function any more, of 50 of them at a time; by "
            "`oldest` or `newest`, and not with a search.",
        ),
    ] = None
    regime: Annotated[FeeCode | None, Field(description="Those under this fee regime.")] = None
    exemption: Annotated[FeeCode | None, Field(description="Those that are exempt from fees so.")] = None
    group: Annotated[
        str | None,
        Field(
            pattern=CODE,
            description="Those whose decision that counts names the group of that code of their programme's waiting list.",
        ),
    ] = None
    mail: Annotated[
        LostFilter | None,
        Field(description="`lost`: those of whose decision that counts the mail came back or never left."),
    ] = None
    q: Annotated[
        str | None,
        Field(
            min_length=2,
            max_length=100,
            description="How a family name, a given name, a file number or an e-mail address begins, or words of the "
            "programme's title, whatever the case and accents; eight words at most.",
        ),
    ] = None


class ReviewExport(ReviewFilter):
    """Which files, and in which order, as a list has them."""

    sort: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=20,
            pattern="^[a-z_]+$",
            description="`oldest` (what was handed over first, and waits; the default), `newest`, `name` or `file_number`; "
            "the files of one person by the first two alone. A search has an order of its own, `match`: by the family name, "
            "then the number, the given name, the e-mail address, the title.",
        ),
    ] = None
    columns: Annotated[
        ColumnCodes | None,
        Field(
            description="Which columns, by the codes of `GET /review/columns`, parted by commas: as `cells` of each row of "
            "a list, which without it has none; in a file, which without it has all."
        ),
    ] = None


class ReviewPage(ReviewExport):
    """Which files, in which order, and which page of them."""

    limit: Annotated[int, Field(ge=1, le=200, description="How many at most.")] = 50
    after: Annotated[Cursor | None, Field(description="The `next` of the page before.")] = None
    before: Annotated[
        Cursor | None, Field(description="The `previous` of the page behind; not together with `after`.")
    ] = None
