"""Events of offers. A programme's data are public by nature, so its events carry the whole published programme."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.events.catalogue import Event


class Part(BaseModel):
    """A part of an event's data; unknown members of later versions are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class RequirementPart(Part):
    """One document asked for. `max_bytes` is inclusive; `label` maps language to text."""

    code: str
    label: Annotated[dict[str, str], Field(examples=[{"fr": "Lettre de motivation", "en": "Cover letter"}])]
    conditional: bool
    common: bool
    max_bytes: int
    media_types: list[str]
    model_document: str | None = None


class ProgrammePart(Part):
    """A published programme: dates are calendar days `YYYY-MM-DD` of the institution's zone, inclusive at both ends.

    `version` grows with every change. `title` maps language to text. `centre` and `diploma` are `{code, label}`, and
    `label_en` where the English name is another. One that is not `offered` is shown, but takes nobody whatever the day.
    """

    code: str
    version: int
    campaign: str
    title: Annotated[dict[str, str], Field(examples=[{"fr": "Sciences de la mer", "en": "Marine sciences"}])]
    centre: Annotated[
        dict[str, str], Field(examples=[{"code": "SEE", "label": "UFR Sciences exactes et expérimentales"}])
    ]
    diploma: Annotated[dict[str, str], Field(examples=[{"code": "M1", "label": "Master 1"}])]
    route: Literal["controlled", "direct"]
    offered: bool = True
    opens_on: str
    closes_on: str
    submission_deadline: str
    answer_deadline: str | None = None
    answer_delay_days: int | None = None
    capacity: int | None = None
    contact: Annotated[dict[str, str], Field(examples=[{"email": "master-mer@universite.example"}])]
    requirements: list[RequirementPart]
    extra: dict[str, Any] = {}


class CampaignActivated(Event, type="offers.campaign.activated.v1", key="campaign"):
    """The campaign is now the active one; accounts are bound to it."""

    campaign: str
    label: str
    starts_on: str
    ends_on: str


class CampaignClosed(Event, type="offers.campaign.closed.v1", key="campaign"):
    """The campaign is over."""

    campaign: str


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
