"""What staff say of somebody's fees, and the lists that they choose from; no candidate is shown any of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import Body, View

Amount = Annotated[
    str,
    Field(
        max_length=100,
        json_schema_extra={"pattern": r"^(0|[1-9][0-9]{0,4})\.[0-9]{2}$"},
        description="In euros with exactly two decimals, 99999.99 at most; another is refused as `not-an-amount`.",
        examples=["150.00"],
    ),
]
FeeCode = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z._-]+$")]

# --- asked ------------------------------------------------------------------------------------------------------


class FeesGiven(Body):
    """What is said of the fees; what is left out stays as it is, what is null is taken away."""

    regime: Annotated[FeeCode | None, Field(description="Code of a regime.", examples=["FI"])] = None
    exemption: Annotated[FeeCode | None, Field(description="Code of an exemption.", examples=["BOURSE"])] = None
    amount: Amount | None = None


class FeesBody(FeesGiven):
    """The same of one file."""

    fees_version: Annotated[
        int, Field(ge=0, le=2**53, description="That of the file which was read: refused if it has another one now.")
    ]


# --- shown ------------------------------------------------------------------------------------------------------


class FeeItemView(View):
    """A regime or an exemption, as it is called."""

    code: str
    label: str


class FeeListsView(View):
    """What can be chosen, in the institution's order."""

    regimes: list[FeeItemView]
    exemptions: list[FeeItemView]


class FeesView(View):
    """What staff have said of somebody's fees; each keeps what it was called when it was set."""

    regime: FeeItemView | None = None
    exemption: FeeItemView | None = None
    amount: Annotated[str | None, Field(description="In euros with exactly two decimals.", examples=["150.00"])] = None
