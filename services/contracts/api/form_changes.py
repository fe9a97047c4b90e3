"""What has become of a form since it was filled in, as its candidate and staff see it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import Instant

ChangedAt = Annotated[
    Instant | None,
    Field(description="When its server told of other answers than those that were submitted, after the submission."),
]
GoneAt = Annotated[
    Instant | None,
    Field(description="When its server was found to have the answers no more; what was received is kept."),
]
