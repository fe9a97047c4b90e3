"""What has happened to a form after it was filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FormChanged:
    """Its answers are others than were submitted, or were so and are no more; or they were `deleted` at its server."""

    form: str
    what: Literal["answers", "deleted"]
