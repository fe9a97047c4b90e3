"""The public API of windows of maintenance."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Maintenance(BaseModel):
    """When candidates find the suite closed: now or within seven days; nothing is said where there is no such window."""

    model_config = ConfigDict(frozen=True)

    now: Annotated[bool, Field(description="Whether it is closed now.")]
    begins_at: Annotated[str | None, Field(description="RFC 3339, UTC.")] = None
    ends_at: Annotated[str | None, Field(description="RFC 3339, UTC: it is open again.")] = None
    message: Annotated[str, Field(description="What the institution says of it; empty where it says nothing.")] = ""
