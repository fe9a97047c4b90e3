"""What the use cases of applications work with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from services.applications.domain.model import Moment
from services.applications.repository.applications import ApplicationRepository
from services.applications.repository.audit import Trail
from services.applications.repository.ballots import BallotRepository
from services.applications.repository.boards import BoardCopies
from services.applications.repository.bulk_runs import BulkRunRepository, RunFiles
from services.applications.repository.campaigns import CampaignCopies, ClosedCampaigns
from services.applications.repository.cards import CardCopies
from services.applications.repository.comparisons import ComparisonRepository
from services.applications.repository.convening import Convening
from services.applications.repository.counts import CountRepository
from services.applications.repository.deadlines import DeadlineCopies, Telling
from services.applications.repository.decisions import DecisionRepository
from services.applications.repository.enrolment import Uninstructed
from services.applications.repository.erasures import Erasures
from services.applications.repository.exports import ExportRepository
from services.applications.repository.incidents import Extensions, IncidentRepository, Touched
from services.applications.repository.languages import LanguageCopies
from services.applications.repository.listing import Listing
from services.applications.repository.meetings import MeetingRepository
from services.applications.repository.places import PlacesRepository, Ranks
from services.applications.repository.pre_enrolments import PreEnrolmentRepository
from services.applications.repository.programmes import ProgrammeCopies
from services.applications.repository.recusals import RecusalRepository
from services.applications.repository.reminders import Reminding
from services.applications.repository.sheets import SheetRepository
from services.applications.repository.shelves import ShelfRepository
from services.applications.repository.staff import StaffCopies
from services.applications.repository.submissions import Submissions
from services.applications.repository.surveys import SurveyRepository
from services.applications.usecases.following import Followers
from services.applications.usecases.table_reading import AT_ONCE, RETRY_SECONDS
from services.chassis.context import CommandContext
from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.http.places import Places
from services.chassis.keyed_lock import KeyedLock
from services.chassis.ports import Clock, Forms, Ids, Objects
from services.chassis.security.tokens import KeySets, Signer
from services.chassis.service.beats import Beats
from services.chassis.service.parameters import ParameterCopy
from services.contracts.maintenance import honoured_since


@dataclass(frozen=True, slots=True)
class App:
    """The repositories, the copies of what others know, what signs and what proves, and the institution's zone.

    The servers of forms sign with one of `form_secrets`, and `form_server` is asked; `told` is what other services were told
    to copy. `hands_over`: there are student records that take people. `exports_asked` wakes who makes exports, which
    `objects` keep, `bulk_asked` who goes on with runs. Who does one thing to many files takes turns with oneself, in one of
    some places; whoever passes places of one programme on takes turns in `place_turns`.
    """

    applications: ApplicationRepository
    listing: Listing
    counts: CountRepository
    decisions: DecisionRepository
    submissions: Submissions
    trail: Trail
    sheets: SheetRepository
    shelves: ShelfRepository
    exports: ExportRepository
    bulk_runs: BulkRunRepository
    run_files: RunFiles
    staff: StaffCopies
    cards: CardCopies
    erasures: Erasures
    told: Journal
    programmes: ProgrammeCopies
    boards: BoardCopies
    meetings: MeetingRepository
    recusals: RecusalRepository
    ballots: BallotRepository
    convening: Convening
    places: PlacesRepository
    ranks: Ranks
    campaigns: CampaignCopies
    closed: ClosedCampaigns
    closed_accounts: ClosedAccounts
    languages: LanguageCopies
    incidents: IncidentRepository
    extensions: Extensions
    beats: Beats
    touched: Touched
    deadlines: DeadlineCopies
    telling: Telling
    reminding: Reminding
    surveys: SurveyRepository
    uninstructed: Uninstructed
    pre_enrolments: PreEnrolmentRepository
    comparisons: ComparisonRepository
    heard: Heard
    ids: Ids
    keysets: KeySets
    signer: Signer
    zone: ZoneInfo
    parameters: ParameterCopy
    form_secrets: Mapping[str, Sequence[str]]
    form_server: Forms
    hands_over: bool
    objects: Objects
    clock: Clock
    followers: Followers
    exports_asked: asyncio.Event = field(default_factory=asyncio.Event)
    bulk_asked: asyncio.Event = field(default_factory=asyncio.Event)
    bulk_turns: KeyedLock = field(default_factory=KeyedLock)
    place_turns: KeyedLock = field(default_factory=KeyedLock)
    incident_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    export_places: Places = field(default_factory=lambda: Places("exports", 3, retry_seconds=10))
    table_places: Places = field(default_factory=lambda: Places("tables", AT_ONCE, retry_seconds=RETRY_SECONDS))
    incident_places: Places = field(default_factory=lambda: Places("incidents", 1, retry_seconds=5))
    bulk_places: Places = field(default_factory=lambda: Places("bulk", 4, retry_seconds=5))

    def moment(self, command: CommandContext) -> Moment:
        """When the command arrived, with the calendar day that it was then in the institution's zone."""
        in_force = self.parameters.in_force
        rules, blocks = in_force.maintenance, in_force.applications.unanswered_block == "yes"
        due = honoured_since(rules.windows, self.zone, command.now, rules.grace_days)
        day, moves = command.now.astimezone(self.zone).date(), self.extensions.moves
        return Moment(command.now, day, due, unanswered_block=blocks, prolonged=moves)
