"""What the use cases of documents work with; made in `wiring`."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.chassis.heard import Heard
from services.chassis.places import Places
from services.chassis.ports import Ids, Objects, Scanner
from services.chassis.security import Signer
from services.documents.domain.uploads import Rules
from services.documents.repository import Documents
from services.documents.settings import DocumentsSettings
from services.documents.usecases.inspection.inspectors import Inspectors


@dataclass(slots=True)
class UnderWay:
    """What this process is busy with: keys whose bytes are stored before their row is."""

    objects: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class App:
    """Ports, repository and settings of documents."""

    documents: Documents
    heard: Heard
    objects: Objects
    scanner: Scanner
    inspectors: Inspectors
    signer: Signer
    ids: Ids
    settings: DocumentsSettings
    places: Places
    rules: Rules
    under_way: UnderWay = field(default_factory=UnderWay)
