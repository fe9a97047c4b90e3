"""The lists that the forms of accounts offer."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.contracts.api.accounts import View

ListName = Literal[
    "countries", "birth-countries", "nationalities", "baccalaureate-series", "baccalaureate-honours", "communes"
]


_NAMES: Final[TypeAdapter[ListName]] = TypeAdapter(ListName)


def list_name(text: str) -> ListName:
    """The list of that name; raises ValidationError."""
    return _NAMES.validate_python(text)


class ReferencePath(BaseModel):
    """Which list."""

    list: ListName


class ReferenceQuery(BaseModel):
    """What narrows a list; others do not heed it. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    year: Annotated[int | None, Field(ge=1900, le=2999, description="Series that were passed in this year.")] = None
    postcode: Annotated[
        str | None,
        Field(pattern=r"^[0-9]{5}$", description="Communes of this French postcode; without one there are none."),
    ] = None


class ReferenceItem(View):
    """A choice: what is sent, and what people read."""

    code: str
    label: str
    first_year: Annotated[int | None, Field(description="Of a series: when it was first passed.")] = None
    last_year: Annotated[int | None, Field(description="Of a series: when it was last passed.")] = None


class ReferenceList(View):
    """All choices in the order in which they are offered; no communes where the postcode is not known."""

    items: list[ReferenceItem]
    next: None = None
