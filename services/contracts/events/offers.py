"""Events of offers. A programme's data are public by nature, so its events carry the whole published programme."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.contracts.events.catalogue import Audience, Event, Part
from services.contracts.parameters import INSTITUTION, Parameters


class TextPart(Part):
    """A text in French and, if there is one, in English."""

    fr: str
    en: str | None = None


class UnitPart(Part):
    """A centre or a diploma; `label_en` where its English name is another."""

    code: str
    label: str
    label_en: str | None = None


class ContactPart(Part):
    """Whom to ask; the lines of the address are parted by line feeds."""

    name: str | None = None
    address: str | None = None
    email: Annotated[str | None, Field(examples=["master-mer@universite.example"])] = None
    phone: str | None = None
    url: str | None = None


class ExtraPart(Part):
    """What nothing is said in yet."""


class RequirementPart(Part):
    """One document asked for. `max_bytes` is inclusive; an `optional` one, where that is said, blocks no submission.

    What the student records hold under `registrar_code` counts for it.
    """

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Lettre de motivation", "en": "Cover letter"}])]
    conditional: bool
    common: bool
    max_bytes: int
    media_types: list[str]
    model_document: str | None = None
    optional: bool | None = None
    per_application: bool | None = None
    registrar_code: str | None = None


class FormPart(Part):
    """A questionnaire elsewhere; `{application}` and `{file_number}` in its address stand for the candidate's."""

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Projet professionnel", "en": "Career plans"}])]
    url: str
    required: bool


class QuestionPart(Part):
    """A question that is answered in the application."""

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Parlez-vous anglais ?", "en": "Do you speak English?"}])]
    kind: Literal["text", "yes-no"]
    required: bool


class GroupPart(Part):
    """A group of a programme's waiting list, with so many places of its own, or as many as the programme has."""

    code: str
    label: Annotated[TextPart, Field(examples=[{"fr": "Boursiers", "en": "Scholarship holders"}])]
    places: int | None = None


class ProgrammePart(Part):
    """A published programme: dates are calendar days `YYYY-MM-DD` of the institution's zone, inclusive at both ends.

    `version` grows with every change. One that is not `offered` is shown, but takes nobody whatever the day. A place of one
    of the `groups` of its waiting list in which nobody waits `passes_on` to the others, in their order.
    """

    code: str
    version: int
    campaign: str
    title: Annotated[TextPart, Field(examples=[{"fr": "Sciences de la mer", "en": "Marine sciences"}])]
    centre: Annotated[UnitPart, Field(examples=[{"code": "SEE", "label": "UFR Sciences exactes et expérimentales"}])]
    diploma: Annotated[UnitPart, Field(examples=[{"code": "M1", "label": "Master 1"}])]
    route: Literal["controlled", "direct"]
    offered: bool = True
    opens_on: str
    closes_on: str
    submission_deadline: str
    answer_deadline: str | None = None
    answer_delay_days: int | None = None
    waitlist_answer_deadline: str | None = None
    waitlist_answer_delay_days: int | None = None
    capacity: int | None = None
    contact: Annotated[ContactPart, Field(examples=[{"email": "master-mer@universite.example"}])]
    requirements: list[RequirementPart]
    forms: list[FormPart] | None = None
    questions: list[QuestionPart] | None = None
    information: TextPart | None = None
    commission: UnitPart | None = None
    groups: list[GroupPart] | None = None
    passes_on: bool | None = None
    extra: ExtraPart = ExtraPart()


class CampaignActivated(Event, type="offers.campaign.activated.v1", key="campaign"):
    """The campaign is now the active one; accounts are bound to it."""

    campaign: str
    label: str
    starts_on: str
    ends_on: str


class CampaignClosed(Event, type="offers.campaign.closed.v1", key="campaign"):
    """The campaign is over. `ended_on` is its last day, or the later one on which it was closed, `YYYY-MM-DD`."""

    campaign: str
    ended_on: Annotated[str | None, Field(examples=["2027-09-30"])] = None


class MovePart(Part):
    """Until when one may submit to all programmes, to those of the centre `code`, or to the programme `code`."""

    reach: Literal["all", "centre", "programme"]
    code: str | None = None
    submission_deadline: Annotated[str, Field(examples=["2027-06-25"])]


class DeadlinesMoved(Event, type="offers.deadlines.moved.v1", key="campaign"):
    """Submission deadlines of a campaign were moved; carries all that are in force, `version` as in ProgrammePart.

    Until the latest of its own day and those of its scopes one may submit to a programme, and whoever was told a later day
    keeps it.
    """

    campaign: str
    version: int
    moves: list[MovePart]


class ProgrammePublished(Event, type="offers.programme.published.v1", key="code"):
    """A programme stands in the catalogue for the first time."""

    code: str
    programme: ProgrammePart


class ProgrammeChanged(Event, type="offers.programme.changed.v1", key="code"):
    """Something of a published programme changed; carries the whole new state."""

    code: str
    programme: ProgrammePart


class ProgrammeWithdrawn(Event, type="offers.programme.withdrawn.v1", key="code"):
    """A programme left the catalogue; applications to it stay as they are. `version` as in ProgrammePart."""

    code: str
    campaign: str
    version: int


class ParametersChanged(Event, type="offers.parameters.changed.v1", key="scope", audience=Audience.INTERNAL):
    """What the institution may set while the suite runs; carries all of it, because others copy it.

    `scope` is whose they are, `institution`; `version` grows with every change. A parameter that is absent has its default.
    """

    model_config = ConfigDict(
        strict=False
    )  # else nothing but dataclasses would be taken where dataclasses are declared

    scope: Annotated[str, Field(examples=[INSTITUTION])]
    version: int
    parameters: Annotated[Parameters, Field(examples=[{"institution": {"name": "Université d’Exemple"}}])]
