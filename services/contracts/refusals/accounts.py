"""Why accounts says no; the texts stand in `services/locale`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import ErrorCode, ErrorKind

NO_ACTIVE_CAMPAIGN: Final = ErrorCode("no-active-campaign", ErrorKind.CONFLICT)
LINK_EXPIRED: Final = ErrorCode("link-expired", ErrorKind.GONE)
LINK_USED: Final = ErrorCode("link-used", ErrorKind.CONFLICT)
ALREADY_VALIDATED: Final = ErrorCode("already-validated", ErrorKind.CONFLICT)
BAD_CREDENTIALS: Final = ErrorCode("bad-credentials", ErrorKind.UNAUTHENTICATED)
ACCOUNT_NOT_VALIDATED: Final = ErrorCode("account-not-validated", ErrorKind.FORBIDDEN)
RIGHT_OF_EVERYTHING: Final = ErrorCode("right-of-everything", ErrorKind.FORBIDDEN)
ACCOUNT_CLOSED: Final = ErrorCode("account-closed", ErrorKind.FORBIDDEN)
DOUBT_DECIDED: Final = ErrorCode("doubt-decided", ErrorKind.CONFLICT)
KEPT_ACCOUNT_CLOSED: Final = ErrorCode("kept-account-closed", ErrorKind.CONFLICT)
CAMPAIGN_OVER: Final = ErrorCode("campaign-over", ErrorKind.FORBIDDEN)
TOO_MANY_ATTEMPTS: Final = ErrorCode("too-many-attempts", ErrorKind.THROTTLED)
TOO_MANY_REQUESTS: Final = ErrorCode("too-many-requests", ErrorKind.THROTTLED)
LOGIN_TOO_OLD: Final = ErrorCode("login-too-old", ErrorKind.FORBIDDEN)
SECOND_FACTOR_REQUIRED: Final = ErrorCode("second-factor-required", ErrorKind.UNAUTHENTICATED)
CODE_WRONG: Final = ErrorCode("code-wrong", ErrorKind.UNAUTHENTICATED)
TOO_MANY_CODES: Final = ErrorCode("too-many-codes", ErrorKind.THROTTLED)
CHALLENGE_OVER: Final = ErrorCode("challenge-over", ErrorKind.UNAUTHENTICATED)
ENROLMENT_OVER: Final = ErrorCode("enrolment-over", ErrorKind.CONFLICT)
SESSION_ENDED: Final = ErrorCode("session-ended", ErrorKind.UNAUTHENTICATED)
ACCOUNT_ERASED: Final = ErrorCode("account-erased", ErrorKind.GONE)
ENT_NOT_OFFERED: Final = ErrorCode("ent-not-offered", ErrorKind.NOT_FOUND)
ENT_UNAVAILABLE: Final = ErrorCode("ent-unavailable", ErrorKind.UNAVAILABLE)
ENT_STATE_INVALID: Final = ErrorCode("ent-state-invalid", ErrorKind.UNAUTHENTICATED)
ENT_TICKET_INVALID: Final = ErrorCode("ent-ticket-invalid", ErrorKind.UNAUTHENTICATED)
ENT_ANSWER_INVALID: Final = ErrorCode("ent-answer-invalid", ErrorKind.UNAUTHENTICATED)
ENT_ANSWER_EXPIRED: Final = ErrorCode("ent-answer-expired", ErrorKind.UNAUTHENTICATED)
ENT_NOTICE_INVALID: Final = ErrorCode("ent-notice-invalid", ErrorKind.UNAUTHENTICATED)
ENT_REGISTRATION_OVER: Final = ErrorCode("ent-registration-over", ErrorKind.GONE)
ENT_SESSION_NEEDED: Final = ErrorCode("ent-session-needed", ErrorKind.FORBIDDEN)
ENT_IDENTITY_TAKEN: Final = ErrorCode("ent-identity-taken", ErrorKind.CONFLICT)
TOO_MANY_ROWS: Final = ErrorCode("too-many-rows", ErrorKind.CONFLICT)
MANAGED_BY_REGISTRAR: Final = ErrorCode("managed-by-registrar", ErrorKind.FORBIDDEN)
RECORDS_NOT_OFFERED: Final = ErrorCode("records-not-offered", ErrorKind.NOT_FOUND)
TOO_MANY_RECORD_REQUESTS: Final = ErrorCode("too-many-record-requests", ErrorKind.THROTTLED)
STEP_NOT_GIVEN: Final = ErrorCode("step-not-given", ErrorKind.NOT_FOUND)
OWN_SECOND_FACTOR: Final = ErrorCode("own-second-factor", ErrorKind.CONFLICT)
PERSON_OF_STAFF: Final = ErrorCode("person-of-staff", ErrorKind.FORBIDDEN)
PERSON_WRONG_STATE: Final = ErrorCode("person-wrong-state", ErrorKind.CONFLICT)
HELPED_LATELY: Final = ErrorCode("helped-lately", ErrorKind.THROTTLED)
BY_ENT_ALONE: Final = ErrorCode("by-ent-alone", ErrorKind.CONFLICT)
OWN_ADMINISTRATION: Final = ErrorCode("own-administration", ErrorKind.CONFLICT)

FIELD_RULES: Final = (
    "not-an-email",
    "confirmation-differs",
    "email-unchanged",
    "wrong-password",
    "wrong-code",
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
    "city-elsewhere",
    "birth-date-out-of-range",
    "year-out-of-range",
    "not-expected",
    "not-certified",
    "not-this-person",
    "day-is-past",
    "before-its-beginning",
    "given-twice",
)
"""Rules of single fields beside those of every service."""
