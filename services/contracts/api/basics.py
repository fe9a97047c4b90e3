"""What bodies and views of applications are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.limits import CODE_LENGTH

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Calendar day, inclusive.")]
Instant = Annotated[str, Field(description="RFC 3339, UTC, to the millisecond.")]
Code = Annotated[str, Field(min_length=1, max_length=CODE_LENGTH, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Body(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class View(BaseModel):
    """What a client is shown; members may be added."""

    model_config = ConfigDict(frozen=True)
