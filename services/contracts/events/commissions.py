"""What a board has said of its letters and of what it is told by mail: for the services that act by it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.events.catalogue import Audience, Event, Part
from services.contracts.events.offers import TextPart

AlertName = Literal["opened", "cancelled", "submitted", "withdrawn", "promoted"]
"""What a board can be told of: a file that staff opened for somebody, a draft given up, a file handed over, a place given
up, and a place offered to who waited for it."""


class LettersPart(Part):
    """Which letters there are, and who signs them: a name, a function, and a picture by the name that documents gave it."""

    kinds: Annotated[list[Literal["admission", "rejection"]], Field(examples=[["admission", "rejection"]])]
    signatory: str | None = None
    function: str | None = None
    signature: str | None = None


class AlertsPart(Part):
    """Of what a board is told, where, and in which language; without an address of nothing."""

    on: Annotated[list[AlertName], Field(examples=[["submitted"]])]
    email: Annotated[str | None, Field(examples=["jury-mer@universite.example"])] = None
    language: Literal["fr", "en"] = "fr"


class CommissionChanged(Event, type="offers.commission.changed.v1", key="part", audience=Audience.INTERNAL):
    """A board's name, letters or alerts are others now; carries all of them, because others copy them.

    `part` is what it is among what programmes name. One never heard of gives every letter and is told nothing.
    """

    part: Annotated[str, Field(examples=["commission:JURY-MER"])]
    commission: Annotated[str, Field(examples=["JURY-MER"])]
    version: int
    label: Annotated[TextPart, Field(examples=[{"fr": "Jury du master"}])]
    letters: LettersPart
    alerts: AlertsPart
