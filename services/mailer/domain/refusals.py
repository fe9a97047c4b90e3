"""What the mailer refuses."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import Kind, Slug

WRONG_STATE: Final = Slug("delivery-wrong-state", Kind.CONFLICT)
