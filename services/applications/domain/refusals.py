"""Every way in which applications says no; the texts stand in `services/applications/refusals.toml`."""

from __future__ import annotations

from services.contracts.refusals import Kind, Slug

PROFILE_INCOMPLETE = Slug("profile-incomplete", Kind.CONFLICT)
PROGRAMME_CLOSED = Slug("programme-closed", Kind.CONFLICT)
ALREADY_APPLIED = Slug("already-applied", Kind.CONFLICT)
TOO_MANY_APPLICATIONS = Slug("too-many-applications", Kind.CONFLICT)
TOO_MANY_OPENINGS = Slug("too-many-openings", Kind.THROTTLED)

ACTION_FORBIDDEN = Slug("action-forbidden", Kind.FORBIDDEN)
WRONG_STATE = Slug("wrong-state", Kind.CONFLICT)
FILE_FROZEN = Slug("file-frozen", Kind.CONFLICT)
DEADLINE_PASSED = Slug("deadline-passed", Kind.CONFLICT)
NOT_READY = Slug("not-ready", Kind.CONFLICT)
NOT_SUBMITTED = Slug("not-submitted", Kind.CONFLICT)

PIECE_ALREADY_DEPOSITED = Slug("piece-already-deposited", Kind.CONFLICT)
PIECE_VALIDATED = Slug("piece-validated", Kind.CONFLICT)
PIECE_NOT_APPLICABLE = Slug("piece-not-applicable", Kind.CONFLICT)
PIECE_WITHOUT_DOCUMENT = Slug("piece-without-document", Kind.CONFLICT)
PIECE_NOT_CONDITIONAL = Slug("piece-not-conditional", Kind.CONFLICT)
NOTHING_TO_REUSE = Slug("nothing-to-reuse", Kind.CONFLICT)

INVALID_RECEIPT = Slug("invalid-receipt", Kind.INVALID)
RECEIPT_EXPIRED = Slug("receipt-expired", Kind.INVALID)
TOO_LARGE_FOR_PIECE = Slug("too-large-for-piece", Kind.INVALID)
TYPE_NOT_ALLOWED = Slug("type-not-allowed", Kind.INVALID)
