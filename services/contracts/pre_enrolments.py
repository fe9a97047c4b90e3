"""What student records (SIS) are told of who has accepted a place; docs/operations/pre-enrolment.md."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

LONGEST_REASON: Final = 500
"""Characters of why somebody is refused that are kept."""


class PreEnrolmentEntry(BaseModel):
    """One person for one programme: to be taken (`request`), or to be let go of (`cancel`).

    Of one `reference` the highest `revision` counts; the same again asks for nothing new. Who is let go of is not described.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    reference: Annotated[str, Field(description="Of the application, for ever the same.")]
    revision: Annotated[int, Field(ge=1, description="Grows with what is asked for this reference.")]
    action: Literal["request", "cancel"]
    code: Annotated[str, Field(description="The prefix of the institution, EC by default, and the file number.")]
    file_number: str
    campaign: str
    programme: str
    programme_title: str
    centre: str
    asked_at: Annotated[str, Field(description="RFC 3339, UTC.")]
    title: str | None = None
    family_name: str | None = None
    usual_name: str | None = None
    given_name: str | None = None
    other_given_names: str | None = None
    birth_date: str | None = None
    birth_place: str | None = None
    birth_country: str | None = None
    nationality: str | None = None
    national_student_number: str | None = None
    phone: str | None = None
    mobile: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    address_3: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    baccalaureate: str | None = None
    baccalaureate_series: str | None = None
    baccalaureate_year: int | None = None
    baccalaureate_honours: str | None = None
    regime: Annotated[str | None, Field(description="Code of the fee regime, of the institution's list.")] = None
    exemption: Annotated[str | None, Field(description="Code of the exemption, of the institution's list.")] = None
    amount: Annotated[str | None, Field(description="In euros with exactly two decimals.")] = None

    @property
    def key(self) -> str:
        """The same for the same entry, and for no other."""
        return f"{self.reference}.{self.revision}"


class PreEnrolmentRefusal(BaseModel):
    """The body of an answer 422: why, for staff to read."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    reason: Annotated[str, Field(min_length=1)]
