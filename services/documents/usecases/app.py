"""What the use cases of documents work with; made in `wiring`."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.events.copies import Copies
from services.chassis.events.heard import Heard
from services.chassis.events.parking import Parking
from services.chassis.http.places import Places
from services.chassis.ports import Ids, Objects, Scanner
from services.chassis.security.tokens import Signer
from services.documents.domain.uploads import Rules
from services.documents.repository import Begun, DocumentRepository
from services.documents.settings import DocumentsSettings
from services.documents.usecases.inspection.pool import Inspectors


@dataclass(frozen=True, slots=True)
class App:
    """Ports, repository and settings of documents; `gone` marks erased accounts and cancelled applications."""

    documents: DocumentRepository
    begun: Begun
    gone: Copies
    heard: Heard
    parking: Parking
    objects: Objects
    scanner: Scanner
    inspectors: Inspectors
    signer: Signer
    ids: Ids
    settings: DocumentsSettings
    places: Places
    rules: Rules
