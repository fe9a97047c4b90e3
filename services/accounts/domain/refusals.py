"""Why accounts says no; the texts stand in `services/accounts/refusals.toml`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import Kind, Slug

NO_ACTIVE_CAMPAIGN: Final = Slug("no-active-campaign", Kind.CONFLICT)
LINK_EXPIRED: Final = Slug("link-expired", Kind.GONE)
LINK_USED: Final = Slug("link-used", Kind.CONFLICT)
ALREADY_VALIDATED: Final = Slug("already-validated", Kind.CONFLICT)
BAD_CREDENTIALS: Final = Slug("bad-credentials", Kind.UNAUTHENTICATED)
ACCOUNT_NOT_VALIDATED: Final = Slug("account-not-validated", Kind.FORBIDDEN)
CAMPAIGN_OVER: Final = Slug("campaign-over", Kind.FORBIDDEN)
TOO_MANY_ATTEMPTS: Final = Slug("too-many-attempts", Kind.THROTTLED)
TOO_MANY_REQUESTS: Final = Slug("too-many-requests", Kind.THROTTLED)
SESSION_ENDED: Final = Slug("session-ended", Kind.UNAUTHENTICATED)
STEP_NOT_GIVEN: Final = Slug("step-not-given", Kind.NOT_FOUND)

FIELD_RULES: Final = (
    "not-an-email",
    "confirmation-differs",
    "too-common",
    "too-personal",
    "not-a-name",
    "one-name-only",
    "not-a-country",
    "not-a-phone-number",
    "not-a-student-number",
    "student-number-required",
    "student-number-key",
    "french-postcode",
    "birth-date-out-of-range",
    "year-out-of-range",
    "not-expected",
)
"""Rules of single fields beside those of every service."""
