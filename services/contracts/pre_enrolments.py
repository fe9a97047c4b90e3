"""What student records (SIS) are told of who has accepted a place; docs/operations/pre-enrolment.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
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


MOST_HELD: Final = 200_000
"""People of a campaign whom they can hold at most; who names more is not understood."""
MOST_HELD_AT_ONCE: Final = 500
"""Of those whom the student records hold, in one answer."""
LARGEST_NUMBER: Final = 2**53 - 1
"""Of people, and of a revision: a larger one is kept by no store."""
REFERENCE_PATTERN: Final = r"^[0-9A-Za-z._-]{1,64}$"


class HeldQuestion(BaseModel):
    """Whom do you hold of a campaign? Asked of `<address>/digest`; of `<address>/entries` behind a reference."""

    model_config = ConfigDict(strict=True, frozen=True)

    campaign: str
    after: Annotated[
        str | None, Field(description="A reference: those behind it, in order; absent: from the first.")
    ] = None
    limit: Annotated[int | None, Field(description="How many at most; of entries.")] = None


class HeldDigest(BaseModel):
    """How many people are to come there, whose last action is `request`, and the digest of `digest_of_held`."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    count: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class HeldEntry(BaseModel):
    """One of them, by reference and the revision that counts there."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    reference: Annotated[str, Field(pattern=REFERENCE_PATTERN)]
    revision: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]


class HeldEntries(BaseModel):
    """A page of them, in order of the bytes of their references; an empty one is behind the last."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    items: Annotated[list[HeldEntry], Field(max_length=MOST_HELD_AT_ONCE)]


def digest_of_held(entries: Iterable[HeldEntry]) -> HeldDigest:
    """The count, and the SHA-256 of a line `reference.revision` and a line feed for each, in order of references."""
    count, digest = 0, hashlib.sha256()
    for entry in entries:
        count += 1
        digest.update(held_line(entry.reference, entry.revision))
    return HeldDigest(count=count, sha256=digest.hexdigest())


def held_line(reference: str, revision: int) -> bytes:
    """What of one of them goes into the digest."""
    return f"{reference}.{revision}\n".encode()
