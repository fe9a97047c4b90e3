"""What the use cases of documents work with; made in `wiring`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.chassis.events.closed_accounts import ClosedAccounts
from services.chassis.events.copies import Copies
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.events.parking import Parking
from services.chassis.http.places import Places
from services.chassis.ports import Clock, Ids, Objects, PreEnrolments, Records, Scanner
from services.chassis.security.tokens import Signer
from services.chassis.service.parameters import ParameterCopy
from services.documents.domain.uploads import PART_TYPES, Rules
from services.documents.repository.bundles import BundlePeople, BundleRepository
from services.documents.repository.documents import Begun, DocumentRepository, Erasures, PaperCopies
from services.documents.repository.hand_overs import HandOvers
from services.documents.repository.letter_texts import LetterTextRepository
from services.documents.repository.letter_tries import LetterTries
from services.documents.repository.minutes import MinutesCopies
from services.documents.repository.models import Models
from services.documents.repository.partials import Partials
from services.documents.repository.programmes import ProgrammeCopies
from services.documents.repository.reads import Reads
from services.documents.repository.registrar_files import RegistrarFiles
from services.documents.repository.signing import BoardCopies, Signatures
from services.documents.repository.staff import StaffCopies
from services.documents.settings import DocumentsSettings
from services.documents.usecases.inspection.pool import Inspectors


@dataclass(frozen=True, slots=True)
class App:
    """Ports, repository, settings and parameters; `gone` marks erased accounts and cancelled applications.

    `bundles_asked` wakes who makes bundles, `registrar_files_asked` who fetches what the registrar holds, if they are there
    to be asked (`records_offered`). `pre_enrolment` takes the documents of who was handed over, if anybody does. `told` is
    what other services were told and none but they may read.
    """

    documents: DocumentRepository
    begun: Begun
    partials: Partials
    models: Models
    boards: BoardCopies
    signatures: Signatures
    gone: Copies
    closed_accounts: ClosedAccounts
    erasures: Erasures
    papers: PaperCopies
    programmes: ProgrammeCopies
    minutes: MinutesCopies
    letter_texts: LetterTextRepository
    letter_tries: LetterTries
    reads: Reads
    registrar_files: RegistrarFiles
    records: Records
    told: Journal
    records_offered: bool
    hand_overs: HandOvers
    pre_enrolment: PreEnrolments | None
    bundles: BundleRepository
    bundle_people: BundlePeople
    staff: StaffCopies
    heard: Heard
    parking: Parking
    objects: Objects
    scanner: Scanner
    inspectors: Inspectors
    signer: Signer
    ids: Ids
    clock: Clock
    settings: DocumentsSettings
    places: Places
    paper_places: Places
    preview_places: Places
    public_url: str
    zone: ZoneInfo
    parameters: ParameterCopy
    bundles_asked: asyncio.Event = field(default_factory=asyncio.Event)
    registrar_files_asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def rules(self) -> Rules:
        """What is taken now."""
        parameters = self.parameters.in_force.documents
        return Rules(parameters.media_types, parameters.max_bytes, self.settings.max_pixels)

    @property
    def part_rules(self) -> Rules:
        """What is taken now of what is to become pages of a PDF."""
        return Rules(PART_TYPES, self.settings.part_max_bytes, self.settings.max_pixels)

    @property
    def keep_loose(self) -> timedelta:
        """How long a document is kept that no application holds from now on."""
        return timedelta(days=self.parameters.in_force.documents.loose_days)

    @property
    def receipt_life(self) -> timedelta:
        """How long a receipt that is given now can be attached."""
        return self.keep_loose - timedelta(days=self.settings.receipt_margin_days)
