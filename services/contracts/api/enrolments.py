"""What the page of an application says of enrolment, once a place was accepted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.api.basics import Body, View


class EnrolmentView(View):
    """How one enrols who has accepted a place."""

    link: Annotated[str, Field(description="An address of the institution's.")]
    message: Annotated[str | None, Field(description="What one must know for it.")] = None


class PreEnrolmentView(View):
    """How far the institution's student records are with who has accepted a place, under which code (acceptance 87)."""

    state: Literal["waiting", "done", "refused", "cancelled"]
    state_label: str
    code: Annotated[str | None, Field(description="For candidates by parameter.")]


class EnrolmentCodeView(View):
    """Under which code somebody is handed over to the student records, or will be (acceptance 44)."""

    code: str
    own: Annotated[bool, Field(description="Whether staff have put it in place of prefix and file number.")] = False


class EnrolmentCodeBody(Body):
    """A code of somebody's own, and whether they are told of it by mail."""

    code: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=10,
            pattern=r"^[0-9A-Z]+$",
            description="No other person's of the campaign; null: the one of prefix and file number.",
            examples=["EC12345"],
        ),
    ]
    instead_of: Annotated[
        str, Field(max_length=40, description="The code that was read: refused if it is another one now.")
    ]
    tell: Annotated[
        bool,
        Field(description="Whether the candidate, to whom a place was offered, gets a mail where this changes it."),
    ] = False
