"""Problem details (RFC 9457): the body of every refusal of the public API."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """One wrong field of a body or of a query."""

    model_config = ConfigDict(frozen=True)

    field: Annotated[str, Field(description="Dotted path; empty when the whole is wrong.")]
    slug: Annotated[str, Field(description="The rule that failed; stable, for programs.")]
    message: Annotated[str, Field(description="What is wrong and what to do, in the language of the answer.")]


class Problem(BaseModel):
    """Why a request was refused; further members are facts that belong to the slug. What was sent is never echoed."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: Annotated[str, Field(description="A reference that names the kind of problem: `/problems/<slug>`.")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="What is wrong and what to do, in the language of the answer.")]
    slug: Annotated[str, Field(description="Stable name of the refusal, for programs.")]
    fields: Annotated[list[FieldProblem] | None, Field(description="All wrong fields.")] = None
    blocking: Annotated[list[Any] | None, Field(description="All that stands in the way, by name.")] = None
