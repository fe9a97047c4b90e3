"""What the page of an application says of enrolment, once a place was accepted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.contracts.api.basics import View


class EnrolmentView(View):
    """How one enrols who has accepted a place."""

    link: Annotated[str, Field(description="An address of the institution's.")]
    message: Annotated[str | None, Field(description="What one must know for it.")] = None


class PreEnrolmentView(View):
    """How far the institution's student records are with who has accepted a place, under which code (acceptance 87)."""

    state: Literal["waiting", "done", "refused", "cancelled"]
    state_label: str
    code: Annotated[str | None, Field(description="For candidates by parameter.")]
