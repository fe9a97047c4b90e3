"""Files that candidates fill in and give back: what staff put, and where it is then."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Instant, View

LONGEST_CODE: Final = 60
"""Characters of the code of a requirement; behind it an address tells its files apart."""


class ModelPath(BaseModel):
    """For which requirement, or which of its files."""

    model_config = ConfigDict(frozen=True)

    requirement: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,80}$",
            description="Code of the requirement, of 60 characters at most; where a file is read, what its address ends in.",
        ),
    ]


class ModelQuery(BaseModel):
    """How it is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    download: Annotated[bool, Field(description="To be kept under its name, and not shown in place.")] = False


class ModelFile(View):
    """A model that is there for good; others for the same requirement are there beside it."""

    requirement: str
    model_document: Annotated[
        str, Field(description="Its address, which the requirement (`PUT /api/offers/requirements/{code}`) is to name.")
    ]
    filename: Annotated[str, Field(description="The name under which it is given out.")]
    size: int
    sha256: str
    put_at: Instant
