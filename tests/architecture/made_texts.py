"""Texts whose keys are put together at run time, so that no reading of the code finds them."""

from typing import get_args

from services import SERVICES
from services.accounts.domain.countries import BIRTH_COUNTRIES, CODES, NATIONALITIES
from services.accounts.usecases.reference import HONOURS
from services.applications.domain.asked import AnswerState
from services.applications.domain.bulk import CONDITIONAL, DECISION_MAILS, FIRST_RECEIPT, MAILS
from services.applications.domain.condition_states import ConditionState
from services.applications.domain.meeting_states import MeetingState
from services.applications.domain.opening import REQUIRED_STEPS, Scope
from services.applications.domain.places import Hindrance
from services.applications.domain.pre_enrolment_states import PreEnrolmentState
from services.applications.domain.reminded import ReminderKind
from services.applications.domain.states import DecisionKind, FileState, PieceState, PlaceState
from services.applications.domain.voting import Choice, Unclear
from services.chassis.texts.warning_words import OF_PICTURES
from services.contracts.actors import Role
from services.contracts.api.accounts import HelpName
from services.contracts.api.columns import COLUMNS
from services.contracts.api.deliberation import TABLE_COLUMNS
from services.contracts.api.documents import MediaType, PartType
from services.contracts.api.doubts import SameName, VerdictName
from services.contracts.languages import LANGUAGES
from services.contracts.parameters import RULES
from services.contracts.undoing import WhyNot
from services.contracts.work import WorkState
from services.documents.domain.hand_overs import OWN_REASONS, HandedState
from services.documents.usecases.inspection.findings import Notice
from services.documents.usecases.letter_texts import Level
from services.portal.pages.cataloguing import campaigns, deadlines, rollover
from services.portal.pages.cataloguing.listing import STATES
from services.portal.pages.cataloguing.parameters import CHOICES, SECTIONS
from services.portal.pages.cataloguing.part_fields import CHOSEN, FAMILIES, FLAGS, OWN_TEXTS
from services.portal.pages.cataloguing.programme_fields import FIELDS, GROUPS, RADIOS
from services.portal.pages.mailing import deliveries
from services.portal.pages.profile_fields import DATE_PARTS, RECORD, REQUIRED, WITH_ROWS
from services.portal.pages.registrar import TOLD
from services.portal.pages.reviewing import hand_overs, pre_enrolments, statistics
from services.portal.pages.reviewing.behalf import KINDS as OPENED
from services.portal.pages.reviewing.bulk import ACTIONS
from services.portal.pages.reviewing.narrowing import ASKED, ASSIGNEES
from services.portal.pages.reviewing.showing import EXAMINED
from services.portal.pages.reviewing.trail import ACTIONS as TRAIL
from services.portal.pages.staffing import connectors
from services.portal.pages.supporting.people import ACTS
from services.portal.rendering import EXPLAINED
from tests.architecture import bundle_texts

MEDIA_TYPES = ("application/pdf", "image/jpeg", "image/png")
WORDS = {
    "accounts": (*(BIRTH_COUNTRIES - CODES), *(NATIONALITIES - CODES), *HONOURS),
    "applications": (
        *(state.value for states in (FileState, PieceState, AnswerState, DecisionKind, PlaceState) for state in states),
        *(f"pre_enrolment_{state}" for state in PreEnrolmentState),
        *(f"condition_{state}" for state in ConditionState),
        *(f"meeting_{state}" for state in MeetingState),
        *(f"{work}_{state}" for work in ("export", "bulk_run") for state in WorkState),
        *(scope.value for scope in Scope),
        *("withdrawn", "other-campaign", "campaign-over", "not-offered", "not-yet-open", "closed"),
        *REQUIRED_STEPS,
        *MEDIA_TYPES,
        *("pending", "submission_deadline"),
    ),
    "documents": (*get_args(MediaType), *get_args(PartType)),
    "offers": (
        *("starts_on", "opens_on", "closes_on", "submission_deadline"),
        *("review_on", "jury_on", "publication_on", "answer_deadline"),
    ),
}
_NONE = ("span", "number-prefix", "decision-type", "decision-reason", "condition", "fee-item", "piece-comment")
OF_PARAMETERS = (*(f"not-a-{what}" for what in _NONE), "labels-alike", "reason-lacking")
"""What a parameter can be refused for, and nothing else."""
MADE = {
    "chassis": ("held.label", "held.on", "held.until"),
    "portal": (
        *(f"{kind}.{part}" for kind in ("validation", "reset") for part in ("title", "lead", "button")),
        *(f"{kind}-used.{part}" for kind in ("validation", "reset") for part in ("title", "body")),
        *(f"{why}.{part}" for why in ("expired", "new-link") for part in ("validation", "reset")),
        *(f"new-link.title_{kind}" for kind in ("validation", "reset")),
        *(f"refused.{status}" for status in EXPLAINED),
        *(f"development-ent.{kind}" for kind in ("student", "staff")),
        *(f"{table}.{service}" for table in ("services", "about") for service in SERVICES),
        *(f"people.help.{act}" for act in get_args(HelpName)),
        *(f"people.{part}.{act}" for act in ACTS for part in ("act", "means")),
        *(f"doubts.same.{name}" for name in get_args(SameName)),
        *(f"doubts.verdict.{name}" for name in get_args(VerdictName)),
        *(f"people.{column}" for column in ("person", "number", "email", "state", "pending", "validated", "nameless")),
        *(f"people.enters_{way}" for way in ("not", "both", "ent", "password")),
        *(f"formation.{day}" for day in ("review_on", "jury_on", "publication_on", "answer", "waitlist_answer")),
        *(f"formation.{asked}" for asked in ("forms", "questions")),
        *(f"profile.step.{step}" for step in ("internal_record", *(each.name for each in (*REQUIRED, *WITH_ROWS)))),
        *(f"profile.lead.{step.name}" for step in REQUIRED),
        *(f"profile.state.{state}" for state in ("given", "missing", "lacking")),
        *(f"profile.date_{part}" for part in DATE_PARTS),
        *(f"profile.conflict.{version}" for version in ("typed", "kept")),
        *(f"profile.rows.{heading}" for heading in ("new", "edit")),
        "profile.remark.national_student_number",
        *(f"profile.internal.{told}" for told in TOLD),
        *(f"last_year.state.{state}" for state in ("given", "registrar", "outdated")),
        *(f"profile.registrar.{said}" for said in ("waiting", "found", "not-found", "unavailable")),
        *("profile.registrar.lead", "profile.registrar.lead_again", "profile.certify", "profile.certify_ent"),
        *(f"review.{each}" for each in ("name", "file_number", "programme", "submitted_at", "deadline")),
        *("review.state", "review.waits", "review.attente_oui", "review.attente_non"),
        *(
            f"review.{name}"
            for name in ("centre", "commission", "formation", "regime", "exemption", "amount", "groupe")
        ),
        *(f"review.tag.{name}" for name in ASKED),
        *(f"review.suivi_{name}" for name in ASSIGNEES),
        *(f"review.verdict.{verdict}" for verdict in ("validated", "refused", "none")),
        *(f"review.state.{state}{part}" for state in EXAMINED for part in ("", "_hint")),
        *(f"review.opening.{kind}{part}" for kind in OPENED for part in ("", "_hint")),
        *(f"review.opening.{fault}" for fault in ("unknown", "missing", "no_programme", "too_many")),
        *("review.opening.choose", "review.opening.choose_programme", "review.judged_by"),
        *(f"letters.{each}" for each in ("admission", "rejection", "fr", "en")),
        *(f"letters.level.{level}" for level in get_args(Level)),
        *(f"letters.counts.all_{level}" for level in get_args(Level) if level != "centre"),
        *(f"letters.counts.centre_{level}" for level in get_args(Level)),
        *("application.letter_admission", "application.letter_rejection", "review.by_candidate", "review.by_service"),
        *(f"review.action.{action}" for action in TRAIL),
        *(f"votes.{choice}" for choice in Choice),
        *(f"votes.unclear_{why}" for why in Unclear),
        *(f"review.bulk.{each}" for each in (*ACTIONS, "choose_files", "choose_action")),
        *(f"review.bulk.about.{each}" for each in ReminderKind),
        *(f"review.bulk.in.{each}" for each in LANGUAGES),
        *(f"bulk.left.{each}" for each in ("waiting", "failed")),
        *(f"bulk.lasts.{each}" for each in get_args(WhyNot)),
        *(
            f"{page}.{when}.{result}"
            for page in ("review.bulk", "deliberation", "retries")
            for when in ("will_be", "was")
            for result in ("changed", "unchanged", "refused")
        ),
        *(f"campaigns.state.{state}" for state in campaigns.STATES),
        *(f"campaigns.act.{act}" for act in (*campaigns.ACTS, "reconduction")),
        *(f"campaigns.column.{column}" for column in ("campaign", "state", "starts_on", "ends_on", "acts")),
        *(f"rollover.{when}.{result}" for when in ("will_be", "was") for result in rollover.RESULTS),
        *(f"rollover.shift.{shift}{part}" for shift in rollover.SHIFTS for part in ("", "_hint")),
        *(f"rollover.weekday.{day}" for day in (5, 6)),
        *(f"deadlines.scope.{scope}" for scope in deadlines.SCOPES),
        *(f"deadlines.missing_{scope}" for scope in deadlines.SCOPES[1:]),
        *(f"deadlines.column.{column}" for column in ("whom", "day", "moved_on", "reason")),
        *(f"import.{wrong}" for wrong in ("missing", "too_large", "cut", "campaign")),
        *(f"import.{when}.{kind}" for when in ("will_be", "was") for kind in ("created", "updated")),
        *(f"deliberation.{wrong}" for wrong in ("missing", "too_large", "cut")),
        *(f"review.mail.{kind}" for kind in (*MAILS.values(), FIRST_RECEIPT, *DECISION_MAILS.values(), CONDITIONAL)),
        *(f"waiting.{said}" for said in ("answered", "unanswered", "unanswered_until", "unanswered_many")),
        *(f"waiting.{said}{where}" for said in ("next", "many", "before") for where in ("", "_in")),
        *(f"places.holder_{state}" for state in ("accepted", "offered", "offered_until")),
        *(f"places.left_{why}" for why in Hindrance),
        *(f"review.condition_state.{state}{part}" for state in ConditionState for part in ("", "_hint")),
        *(f"review.{said}_{state}" for said in ("conditions", "conditions_are") for state in ConditionState),
        *("review-bulk.title", "review-bulk.body", "review-view.title", "review-view.body"),
        *(*bundle_texts.PORTAL, *(f"exports.{format}" for format in ("xlsx", "csv"))),
        *(f"review.views.with_{kind}" for kind in ("centre", "commission")),
        *(f"parameters.{each}" for each in (*RULES, "by_you", "by_staff", "by_operator")),
        *(f"parameters.{key}.{word}" for key, words in CHOICES.items() for word in words),
        *(f"parameters.section.{section}" for section in SECTIONS),
        *("route.controlled", "route.direct"),
        *(f"catalogue.state.{state}" for state in STATES),
        *(
            f"catalogue.column.{column}"
            for column in ("programme", "centre", "diploma", "state", "opens_on", "deadline")
        ),
        *(f"catalogue.group.{group}" for group in GROUPS),
        *(f"parts.{family.kind}.{part}" for family in FAMILIES for part in ("title", "add", "lead")),
        *(f"parts.group.{group}" for family in FAMILIES for group in family.groups),
        *(f"parts.field.{text}" for text in ("label_fr", "label_en", *OWN_TEXTS)),
        *(f"parts.is.{flag}" for flag in FLAGS),
        *(f"parts.{name.replace('.', '_')}.{each}" for name, known in CHOSEN.items() for each in known),
        "parts.keep_signature",
        *(f"catalogue.field.{text}" for field in FIELDS for text in field.texts),
        *(f"catalogue.field.{name}.{value}" for name, values in RADIOS.items() for value in values),
        *("review.judged", "review.judged_by_you"),
        *("review.decide", "review.decide_again", "answer.open", "answer.change"),
        *(f"answer.{answer}{part}" for answer in ("accept", "withdraw") for part in ("", "_hint")),
        *(f"answer.given_{answer}" for answer in ("accept", "withdraw", "left")),
        *(f"pre_enrolment.{state}" for state in PreEnrolmentState),
        *(f"retries.pile.{pile}" for pile in pre_enrolments.PILES.names),
        *(f"hand_overs.pile.{pile}" for pile in hand_overs.PILES.names),
        *(f"retries.outcome.{outcome}" for outcome in pre_enrolments.OUTCOMES),
        *(f"retries.what.{what}" for what in pre_enrolments.WHATS),
        *(f"todo.{said}" for said in ("accept", "withdraw", *DecisionKind) if said != DecisionKind.FAVOURABLE),
        *("todo.left_waitlist", "todo.answer_late"),
        *(
            f"parameters.{hint}"
            for hint in (
                "per_centre",
                "codes",
                "spans",
                "types",
                "reasons",
                "conditions",
                "fee_items",
                "piece_comments",
            )
        ),
        *(f"deliveries.{state}" for state in deliveries.STATES),
        *(f"deliveries.reason.{reason}" for reason in deliveries.REASONS),
        *(f"deliveries.return.{result}" for result in ("hard", "soft", "delayed")),
        *(f"review.unreached.{why}" for why in ("hard", "soft", "never_left", "held", "not_held")),
        *(f"deliveries.column.{column}" for column in ("subject", "person", "state", "created_at")),
        *("deliveries.no_subject", "deliveries.no_number"),
        *(f"statistics.{column}" for column in (*statistics.COLUMNS, *statistics.FURTHER)),
        *(f"connectors.{column}" for column in ("what", "state", "worked_at", "failed_at")),
        *(f"connectors.is.{state}" for state in connectors.COLOURS),
        *(f"connectors.name.{name}" for name in connectors.NAMES),
        *(f"connectors.service.{service}" for service in SERVICES),
        *(f"staffing.role.{role}{part}" for role in Role for part in ("", "_hint")),
        *(f"staffing.{column}" for column in ("email", "login", "rights", "state")),
        *(f"staffing.{said}" for said in ("everywhere", "reach_centres", "reach_commissions", "from", "until")),
        *(f"staffing.{said}" for said in ("given_before", "machine", "giver_gone", "active")),
        *(
            f"profile.{text}"
            for step in (*REQUIRED, *WITH_ROWS, RECORD)
            for field in step.fields
            for text in field.texts
        ),
    ),
    "applications": (
        *(f"export.{column}" for column in (*COLUMNS, "yes", "no", "left")),
        *(f"table.{column}" for column in TABLE_COLUMNS),
        *(f"export.failed.{reason}" for reason in ("too-many-rows", "too-large", "beyond-reach", "rights", "broken")),
        *(f"bulk-run.failed.{reason}" for reason in ("rights", "gone", "broken")),
    ),
    "documents": (
        *bundle_texts.DOCUMENTS,
        *(f"hand_over.{state}" for state in HandedState),
        *(f"hand_over.reason.{reason}" for reason in OWN_REASONS),
        *(f"warning.{notice.value}" for notice in Notice),
        *(f"warning.{slug}.picture" for slug in OF_PICTURES),
    ),
    "offers": (
        *(f"{slug}.{part}" for slug in OF_PARAMETERS for part in ("title", "detail")),
        "reason.not-yet-open",
        "reason.closed",
        "reason.not-offered",
    ),
    "format": ("moment",),
    "docs": ("bearer", "anyone"),
}
