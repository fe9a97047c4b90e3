"""Joins the rooms of applications."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from typing import Any, Final

from services.applications.domain.reconciling import Comparison, Differing
from services.applications.integrity import violations
from services.applications.repository.applications import APPLICATIONS, ApplicationRepository
from services.applications.repository.audit import AUDIT, Trail
from services.applications.repository.ballots import BALLOTS, BallotRepository
from services.applications.repository.boards import BOARDS, BoardCopies
from services.applications.repository.bulk_runs import RUN_FILES, RUNS, BulkRunRepository, RunFiles
from services.applications.repository.campaigns import CAMPAIGNS, CLOSED, CampaignCopies, ClosedCampaigns
from services.applications.repository.cards import CARDS, CardCopies
from services.applications.repository.comparisons import COMPARISONS, ComparisonRepository
from services.applications.repository.convening import Convening
from services.applications.repository.counts import COUNTS, CountRepository
from services.applications.repository.deadlines import (
    DEADLINES,
    MOVED,
    TO_TELL,
    DeadlineCopies,
    Telling,
)
from services.applications.repository.decisions import DECISIONS, DecisionRepository
from services.applications.repository.enrolment import Uninstructed
from services.applications.repository.erasures import ERASURES, Erasures
from services.applications.repository.exports import EXPORTS, ExportRepository
from services.applications.repository.incidents import INCIDENTS, Extensions, IncidentRepository, Touched
from services.applications.repository.languages import READERS, LanguageCopies
from services.applications.repository.listing import LISTING, MARKED, OWED, RENEWALS, Listing
from services.applications.repository.meetings import AGENDA, MEETINGS, MeetingRepository
from services.applications.repository.places import PLACES, PlacesRepository, Ranks
from services.applications.repository.pre_enrolments import PRE_ENROLMENTS, PreEnrolmentRepository
from services.applications.repository.programmes import PROGRAMMES, ProgrammeCopies
from services.applications.repository.recusals import RECUSALS, RecusalRepository
from services.applications.repository.reminders import REMINDERS, TO_REMIND, Reminding
from services.applications.repository.sheets import SHEETS, SheetRepository
from services.applications.repository.shelves import SHELVES, ShelfRepository
from services.applications.repository.staff import STAFF, StaffCopies
from services.applications.repository.submissions import SUBMISSIONS, Submissions, submission_of
from services.applications.repository.surveys import SURVEYS, SurveyRepository
from services.applications.repository.versions import Versions
from services.applications.routes import routes
from services.applications.routes.bulk_runs import act_of
from services.applications.routes.exporting import export_views
from services.applications.subscriptions import FROM_NOW, LISTENS, subscriptions
from services.applications.usecases import (
    announcing,
    bulk_runs,
    conditions,
    deadlines,
    decisions,
    enrolment,
    erasing,
    exports,
    failing,
    form_servers,
    in_place,
    incidents,
    listing,
    places,
    pre_enrolments,
    reconciling,
    reminders,
    review,
)
from services.applications.usecases.app import App
from services.applications.usecases.following import Followers
from services.applications.usecases.forms import form_secrets
from services.applications.views.applications import Views
from services.applications.views.counting import CountViews
from services.applications.views.pre_enrolments import PreEnrolmentViews
from services.applications.views.submissions import SubmissionViews
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Aggregates
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS, ClosedAccounts
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.events.parking import Parking
from services.chassis.events.teller import Present
from services.chassis.security.tokens import KEYS, Signer
from services.chassis.service.beats import BEATS, Beats
from services.chassis.service.connectors import connector_routes
from services.chassis.service.parameters import PARAMETERS, ParameterCopy
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import Timer, item_timer
from services.chassis.work.timers import timers
from services.contracts.api.counts import ProgrammeCounts
from services.contracts.api.endpoints.bulk_runs import API
from services.contracts.events.applications import FileChanged
from services.contracts.events.catalogue import Audience

__all__ = ["LISTENS", "build", "rebuild_lists", "use_cases"]

MINUTE: Final = 60
COUNTS_SECONDS: Final = 600
MOVED_SECONDS: Final = 5
PRE_ENROLMENT_SECONDS: Final = 15
RUN_FILES_SECONDS: Final = 600


def use_cases(ports: Ports) -> App:
    """What the use cases work with."""
    parameters = ParameterCopy("applications", ports.store, ports.settings)
    applications = ApplicationRepository(ports.store, ports.outbox)
    recusals, meetings = RecusalRepository(ports.store, ports.outbox), MeetingRepository(ports.store, ports.outbox)
    programmes = ProgrammeCopies(ports.store, lambda: parameters.in_force, recusals.of_member)
    staff, kept = StaffCopies(ports.store), IncidentRepository(ports.store, ports.outbox)
    return App(
        applications=applications,
        listing=Listing(ports.store),
        counts=CountRepository(ports.store),
        decisions=DecisionRepository(ports.store, ports.outbox),
        submissions=Submissions(ports.store),
        trail=Trail(ports.store),
        sheets=SheetRepository(ports.store, ports.outbox),
        shelves=ShelfRepository(ports.store, ports.outbox),
        exports=ExportRepository(ports.store, ports.outbox),
        bulk_runs=BulkRunRepository(ports.store, ports.outbox),
        run_files=RunFiles(ports.store),
        staff=staff,
        cards=CardCopies(ports.store),
        erasures=Erasures(ports.store, ports.outbox),
        told=Journal(ports.store, Audience.INTERNAL),
        boards=BoardCopies(ports.store),
        programmes=programmes,
        meetings=meetings,
        recusals=recusals,
        ballots=BallotRepository(ports.store, ports.outbox),
        convening=Convening(meetings, programmes, staff),
        places=PlacesRepository(ports.store, ports.outbox),
        ranks=Ranks(ports.store),
        campaigns=CampaignCopies(ports.store),
        closed=ClosedCampaigns(ports.store),
        closed_accounts=ClosedAccounts(ports.store),
        languages=LanguageCopies(ports.store),
        deadlines=DeadlineCopies(ports.store),
        telling=Telling(ports.store),
        reminding=Reminding(ports.store),
        surveys=SurveyRepository(ports.store),
        uninstructed=Uninstructed(ports.store),
        pre_enrolments=PreEnrolmentRepository(ports.store, ports.outbox),
        comparisons=ComparisonRepository(ports.store),
        heard=Heard(ports.store, ports.clock),
        incidents=kept,
        extensions=Extensions(kept, ports.clock, ports.settings.zone),
        touched=Touched(ports.store),
        beats=Beats(ports.store, ports.clock),
        ids=ports.ids,
        keysets=ports.keysets,
        signer=Signer("applications", ports.store, ports.clock, ports.ids),
        zone=ports.settings.zone,
        parameters=parameters,
        form_secrets=form_secrets(ports.settings.forms_secret),
        form_server=ports.forms,
        hands_over=ports.pre_enrolment is not None,
        objects=ports.objects,
        clock=ports.clock,
        followers=Followers(applications, Versions(ports.store)),
    )


def build(ports: Ports) -> Service:
    """The service on its ports."""
    app = use_cases(ports)
    parking = Parking("applications", ports.store, ports.clock)
    return Service(
        api=API,
        ports=ports,
        parameters=app.parameters,
        routes=(
            *routes(app, _views(ports, app)),
            *connector_routes("applications", ports.connectors, _needs(ports), ("forms", "pre-enrolment")),
        ),
        aggregates=(
            *(APPLICATIONS, DECISIONS, PLACES, PRE_ENROLMENTS, SHEETS, SHELVES, EXPORTS, ERASURES),
            *(MEETINGS, RECUSALS, BALLOTS, INCIDENTS, RUNS),
        ),
        collections=(
            *(SUBMISSIONS, AUDIT, CARDS, STAFF, PROGRAMMES, BOARDS, DEADLINES, MOVED, TO_TELL, REMINDERS, TO_REMIND),
            *(SURVEYS, LISTING, MARKED, OWED, RENEWALS, COUNTS, KEYS, PARAMETERS, CLOSED, CLOSED_ACCOUNTS, COMPARISONS),
            *(AGENDA, READERS, BEATS, RUN_FILES, CAMPAIGNS),
        ),
        undone=(CARDS,),
        subscriptions=subscriptions(ports, app),
        from_now=FROM_NOW,
        timers=(
            app.parameters.timer,
            Timer("lists", MINUTE, partial(listing.renew, app)),
            item_timer(
                "rows-owed",
                MINUTE,
                lambda command: app.listing.owed(command.now),
                partial(listing.pay, app),
                parking,
            ),
            item_timer("gone", MINUTE, partial(erasing.erased_lately, app), partial(erasing.look_again, app), parking),
            item_timer(
                "counts",
                COUNTS_SECONDS,
                lambda command: app.counts.to_forget(command.now),
                partial(erasing.forget_shares, app),
                parking,
                erases=True,
            ),
            item_timer(
                "moved", MOVED_SECONDS, lambda _: app.telling.moved(), partial(deadlines.look_for, app), parking
            ),
            item_timer(
                "to-tell", MOVED_SECONDS, lambda _: app.telling.to_tell(), partial(deadlines.tell, app), parking
            ),
            Timer("reminders", MINUTE, partial(reminders.look_for_drafts, app)),
            item_timer(
                "remind",
                MINUTE,
                lambda _: app.reminding.to_remind(),
                partial(reminders.remind_one, app),
                parking,
            ),
            Timer("look-for-surveys", MINUTE, partial(form_servers.look_for_surveys, app)),
            item_timer("surveys", MINUTE, partial(form_servers.due, app), partial(form_servers.ask, app), parking),
            item_timer("verdicts", MINUTE, partial(review.untold, app), partial(review.gather, app), parking),
            item_timer("in-place", MINUTE, partial(in_place.untold, app), partial(in_place.tell, app), parking),
            item_timer(
                "answers",
                MINUTE,
                partial(decisions.unanswered, app),
                partial(decisions.look_after, app),
                parking,
                erases=True,
            ),
            item_timer(
                "conditions",
                MINUTE,
                partial(conditions.untold, app),
                partial(conditions.gather, app),
                parking,
            ),
            item_timer(
                "conditions-due",
                MINUTE,
                partial(conditions.due, app),
                partial(conditions.remind, app),
                parking,
            ),
            item_timer(
                "enrolment",
                MINUTE,
                partial(enrolment.uninstructed, app),
                partial(enrolment.tell, app),
                parking,
            ),
            item_timer("places", MINUTE, partial(places.unsettled, app), partial(places.settle_row, app), parking),
            item_timer("lapse", MINUTE, partial(review.lapsing, app), partial(review.lapse, app), parking, erases=True),
            Timer("beats", incidents.BEAT_SECONDS, failing.Failing(app, ports.answered).measure),
            Timer("incidents", incidents.FOLLOW_SECONDS, partial(incidents.follow, app)),
            *timers(exports.background(app), partial(exports.make_next, app, export_views(app).made), parking),
            *timers(bulk_runs.background(app), partial(bulk_runs.make_next, app, act_of), parking),
            Timer("bulk-files", RUN_FILES_SECONDS, partial(bulk_runs.sweep_files, app), erases=True),
            *_handing_over(ports, app, parking),
        ),
        tasks={"follow": app.followers.run},
        signer=app.signer,
        needs=_needs(ports),
        lifespans=(app.parameters.known, partial(incidents.measured, app)),
        integrity=partial(violations, ports, app),
        present={FileChanged: Present(partial(announcing.every_file, app), partial(announcing.announce_file, app))},
        readers={kept.collection.name: kept.loaded for kept in _aggregates(app)} | {SUBMISSIONS.name: submission_of},
    )


async def files_of_campaign(ports: Ports, campaign: str, command: CommandContext) -> int:
    """How many files of a campaign there are."""
    return await use_cases(ports).counts.files(campaign)


async def counts_of_campaign(
    ports: Ports, campaign: str, command: CommandContext
) -> AsyncGenerator[ProgrammeCounts, None]:
    """The counts of every programme of a campaign, in order of their codes, with French titles."""
    app, code = use_cases(ports), ""
    while (following := await app.counts.next_programme(campaign, code)) is not None:
        code = following
        yield await CountViews(app.counts, app.programmes, app.zone).of(campaign, code, "fr")


async def pre_enrolled_campaigns(ports: Ports, command: CommandContext) -> Sequence[str]:
    """Those in which anybody was ever to be handed over."""
    return await reconciling.campaigns(use_cases(ports))


async def reconcile(
    ports: Ports, campaign: str, command: CommandContext, told: Callable[[str, Differing], None]
) -> Comparison | None:
    """Compare a campaign with what the student records hold; nothing is changed. None: there are none connected."""
    records = ports.pre_enrolment
    return None if records is None else await reconciling.compare(use_cases(ports), records, campaign, command, told)


def _aggregates(app: App) -> Sequence[Aggregates[Any]]:
    """Those that are read one by one where all is read."""
    known = (app.applications, app.decisions, app.places, app.pre_enrolments, app.sheets, app.shelves, app.exports)
    return (*known, app.bulk_runs, app.meetings, app.recusals, app.ballots, app.incidents)


def _views(ports: Ports, app: App) -> Views:
    connected = ports.pre_enrolment is not None
    standing = PreEnrolmentViews(app.pre_enrolments, app.parameters, connected)
    submissions = SubmissionViews(app.applications, app.submissions)
    return Views(app.applications, submissions, app.programmes, app.boards, app.parameters, app.ranks, standing)


def _handing_over(ports: Ports, app: App, parking: Parking) -> Sequence[Timer]:
    """The timer of who is handed over, where there is anybody to take them."""
    if (records := ports.pre_enrolment) is None:
        return ()
    does = pre_enrolments.hand_over
    run, due = partial(does, app, records, parking), lambda command: app.pre_enrolments.due(command.now)
    looks = partial(reconciling.look, app, records)
    return (
        Timer("pre-enrolments", PRE_ENROLMENT_SECONDS, run, due=due, does=does),
        Timer("reconcile", MINUTE, looks, calendar="at 04:00", does=reconciling.look),
    )


def _needs(ports: Ports) -> frozenset[str]:
    used = {"forms": ports.settings.forms != "none:", "pre-enrolment": ports.pre_enrolment is not None}
    return frozenset({"objects", *(name for name, is_used in used.items() if is_used)})


async def rebuild_lists(ports: Ports, command: CommandContext) -> tuple[int, int]:
    """Make all rows of lists anew, beside running processes; answers as `listing.rebuild` does."""
    return await listing.rebuild(use_cases(ports), command)
