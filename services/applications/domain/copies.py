"""What other services have told of people and programmes, and what an application keeps of it as of its opening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.applications.domain.asked import Form, Question
from services.applications.domain.states import Label, ProgrammeState
from services.contracts.piece_comments import PieceKind


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document that the registrar holds of somebody, the last day on which it counts, and where its bytes are."""

    code: str
    label: str
    on: date | None = None
    expires_on: date | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileCopy:
    """The copy of a candidate's card: `missing` in order of the steps, `steps` the profile as it stands, rows too.

    `held` are the documents that the registrar holds of this person.
    """

    account: str
    campaign: str
    file_number: str
    missing: tuple[str, ...]
    steps: Mapping[str, Any]
    held: tuple[HeldDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """A document that a programme asks for; `max_bytes` is inclusive.

    An optional one blocks no submission; one that is wanted anew `per_application` is not taken over from another. What the
    registrar holds under `registrar_code` counts for it.
    """

    code: str
    label: Label
    conditional: bool
    common: bool
    max_bytes: int
    media_types: tuple[str, ...]
    model_document: str | None = None
    optional: bool = False
    per_application: bool = False
    registrar_code: str | None = None

    @property
    def kind(self) -> PieceKind:
        """Whether it must be given, or only where it applies, or not at all."""
        if self.optional:
            return "optional"
        return "conditional" if self.conditional else "mandatory"

    @property
    def can_be_shared(self) -> bool:
        """Whether what is given for it in one application may serve in another."""
        return self.common and not self.per_application


@dataclass(frozen=True, slots=True)
class Programme:
    """What an application keeps of its programme as of its opening; `contact` as offers publishes it."""

    code: str
    title: Label
    centre: Mapping[str, str]
    diploma: Mapping[str, str]
    contact: Mapping[str, str]
    answer_deadline: date | None
    answer_delay_days: int | None


@dataclass(frozen=True, slots=True)
class ListGroup:
    """A group of a programme's waiting list, which has so many `places` of its own, or as many as the programme has."""

    code: str
    label: Label
    places: int | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeCopy:
    """The copy of a published programme; the window's days count at both ends; one not `offered` takes nobody.

    `commission` is the code of the board that decides, where there is one, `commission_label` its name where that was told
    since 0.1.0; `route` is how one is admitted, where that was
    told since 0.1.0. It has so many `places`, or as many as it
    likes, unless that is not known (`places_known`). Who comes to one from its waiting list answers until a day, or
    within so many days, of the list's own. It has a list of each of its `groups`, where it has any; `passes_on`: a place
    of a group in which nobody waits is for the others, in their order.
    """

    programme: Programme
    campaign: str
    opens_on: date
    closes_on: date
    submission_deadline: date
    requirements: tuple[Requirement, ...]
    forms: tuple[Form, ...] = ()
    questions: tuple[Question, ...] = ()
    information: Label | None = None
    offered: bool = True
    state: ProgrammeState = ProgrammeState.PUBLISHED
    commission: str | None = None
    commission_label: Label | None = None
    places: int | None = None
    places_known: bool = True
    list_deadline: date | None = None
    list_delay_days: int | None = None
    route: Literal["controlled", "direct"] | None = None
    groups: tuple[ListGroup, ...] = ()
    passes_on: bool = False
