"""Every way in which applications says no; the texts stand in `services/locale`."""

from __future__ import annotations

from services.contracts import refusals
from services.contracts.refusals import ErrorCode, ErrorKind

FIELD_RULES = (
    "day-past",
    "day-too-far",
    "incident-empty",
    "incident-hours",
    "incident-not-over",
    "incident-too-long",
    "incident-too-old",
    "day-too-early",
    "day-in-future",
    "instant-in-future",
    "before-opening",
    "instant-to-come",
    "not-of-kind",
    "unknown-decision-type",
    "unknown-decision-reason",
    "unknown-regime",
    "unknown-exemption",
    "not-an-amount",
    "unknown-condition",
    "unknown-comment",
    "unknown-group",
    "no-groups",
    "beyond-reach",
    "row-unknown",
    "row-changed",
    "row-repeated",
    "either-count-or-files",
    "holds-no-place",
    "too-many-withdrawals",
    "rank-repeated",
    "not-a-day",
    "day-ambiguous",
    "not-a-number",
    "not-staff",
    "not-convened",
    "has-files",
    "vote-begun",
    "without-vote",
)
"""Rules of single fields beyond their form: the slugs of field errors. The text of each is `applications.<slug>.detail`."""

PROFILE_INCOMPLETE = ErrorCode("profile-incomplete", ErrorKind.CONFLICT)
PROGRAMME_CLOSED = ErrorCode("programme-closed", ErrorKind.CONFLICT)
ALREADY_APPLIED = ErrorCode("already-applied", ErrorKind.CONFLICT)
TOO_MANY_APPLICATIONS = ErrorCode("too-many-applications", ErrorKind.CONFLICT)
TOO_MANY_OPENINGS = ErrorCode("too-many-openings", ErrorKind.THROTTLED)

ACTION_FORBIDDEN = ErrorCode("action-forbidden", ErrorKind.FORBIDDEN)
CAMPAIGN_CLOSED = ErrorCode("campaign-closed", ErrorKind.CONFLICT)
"""Nothing is asked any more of who applied in a campaign that is closed, and nothing decided anew."""
UNKNOWN_SORT = ErrorCode("unknown-sort", ErrorKind.INVALID)
WRONG_STATE = ErrorCode("wrong-state", ErrorKind.CONFLICT)
FILE_FROZEN = ErrorCode("file-frozen", ErrorKind.CONFLICT)
DEADLINE_PASSED = ErrorCode("deadline-passed", ErrorKind.CONFLICT)
NOT_READY = ErrorCode("not-ready", ErrorKind.CONFLICT)
NOT_IN_HANDS = ErrorCode("not-in-hands", ErrorKind.CONFLICT)
NOTHING_MISSING = ErrorCode("nothing-missing", ErrorKind.CONFLICT)
REMINDED_TODAY = ErrorCode("reminded-today", ErrorKind.CONFLICT)
PREMISES_CHANGED = refusals.PREMISES_CHANGED
TOO_MANY_EXPORTS = ErrorCode("too-many-exports", ErrorKind.CONFLICT)
EXPORTS_FULL = ErrorCode("exports-full", ErrorKind.THROTTLED)
BULK_RUNS_FULL = ErrorCode("bulk-runs-full", ErrorKind.THROTTLED)
BULK_GOING_ON = ErrorCode("bulk-going-on", ErrorKind.CONFLICT)
BULK_LASTS = ErrorCode("bulk-lasts", ErrorKind.CONFLICT)
BULK_UNDONE = ErrorCode("bulk-undone", ErrorKind.CONFLICT)
NOTHING_TO_UNDO = ErrorCode("nothing-to-undo", ErrorKind.CONFLICT)
CHANGED_SINCE = ErrorCode("changed-since", ErrorKind.CONFLICT)
NOT_PUT_BACK = ErrorCode("not-put-back", ErrorKind.CONFLICT)
RIGHTS_CHANGED = ErrorCode("rights-changed", ErrorKind.CONFLICT)
TOO_MANY_VIEWS = ErrorCode("too-many-views", ErrorKind.CONFLICT)
NOT_YOUR_VIEW = ErrorCode("not-your-view", ErrorKind.FORBIDDEN)
TOO_MANY_ROWS = ErrorCode("too-many-rows", ErrorKind.CONFLICT)
FILE_UNREADABLE = ErrorCode("file-unreadable", ErrorKind.INTERNAL)
NOT_SUBMITTED = ErrorCode("not-submitted", ErrorKind.CONFLICT)
FILLED_IN_NOT_SUBMITTED = ErrorCode("filled-in-not-submitted", ErrorKind.CONFLICT)
CANDIDATE_ACCOUNT_CLOSED = ErrorCode("candidate-account-closed", ErrorKind.CONFLICT)

PIECE_ALREADY_DEPOSITED = ErrorCode("piece-already-deposited", ErrorKind.CONFLICT)
PIECE_VALIDATED = ErrorCode("piece-validated", ErrorKind.CONFLICT)
MANAGED_BY_REGISTRAR = ErrorCode("managed-by-registrar", ErrorKind.FORBIDDEN)
PIECE_NOT_APPLICABLE = ErrorCode("piece-not-applicable", ErrorKind.CONFLICT)
PIECE_NOT_ASKED = ErrorCode("piece-not-asked", ErrorKind.CONFLICT)
PIECE_WITHOUT_DOCUMENT = ErrorCode("piece-without-document", ErrorKind.CONFLICT)
DOCUMENT_CHANGED = ErrorCode("document-changed", ErrorKind.CONFLICT)
PIECE_NOT_CONDITIONAL = ErrorCode("piece-not-conditional", ErrorKind.CONFLICT)
NOTHING_TO_REUSE = ErrorCode("nothing-to-reuse", ErrorKind.CONFLICT)

INVALID_RECEIPT = ErrorCode("invalid-receipt", ErrorKind.INVALID)
RECEIPT_EXPIRED = ErrorCode("receipt-expired", ErrorKind.INVALID)
TOO_LARGE_FOR_PIECE = ErrorCode("too-large-for-piece", ErrorKind.INVALID)
TYPE_NOT_ALLOWED = ErrorCode("type-not-allowed", ErrorKind.INVALID)

NO_DECISION = ErrorCode("no-decision", ErrorKind.CONFLICT)
DECISION_CHANGED = ErrorCode("decision-changed", ErrorKind.CONFLICT)
DECISION_STANDS = ErrorCode("decision-stands", ErrorKind.CONFLICT)
CONDITION_PAST = ErrorCode("condition-past", ErrorKind.CONFLICT)
RECUSED = ErrorCode("recused", ErrorKind.FORBIDDEN)
OWN_RECUSAL = ErrorCode("own-recusal", ErrorKind.FORBIDDEN)
NO_VOTE = ErrorCode("no-vote", ErrorKind.CONFLICT)
NO_VOTER = ErrorCode("no-voter", ErrorKind.FORBIDDEN)
NOT_PRESENT = ErrorCode("not-present", ErrorKind.FORBIDDEN)
VOTE_CLOSED = ErrorCode("vote-closed", ErrorKind.CONFLICT)
VOTES_OPEN = ErrorCode("votes-open", ErrorKind.CONFLICT)
FILE_NOT_READY = ErrorCode("file-not-ready", ErrorKind.CONFLICT)
TOO_MANY_FILES = ErrorCode("too-many-files", ErrorKind.CONFLICT)
SECOND_PERSON = ErrorCode("second-person", ErrorKind.FORBIDDEN)
NO_PLACE = ErrorCode("no-place", ErrorKind.CONFLICT)
ANSWER_DAY_OVER = ErrorCode("answer-day-over", ErrorKind.CONFLICT)
RANK_TAKEN = ErrorCode("rank-taken", ErrorKind.CONFLICT)
NOT_WAITING = ErrorCode("not-waiting", ErrorKind.CONFLICT)
LEFT_WAITLIST = ErrorCode("left-waitlist", ErrorKind.CONFLICT)
GROUP_UNFIT = ErrorCode("group-unfit", ErrorKind.CONFLICT)
NO_FREE_PLACE = ErrorCode("no-free-place", ErrorKind.CONFLICT)
NOBODY_WAITS = ErrorCode("nobody-waits", ErrorKind.CONFLICT)
NEXT_CHANGED = ErrorCode("next-changed", ErrorKind.CONFLICT)
LIST_CLOSED = ErrorCode("list-closed", ErrorKind.CONFLICT)
PROMOTIONS_OVER = ErrorCode("promotions-over", ErrorKind.CONFLICT)
NOTHING_REFUSED = ErrorCode("nothing-refused", ErrorKind.CONFLICT)
CODE_HANDED_OVER = ErrorCode("code-handed-over", ErrorKind.CONFLICT)
CODE_TAKEN = ErrorCode("code-taken", ErrorKind.CONFLICT)
NOT_TOLD_YET = ErrorCode("not-told-yet", ErrorKind.CONFLICT)
ANSWER_LATE = ErrorCode("answer-late", ErrorKind.CONFLICT)

TABLE_TOO_LARGE = ErrorCode("table-too-large", ErrorKind.TOO_LARGE)
TABLE_UNREADABLE = ErrorCode("table-unreadable", ErrorKind.INVALID)
TABLE_HAS_SHEETS = ErrorCode("table-has-sheets", ErrorKind.INVALID)
TABLE_LACKS_COLUMNS = ErrorCode("table-lacks-columns", ErrorKind.INVALID)

INCIDENT_JUDGED = ErrorCode("incident-judged", ErrorKind.CONFLICT)
INCIDENT_CHANGED = ErrorCode("incident-changed", ErrorKind.CONFLICT)
TOO_MANY_INCIDENTS = ErrorCode("too-many-incidents", ErrorKind.CONFLICT)

TOO_MANY_NOTES = ErrorCode("too-many-notes", ErrorKind.CONFLICT)
