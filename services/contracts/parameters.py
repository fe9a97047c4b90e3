"""The institution's parameters: what it may set while the suite runs, with the bounds and the value until it does.

Offers keeps them, every service that works by one keeps a copy. A value counts from the moment at which a service knows it,
for what is done from then on; what was fixed before, such as the end of a link, stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

from services.contracts.decision_reasons import without_reason
from services.contracts.decision_rules import Conditions, DecisionReasons, DecisionTypes, PieceComments
from services.contracts.decision_types import APPEAL_EN, APPEAL_FR, SHIPPED
from services.contracts.fee_lists import REGIMES
from services.contracts.fee_rules import FeeItems
from services.contracts.maintenance import MOST_GRACE_DAYS
from services.contracts.parameter_rules import (
    PARAMETER,
    Codes,
    Email,
    EmailPerCentre,
    Line,
    NumberPrefix,
    OneOf,
    Rule,
    SomeOf,
    Spans,
    Unfit,
    Url,
    Value,
    Whole,
    by,
)
from services.contracts.refusals import FieldError

INSTITUTION: Final = "institution"
"""The id of the institution's parameters; a centre's may stand beside them one day."""
LARGEST_UPLOAD: Final = 20 * 2**20
"""No institution lets people send more bytes at once; whoever stands before documents hands so many on."""
MEDIA_TYPES: Final = ("application/pdf", "image/jpeg", "image/png")
"""What documents can look into."""
EXAMINED_STATES: Final = ("submitted", "incomplete", "complete")

_REASONS: Final = frozenset(
    {"applications.reasons_from", "applications.decision_reasons", "applications.decision_types"}
)
"""Parameters of which none may leave a decision without a reason that it must give."""
DEMONSTRATION: Final = "Université de démonstration"
"""What the institution is called as long as nobody says."""


@dataclass(frozen=True, slots=True)
class InstitutionParameters:
    """Who writes to people, and where they get help."""

    name: str = field(default=DEMONSTRATION, metadata=by(Line(200, required=True)))
    """The institution's name, in head and foot of every mail from the moment at which it is written."""
    contact: str = field(default="candidatures@parvis.example", metadata=by(Email()))
    """Where answers to mails go that are about no programme, or about one without a contact; empty: nowhere."""
    sign_off: str = field(default="", metadata=by(Line(200)))
    """Who signs mails, above the name; empty: "Le service des candidatures", "The admissions office"."""
    sender_name: str = field(default="", metadata=by(Line(200)))
    """The name before the address that mails come from, when they are handed over; empty: the institution's."""
    message_fr: str = field(default="", metadata=by(Line(500)))
    """What the home page tells everybody just now, in French; empty: nothing."""
    message_en: str = field(default="", metadata=by(Line(500)))
    """The same in English; empty: the French one."""
    registrar_contact: str = field(default="", metadata=by(Email()))
    """Whom students ask to correct what the registrar manages; empty: `contact`."""
    registrar_contacts: tuple[str, ...] = field(default=(), metadata=by(EmailPerCentre()))
    """The same for the students of single centres."""

    def registrar_of(self, centre: str) -> str:
        """Whom a student of a centre asks, by its code, or of none; the institution's name where there is no address."""
        of_centres = dict(pair.split("=", 1) for pair in self.registrar_contacts)
        return of_centres.get(centre) or self.registrar_contact or self.contact or self.name


@dataclass(frozen=True, slots=True)
class AccountsParameters:
    """How long links and sessions are good, and who must give a student number."""

    link_hours: int = field(default=120, metadata=by(Whole(1, 60 * 24)))
    """How long a validation link is good, from its creation to the second (acceptance 6, 7)."""
    expired_kept_hours: int = field(default=24, metadata=by(Whole(0, 60 * 24)))
    """How long after its link an account never validated is kept, so that a new link may be asked (acceptance 7, 9)."""
    reset_minutes: int = field(default=120, metadata=by(Whole(1, 24 * 60)))
    """How long a reset link is good (acceptance 13)."""
    session_days: int = field(default=7, metadata=by(Whole(1, 90)))
    """How long one may stay logged in without giving the password again."""
    student_number_from: int = field(default=1995, metadata=by(Whole(0, 9999)))
    """French nationals whose baccalaureate is of this year or later must give their student number; 0: nobody must."""
    file_number_prefix: str = field(default="", metadata=by(NumberPrefix()))
    """What file numbers that are given from now on begin with, beside their 8 characters (acceptance 20)."""


@dataclass(frozen=True, slots=True)
class ApplicationsParameters:
    """How many applications one person may have (acceptance 41), and when they are reminded of them."""

    max_active: int = field(default=20, metadata=by(Whole(1, 500)))
    """The most that count at once; cancelled ones do not count. Where a person has more, those stay."""
    max_active_per: str = field(default="centre", metadata=by(OneOf(("centre", "establishment"))))
    """Among the applications to one centre, or to all centres together."""
    max_openings: int = field(default=60, metadata=by(Whole(1, 1000)))
    """The most that one person opens within 24 hours, cancelled ones included."""
    first_reminder_days: int = field(default=7, metadata=by(Whole(0, 60)))
    """How many days before its last day the candidate is reminded of a draft (acceptance 76); 0: not."""
    last_reminder_days: int = field(default=2, metadata=by(Whole(0, 60)))
    """The same once more."""
    verdicts_minutes: int = field(default=60, metadata=by(Whole(0, 10_080)))
    """How long after the first of them verdicts and comments on the pieces of a file are mailed in one, where the file
    stays in its state (acceptance 114); 0: with its next state alone."""
    answer_reminder_days: int = field(default=2, metadata=by(Whole(0, 60)))
    """How many days before its last day one is reminded of a place that is not answered (acceptance 88); 0: not."""
    incident_minutes: int = field(default=10, metadata=by(Whole(5, 240)))
    """How long the service must have been away, at least, for it to be kept as an incident (ADR 110)."""
    failing_percent: int = field(default=50, metadata=by(Whole(5, 99)))
    """Of a hundred answers more than so many must be failures for a minute to be bad; two in a row are an incident."""
    failing_requests: int = field(default=20, metadata=by(Whole(1, 100_000)))
    """Of at least so many requests in that minute."""
    incident_hours: int = field(default=24, metadata=by(Whole(0, 168)))
    """How long after an incident a last day may end for it to count as touched by it; 0: only within it."""
    decided_by: str = field(default="one", metadata=by(OneOf(("one", "two"))))
    """By how many people: with two, who has entered a decision cannot validate it (acceptance 81)."""
    commission_sees: tuple[str, ...] = field(default=("complete",), metadata=by(SomeOf(EXAMINED_STATES)))
    """In which states of a file the members of its commission see it (acceptance 77)."""
    route_shown: str = field(default="no", metadata=by(OneOf(("no", "yes"))))
    """Whether candidates see by which route their programme admits (acceptance 44); staff always do."""
    decision_types: tuple[str, ...] = field(default=SHIPPED, metadata=by(DecisionTypes()))
    """What decisions are called, each of its kind (acceptance 123); what was decided keeps the label that it had then."""
    reasons_from: str = field(default="text", metadata=by(OneOf(("text", "list"))))
    """How one says why it is decided so: in words of one's own, or by one of `decision_reasons` (acceptance 79)."""
    decision_reasons: tuple[str, ...] = field(default=(), metadata=by(DecisionReasons()))
    """The reasons that can be given; what was decided keeps the label that its reason had then (acceptance 123)."""
    piece_comments: tuple[str, ...] = field(default=(), metadata=by(PieceComments()))
    """Comments that can be chosen with a verdict on a piece; what was said of one keeps the text that it had then."""
    unanswered_block: str = field(default="yes", metadata=by(OneOf(("no", "yes"))))
    """Whether required forms and questions that are not answered block a submission (acceptance 67)."""
    conditions: tuple[str, ...] = field(default=(), metadata=by(Conditions()))
    """Texts that can be chosen as conditions of an admission; what was decided keeps the text that it had."""
    conditions_minutes: int = field(default=60, metadata=by(Whole(0, 10_080)))
    """How long after the first of them what staff have found of the conditions of a file is mailed in one; 0: soon."""
    condition_reminder_days: int = field(default=7, metadata=by(Whole(0, 60)))
    """How many days before its day one is reminded of a condition that is not marked yet, once; 0: not."""
    appeal_fr: str = field(default=APPEAL_FR, metadata=by(Line(500)))
    """What candidates read under a decision of a type with `appeal`, in French; empty: nothing."""
    appeal_en: str = field(default=APPEAL_EN, metadata=by(Line(500)))
    """The same in English; empty: the French one."""
    promotes: str = field(default="at-once", metadata=by(OneOf(("at-once", "by-hand"))))
    """Whether a place that becomes free goes to the waiting list at once (acceptance 89), or when staff say so."""
    unreached_holds: str = field(default="no", metadata=by(OneOf(("no", "yes"))))
    """Whether the last day for an answer waits while the mail of the decision is known not to have arrived: until the
    address is changed, or staff validate a decision anew."""
    promotion_days: int = field(default=7, metadata=by(Whole(1, 60)))
    """How many days at least who is promoted from a waiting list has for an answer, whatever the programme says."""


@dataclass(frozen=True, slots=True)
class DocumentsParameters:
    """What is taken from people, and how long it is kept while nothing holds it."""

    max_bytes: int = field(default=5 * 2**20, metadata=by(Whole(1024, LARGEST_UPLOAD)))
    """The largest file, inclusive; a requirement may ask for less, which applications checks (acceptance 48)."""
    media_types: tuple[str, ...] = field(default=MEDIA_TYPES, metadata=by(SomeOf(MEDIA_TYPES)))
    """What is taken."""
    loose_per_account: int = field(default=100, metadata=by(Whole(1, 10_000)))
    """Documents of one person that no application holds."""
    loose_days: int = field(default=7, metadata=by(Whole(3, 365)))
    """How long they are kept, from when they came or were let go."""


@dataclass(frozen=True, slots=True)
class MailerParameters:
    """How mails are written."""

    gather_minutes: int = field(default=10, metadata=by(Whole(0, 60)))
    """How long openings and cancellations of one person are gathered into one mail, from the first; 0: a mail for each."""
    alert_minutes: int = field(default=60, metadata=by(Whole(1, 1440)))
    """How long what a board is told of its files is gathered into one mail, from the first."""
    delayed_days: int = field(default=3, metadata=by(Whole(1, 30)))
    """After how many days a mail has come back of which another server still says that it is delayed."""


@dataclass(frozen=True, slots=True)
class EnrolmentParameters:
    """How one enrols who has accepted a place (acceptance 86)."""

    link_fr: str = field(default="", metadata=by(Url()))
    """Where one enrols; empty: not yet. Once it is set, everybody who has accepted a place is told by one mail."""
    link_en: str = field(default="", metadata=by(Url()))
    """The same for who reads English; empty: the French one."""
    message_fr: str = field(default="", metadata=by(Line(500)))
    """What one must know for it, in French; empty: nothing."""
    message_en: str = field(default="", metadata=by(Line(500)))
    """The same in English; empty: the French one."""
    conditional: str = field(default="when-met", metadata=by(OneOf(("when-met", "at-acceptance"))))
    """When somebody is handed over, and told how to enrol, who has accepted a place under conditions: once all of them are
    met, or at once; it counts for what is accepted from then on."""
    code_shown: str = field(default="no", metadata=by(OneOf(("no", "yes"))))
    """Whether candidates see the code of their pre-enrolment (acceptance 44); staff always do."""
    code_prefix: str = field(default="EC", metadata=by(Line(10, code=True)))
    """What stands before the file number in the code of who is handed over to the student records, from then on."""
    documents: str = field(default="no", metadata=by(OneOf(("no", "yes"))))
    """Whether the validated documents of who was handed over follow them to the student records, by night."""
    documents_per_night: int = field(default=1000, metadata=by(Whole(1, 100_000)))
    """How many documents go in one night at most, those that are tried again among them."""
    documents_pieces: tuple[str, ...] = field(default=(), metadata=by(Codes()))
    """The pieces of which documents go, by their codes; none named: all. What has gone stays there."""
    regimes: tuple[str, ...] = field(default=REGIMES, metadata=by(FeeItems()))
    """The fee regimes that staff choose from; what was chosen keeps the label that it had then."""
    exemptions: tuple[str, ...] = field(default=(), metadata=by(FeeItems()))
    """The exemptions from fees that staff choose from; the same holds of them."""

    def link_in(self, language: str) -> str:
        """The address, the French one where there is no other; empty where nobody is to enrol yet."""
        return self.link_fr and ((self.link_en if language == "en" else self.link_fr) or self.link_fr)

    def message_in(self, language: str) -> str:
        """The message, the French one where there is no other."""
        return (self.message_en if language == "en" else self.message_fr) or self.message_fr


@dataclass(frozen=True, slots=True)
class MaintenanceParameters:
    """When the suite is closed to candidates (acceptance 95)."""

    windows: tuple[str, ...] = field(default=(), metadata=by(Spans()))
    """In the institution's time, like `22:45-06:00`; pages are closed then, candidates can write nothing, staff go on."""
    message_fr: str = field(default="", metadata=by(Line(500)))
    """What the page says then besides until when, in French; empty: nothing."""
    message_en: str = field(default="", metadata=by(Line(500)))
    """The same in English; empty: the French one."""
    grace_days: int = field(default=1, metadata=by(Whole(0, MOST_GRACE_DAYS)))
    """On how many days one may still submit whose last day ended in a window, from the day on which it opens; 0: none."""

    def message_in(self, language: str) -> str:
        """The message, the French one where there is no other."""
        return (self.message_en if language == "en" else self.message_fr) or self.message_fr


@dataclass(frozen=True, slots=True)
class RetentionParameters:
    """How long what people have given is kept once their campaign is over (acceptance 99); each day counts in full."""

    kept_days: int = field(default=548, metadata=by(Whole(30, 7300)))
    """For so many days after the last day of a closed campaign, or the day on which it was closed, accounts and files are
    kept: a year and a half; at four in the morning after the last of them all go."""
    warning_days: int = field(default=30, metadata=by(Whole(1, 365)))
    """So many days before they go people are told so by mail, each of them, and the log says so (`retention.near`)."""
    held: tuple[str, ...] = field(default=(), metadata=by(Codes()))
    """Campaigns, by their codes, of which nothing goes as long as they stand here, as while there is a lawsuit."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """All of them, by section; what a newer release says besides is passed over."""

    institution: InstitutionParameters = InstitutionParameters()
    accounts: AccountsParameters = AccountsParameters()
    applications: ApplicationsParameters = ApplicationsParameters()
    enrolment: EnrolmentParameters = EnrolmentParameters()
    documents: DocumentsParameters = DocumentsParameters()
    mailer: MailerParameters = MailerParameters()
    maintenance: MaintenanceParameters = MaintenanceParameters()
    retention: RetentionParameters = RetentionParameters()


def _rules() -> dict[str, Rule]:
    default = Parameters()
    return {
        f"{section.name}.{member.name}": member.metadata[PARAMETER]
        for section in fields(Parameters)
        for member in fields(getattr(default, section.name))
    }


RULES: Final[Mapping[str, Rule]] = MappingProxyType(_rules())
"""Every parameter by its key, `<section>.<name>`."""


def value_of(parameters: Parameters, key: str) -> Value:
    """The value of one parameter."""
    section, _, name = key.partition(".")
    value: Value = getattr(getattr(parameters, section), name)
    return value


def with_values(parameters: Parameters, given: Mapping[str, object]) -> tuple[Parameters, list[FieldError]]:
    """The parameters with these values by key, as far as they can be had, and all that is wrong with the others."""
    faults = []
    for key, value in given.items():
        if (rule := RULES.get(key)) is None:
            faults.append(FieldError(key, "unknown-field"))
            continue
        try:
            parameters = _with(parameters, key, rule.read(value))
        except Unfit as unfit:
            faults.append(FieldError(key, unfit.slug, unfit.params))
    if not faults and not _REASONS.isdisjoint(given) and (kind := _without_reason(parameters.applications)):
        faults.append(FieldError("applications.decision_reasons", "reason-lacking", {"kind": kind}))
    return parameters, faults


def _without_reason(rules: ApplicationsParameters) -> str | None:
    if rules.reasons_from != "list":
        return None
    return without_reason(rules.decision_types, rules.decision_reasons)


def unfit_for_production(parameters: Parameters) -> list[FieldError]:
    """What nobody may be left without who is written to by a real institution: whose mail it is, where help is."""
    institution, faults = parameters.institution, []
    if institution.name in ("", DEMONSTRATION):
        faults.append(FieldError("institution.name", "required"))
    if not institution.contact or institution.contact.endswith(".example"):
        faults.append(FieldError("institution.contact", "required"))
    return faults


def to_rows(parameters: Parameters) -> dict[str, dict[str, Any]]:
    """As JSON, by section."""
    return {
        section: {name: list(value) if isinstance(value, tuple) else value for name, value in members.items()}
        for section, members in asdict(parameters).items()
    }


def from_rows(rows: Mapping[str, Mapping[str, Any]]) -> Parameters:
    """The parameters of such JSON: what is absent has its default, what only a newer release knows is passed over.

    Raises TypeError for a value by which nothing can work.
    """
    parameters = Parameters()
    for key, rule in RULES.items():
        section, _, name = key.partition(".")
        if name in (members := rows.get(section, {})):
            value = tuple(members[name]) if isinstance(members[name], list) else members[name]
            if not rule.holds(value):
                raise TypeError(key)
            parameters = _with(parameters, key, value)
    return parameters


def _with(parameters: Parameters, key: str, value: Value) -> Parameters:
    section, _, name = key.partition(".")
    return replace(parameters, **{section: replace(getattr(parameters, section), **{name: value})})
