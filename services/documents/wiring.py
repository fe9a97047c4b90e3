"""Joins the rooms of documents."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Final

from services.chassis.context import CommandContext
from services.chassis.events.closed_accounts import CLOSED_ACCOUNTS, ClosedAccounts
from services.chassis.events.copies import Copies
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.events.parking import Parking
from services.chassis.http.places import Places
from services.chassis.security.tokens import KEYS, Signer
from services.chassis.service.absences import ABSENCES, own_beats
from services.chassis.service.beats import BEATS
from services.chassis.service.connectors import connector_routes
from services.chassis.service.parameters import PARAMETERS, ParameterCopy
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import Timer, item_timer
from services.chassis.work.timers import timers
from services.contracts.api.endpoints.hand_overs import API
from services.contracts.events.catalogue import Audience
from services.documents.integrity import violations
from services.documents.repository.absences import AbsenceRepository
from services.documents.repository.bundles import BUNDLE_PEOPLE, BUNDLES, BundlePeople, BundleRepository
from services.documents.repository.documents import (
    BEGUN,
    CARDS,
    DOCUMENTS,
    ERASURES,
    FILES,
    GONE,
    PROGRAMMES,
    Begun,
    DocumentRepository,
    Erasures,
    PaperCopies,
)
from services.documents.repository.hand_overs import HAND_OVER_NIGHTS, HAND_OVERS, HandOvers
from services.documents.repository.hand_overs import read as read_hand_over
from services.documents.repository.letter_texts import LETTER_TEXTS, LetterTextRepository
from services.documents.repository.letter_tries import LETTER_TRIES, LetterTries
from services.documents.repository.minutes import MINUTES, MinutesCopies
from services.documents.repository.models import MODELS, Models
from services.documents.repository.partials import PARTIALS, Partials
from services.documents.repository.programmes import ProgrammeCopies
from services.documents.repository.reads import READS, Reads
from services.documents.repository.registrar_files import REGISTRAR_FILES, RegistrarFiles
from services.documents.repository.signing import BOARDS, SIGNATURES, BoardCopies, Signatures
from services.documents.repository.staff import STAFF, StaffCopies
from services.documents.routes import routes
from services.documents.settings import DocumentsSettings
from services.documents.subscriptions import FROM_NOW, LISTENS, subscriptions
from services.documents.usecases import (
    bundle_keeping,
    bundles,
    handing_over,
    letter_checks,
    partial_sweep,
    reconciling,
    registrar_files,
    retention,
)
from services.documents.usecases.app import App
from services.documents.usecases.inspection.pool import Bounds, Inspectors
from services.documents.usecases.storing import RETRY_SECONDS
from services.documents.views import Views

__all__ = ["LISTENS", "build", "use_cases"]

SWEEP_SECONDS: Final = 60
ORPHANS_SECONDS: Final = 3600
REGISTRAR_SECONDS: Final = 10
HAND_OVER_SECONDS: Final = 60


def use_cases(ports: Ports) -> App:
    """What the use cases work with, its settings read from the environment."""
    settings = DocumentsSettings()
    bounds = Bounds(
        at_once=settings.inspections_at_once,
        cpu_seconds=settings.inspection_cpu_seconds,
        seconds=settings.inspection_seconds,
        bytes=settings.inspection_megabytes * 2**20,
        queue_seconds=settings.inspection_queue_seconds,
        quick_seconds=settings.inspection_quick_seconds,
    )
    parameters = ParameterCopy("documents", ports.store, ports.settings)
    return App(
        documents=DocumentRepository(ports.store, ports.outbox),
        begun=Begun(ports.store),
        partials=Partials(ports.store),
        models=Models(ports.store),
        boards=BoardCopies(ports.store),
        signatures=Signatures(ports.store),
        gone=Copies(ports.store, GONE),
        closed_accounts=ClosedAccounts(ports.store),
        erasures=Erasures(ports.store, ports.outbox),
        papers=PaperCopies(ports.store, lambda: parameters.in_force),
        programmes=ProgrammeCopies(ports.store),
        minutes=MinutesCopies(ports.store),
        letter_texts=LetterTextRepository(ports.store, ports.outbox),
        letter_tries=LetterTries(ports.store),
        reads=Reads(ports.store),
        registrar_files=RegistrarFiles(ports.store),
        records=ports.records,
        told=Journal(ports.store, Audience.INTERNAL),
        hand_overs=HandOvers(ports.store),
        pre_enrolment=ports.pre_enrolment,
        records_offered=ports.settings.sis_url != "none:",
        bundles=BundleRepository(ports.store, ports.outbox),
        bundle_people=BundlePeople(ports.store),
        staff=StaffCopies(ports.store),
        heard=Heard(ports.store, ports.clock),
        parking=Parking("documents", ports.store, ports.clock),
        objects=ports.objects,
        scanner=ports.scanner,
        inspectors=Inspectors(bounds),
        signer=Signer("documents", ports.store, ports.clock, ports.ids),
        ids=ports.ids,
        clock=ports.clock,
        settings=settings,
        places=Places("uploads", settings.uploads_at_once, retry_seconds=RETRY_SECONDS),
        preview_places=Places("previews", settings.previews_at_once, retry_seconds=RETRY_SECONDS),
        paper_places=Places("papers", settings.papers_at_once, retry_seconds=RETRY_SECONDS),
        public_url=ports.settings.base_url,
        zone=ports.settings.zone,
        parameters=parameters,
    )


def build(ports: Ports) -> Service:
    """The service on its ports."""
    app = use_cases(ports)
    beats = own_beats(ports, AbsenceRepository)
    return Service(
        api=API,
        ports=ports,
        parameters=app.parameters,
        routes=(
            *routes(app, Views(app.documents, app.papers, app.objects)),
            *connector_routes("documents", ports.connectors, _connected(ports), ("scanner",)),
        ),
        aggregates=(DOCUMENTS, ERASURES, LETTER_TEXTS, BUNDLES, ABSENCES),
        collections=(
            BEATS,
            *(BEGUN, BOARDS, CARDS, CLOSED_ACCOUNTS, FILES, GONE, KEYS, MODELS, PARAMETERS, PARTIALS, PROGRAMMES),
            *(
                BUNDLE_PEOPLE,
                HAND_OVER_NIGHTS,
                HAND_OVERS,
                LETTER_TRIES,
                MINUTES,
                READS,
                REGISTRAR_FILES,
                SIGNATURES,
                STAFF,
            ),
        ),
        undone=(BEGUN,),
        subscriptions=subscriptions(ports, app),
        from_now=FROM_NOW,
        timers=(
            app.parameters.timer,
            *(each.timer for each in beats),
            item_timer(
                "unfinished",
                SWEEP_SECONDS,
                partial(retention.unfinished, app),
                partial(retention.finish, app),
                app.parking,
            ),
            item_timer(
                "loose",
                SWEEP_SECONDS,
                partial(retention.loose, app),
                partial(retention.erase_loose, app),
                app.parking,
                erases=True,
            ),
            item_timer(
                "partials",
                SWEEP_SECONDS,
                partial(partial_sweep.due, app),
                partial(partial_sweep.sweep, app),
                app.parking,
                erases=True,
            ),
            item_timer(
                "orphans",
                ORPHANS_SECONDS,
                partial(retention.unended, app),
                partial(retention.give_up, app),
                app.parking,
                erases=True,
            ),
            item_timer(
                "bundle-people",
                ORPHANS_SECONDS,
                lambda command: app.bundle_people.expired(command.now),
                partial(bundle_keeping.sweep_note, app),
                app.parking,
                erases=True,
            ),
            item_timer(
                "registrar-files",
                REGISTRAR_SECONDS,
                partial(registrar_files.due, app),
                partial(registrar_files.fetch, app),
                app.parking,
                wake=app.registrar_files_asked,
            ),
            Timer(
                "letter-tries",
                ORPHANS_SECONDS,
                partial(letter_checks.sweep, app),
                erases=True,
                does=letter_checks.sweep,
            ),
            *_handing_over(app),
            *timers(bundle_keeping.background(app), partial(bundles.make_next, app), app.parking),
        ),
        signer=app.signer,
        needs=frozenset({"objects", "scanner", *_sis(ports), *_pre_enrolment(ports)}),
        lifespans=(app.parameters.known, app.inspectors.open, *(each.measured for each in beats)),
        integrity=partial(violations, ports, app),
        vouched=(DOCUMENTS,),
        held=app.documents.held,
        readers={
            BUNDLES.name: app.bundles.loaded,
            DOCUMENTS.name: app.documents.from_document,
            HAND_OVERS.name: read_hand_over,
            LETTER_TEXTS.name: app.letter_texts.from_document,
            MODELS.name: app.models.read,
            SIGNATURES.name: app.signatures.read,
        },
    )


async def reconcile(
    ports: Ports, campaign: str | None, command: CommandContext
) -> AsyncGenerator[reconciling.DocumentsCompared, None]:
    """Compare the documents of one campaign, or of each, with what the student records hold; none are connected: nothing."""
    app = use_cases(ports)
    if app.pre_enrolment is not None:
        for each in await app.hand_overs.campaigns() if campaign is None else [campaign]:
            yield await reconciling.compare(app, app.pre_enrolment, each, command)


def _connected(ports: Ports) -> frozenset[str]:
    """What it works with; `none:` looks into no file, and there is nothing to ask."""
    scanner = set() if ports.settings.scanner == "none:" else {"scanner"}
    return frozenset({"objects", *scanner, *_sis(ports), *_pre_enrolment(ports)})


def _sis(ports: Ports) -> tuple[str, ...]:
    """The student records, where they are there to be asked."""
    return () if ports.settings.sis_url == "none:" else ("sis",)


def _pre_enrolment(ports: Ports) -> tuple[str, ...]:
    """Those who take documents of who was handed over, where there are any."""
    return () if ports.pre_enrolment is None else ("pre-enrolment",)


def _handing_over(app: App) -> tuple[Timer, ...]:
    """The timer of documents that follow who was handed over, where there is anybody to take them."""
    if (records := app.pre_enrolment) is None:
        return ()
    does = partial(handing_over.hand_over, app, records)
    due = partial(handing_over.due, app)
    calendar = "from 22:45 to 06:00"
    return (item_timer("hand-overs", HAND_OVER_SECONDS, due, does, app.parking, calendar=calendar),)
