"""The calls of offers that only staff may make."""

from __future__ import annotations

from typing import Final

STAFFED: Final = {
    "parameters": ("GET", "PUT"),
    "parameters/revisions": ("GET",),
    "deadlines": ("GET", "POST"),
    "campaigns": ("POST",),
    "campaigns/plans": ("GET",),
    "campaigns/{campaign}/activate": ("POST",),
    "campaigns/{campaign}/close": ("POST",),
    "campaigns/{campaign}/rollover": ("POST",),
    "imports": ("POST",),
    "imports/template": ("GET",),
    "catalogue": ("GET",),
    "catalogue/{code}": ("GET",),
    "choices": ("GET",),
    "programmes/{code}": ("PUT",),
    "centres": ("GET",),
    "centres/{code}": ("GET", "PUT"),
    "commissions": ("GET",),
    "commissions/{code}": ("GET", "PUT"),
    "requirements": ("GET",),
    "requirements/{code}": ("GET", "PUT"),
    "maintenance": ("PUT",),
    "messages/{message}": ("GET", "PUT"),
}
"""What only staff may call."""
WRITTEN_OVER: Final = tuple(
    f"PUT /api/offers/{path}/{{code}}" for path in ("programmes", "centres", "commissions", "requirements")
)
"""What is written by its code."""
