"""The ports: what the suite asks of the world. Adapters are chosen by URL scheme in `services.chassis.urls`.

One suite per port, `tests/contracts/ports`, is owed by every adapter; what it shows is the meaning of these methods.
"""

from __future__ import annotations

from services.chassis.ports.bounces import Bounces, BouncesUnavailable, MailboxPlace, ReturnedMails
from services.chassis.ports.broker import Binding, Broker, BrokerUnavailable, Message, MessageHandler, Place, Topology
from services.chassis.ports.ent import Ent, EntGone, EntPerson, EntRefused, EntUnavailable, EntVisit
from services.chassis.ports.errors import PortError
from services.chassis.ports.forms import Forms, FormsUnavailable, Survey, SurveyResponse, WrongForms
from services.chassis.ports.machine import Clock, Ids
from services.chassis.ports.mail import Mail, MailRefused, MailTemporary, MailUnknown, OutgoingMail
from services.chassis.ports.objects import ObjectExists, ObjectInfo, Objects, ObjectsUnavailable, Stage, TooLarge
from services.chassis.ports.pre_enrolments import (
    DocumentAnswer,
    HeldThere,
    PreEnrolmentAnswer,
    PreEnrolments,
    PreEnrolmentsNotUnderstood,
    PreEnrolmentsSilent,
    PreEnrolmentsUnavailable,
)
from services.chassis.ports.records import RecordFile, Records, RecordsUnavailable, WrongRecord
from services.chassis.ports.scanner import Scanner, ScannerUnavailable
from services.chassis.ports.store import (
    MAX_FIND,
    Collection,
    Condition,
    Document,
    DuplicateKey,
    Get,
    In,
    Index,
    Range,
    Scalar,
    Sort,
    Store,
    StoreUnavailable,
    Where,
)

__all__ = [
    "MAX_FIND",
    "Binding",
    "Bounces",
    "BouncesUnavailable",
    "Broker",
    "BrokerUnavailable",
    "Clock",
    "Collection",
    "Condition",
    "Document",
    "DocumentAnswer",
    "DuplicateKey",
    "Ent",
    "EntGone",
    "EntPerson",
    "EntRefused",
    "EntUnavailable",
    "EntVisit",
    "Forms",
    "FormsUnavailable",
    "Get",
    "HeldThere",
    "Ids",
    "In",
    "Index",
    "Mail",
    "MailRefused",
    "MailTemporary",
    "MailUnknown",
    "MailboxPlace",
    "Message",
    "MessageHandler",
    "ObjectExists",
    "ObjectInfo",
    "Objects",
    "ObjectsUnavailable",
    "OutgoingMail",
    "Place",
    "PortError",
    "PreEnrolmentAnswer",
    "PreEnrolments",
    "PreEnrolmentsNotUnderstood",
    "PreEnrolmentsSilent",
    "PreEnrolmentsUnavailable",
    "Range",
    "RecordFile",
    "Records",
    "RecordsUnavailable",
    "ReturnedMails",
    "Scalar",
    "Scanner",
    "ScannerUnavailable",
    "Sort",
    "Stage",
    "Store",
    "StoreUnavailable",
    "Survey",
    "SurveyResponse",
    "TooLarge",
    "Topology",
    "Where",
    "WrongForms",
    "WrongRecord",
]
