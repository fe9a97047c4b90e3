"""What the registrar holds, as views of applications show it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import View
from services.contracts.api.deposited import DocumentView


class HeldView(View):
    """What the registrar holds for a piece, which so is validated and stays; a document beside it does not count."""

    label: str
    on: Annotated[date | None, Field(description="Of which day it is.")] = None
    expires_on: Annotated[date | None, Field(description="The last day on which it counts.")] = None
    document: Annotated[
        DocumentView | None,
        Field(description="What it is, once the registrar has given it; not for everything they do."),
    ] = None
