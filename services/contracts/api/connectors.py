"""What a service depends on beside itself, as the process that answers meets it; for administrators (ADR 4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.contracts.api.basics import Instant, View

ConnectorName = Literal[
    "store", "broker", "objects", "mail", "bounces", "scanner", "ent", "sis", "forms", "pre-enrolment"
]
"""`sis` are the student records that are asked, `pre-enrolment` those that people are handed over to."""


class ConnectorPath(BaseModel):
    """Which one."""

    connector: Annotated[str, Field(pattern=r"^[a-z-]{1,20}$", description="Its name.")]


class ConnectorView(View):
    """How one fares: never an address, a secret or anybody's data."""

    name: ConnectorName
    state: Annotated[
        Literal["up", "down", "unknown", "off"],
        Field(description="`unknown`: nothing was asked of it since the process began; `off`: it is not connected."),
    ]
    worked_at: Annotated[Instant | None, Field(description="When it last did what it was asked.")] = None
    failed_at: Annotated[Instant | None, Field(description="When it last did not.")] = None
    error: Annotated[str | None, Field(description="The type of its last failure.", examples=["MailTemporary"])] = None


class Connectors(View):
    """Those of one service."""

    items: list[ConnectorView]


class ConnectorTested(View):
    """What came of asking it something harmless just now."""

    works: bool
    ms: Annotated[int, Field(ge=0, description="How long that took.")]
    connector: ConnectorView
