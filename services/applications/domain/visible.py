"""What of an application its candidate can see, member by member: what is not named here is not told of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from types import MappingProxyType
from typing import Any, Final

from services.applications.domain.asked import Delivery, FilledForm, Form, FormAnswer, Question, QuestionAnswer
from services.applications.domain.conditioned import Condition, Followed
from services.applications.domain.copies import Programme, Requirement
from services.applications.domain.decided import GroupAsDecided, ReasonAsDecided, TypeAsDecided
from services.applications.domain.decision_model import Appointment, EnteredDecision, ValidatedDecision
from services.applications.domain.hands import Act, InPlace
from services.applications.domain.model import (
    Application,
    Document,
    DocumentWarning,
    Held,
    Milestone,
    Piece,
    Place,
    SubmissionRef,
)

SEEN: Final[Mapping[type, tuple[str, ...]]] = MappingProxyType(
    {
        Application: (
            *("programme", "campaign", "state", "submission_deadline", "pieces", "forms", "answers", "submissions"),
            *("history", "decision", "place", "in_place", "prolonged"),
        ),
        Programme: ("code", "title", "centre", "diploma", "contact", "answer_deadline"),
        Piece: ("requirement", "state", "document", "comment", "held"),
        Held: ("label", "on", "expires_on", "document"),
        Requirement: (
            *("code", "label", "conditional", "common", "max_bytes", "media_types", "model_document", "optional"),
            "per_application",
        ),
        Document: ("id", "sha256", "size", "media_type", "filename", "warnings"),
        DocumentWarning: ("slug", "page", "dpi"),
        FilledForm: ("form", "delivery", "since", "gone_at"),
        Form: ("code", "label", "url", "required"),
        Delivery: ("received_at", "answers"),
        FormAnswer: ("question", "answer"),
        QuestionAnswer: ("question", "given"),
        Question: ("code", "label", "kind", "required"),
        SubmissionRef: ("id", "submitted_at", "receipt_sha256"),
        Milestone: ("at", "state"),
        ValidatedDecision: ("entered", "at", "answer_deadline", "followed"),
        EnteredDecision: ("kind", "reason", "rank", "comment", "appointment", "type", "listed", "conditions", "group"),
        GroupAsDecided: ("code", "label"),
        Condition: ("label", "until"),
        Followed: ("number", "state", "on", "reason"),
        Appointment: ("place", "day", "time"),
        TypeAsDecided: ("code", "label", "appeal"),
        ReasonAsDecided: ("label",),
        Place: ("state",),
        InPlace: ("acts",),
        Act: ("at", "action", "what", "reason", "document"),
    }
)
"""The members that an answer to its candidate is made of."""


def visible(thing: Any) -> Any:
    """The same without what no candidate sees."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {name: visible(getattr(thing, name)) for name in SEEN.get(type(thing), ())}
    if isinstance(thing, (list, tuple)):
        return [visible(each) for each in thing]
    return thing
