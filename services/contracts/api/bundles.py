"""Many files in one download, made in the background by documents, and fetched when it is ready."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.api.basics import Body, Code, Instant, View

MAX_FILES: Final = 200
"""Files of one bundle, inclusive."""
BundleKind = Literal["dossiers", "documents", "pdf", "piece", "letters", "letters-pdf"]
BundleStateName = Literal["waiting", "running", "ready", "failed"]
ApplicationId = Annotated[str, Field(pattern="^[0-9a-z]{1,64}$")]


class BundlePath(BaseModel):
    """Which bundle."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern="^[0-9a-z]{26}$", description="Id of the bundle.")]


class NewBundle(Body):
    """Which files, and what of them."""

    kind: Annotated[
        BundleKind,
        Field(
            description="`dossiers`: a ZIP with the PDF of each file. `documents`: a ZIP with a folder for each file, in it "
            "its documents as they were given. `piece`: a ZIP with one piece of each file, as it was given. `pdf`: one PDF "
            "of the files one behind the other, with a bookmark for each person. `letters`: a ZIP with the letter of each "
            "file, in the language asked for, as its candidate has it. `letters-pdf`: one PDF of these, to be printed."
        ),
    ]
    applications: Annotated[
        list[ApplicationId],
        Field(
            min_length=1,
            max_length=MAX_FILES,
            description="Ids of the applications, in their order in the bundle; one named twice stands in it once. What is "
            "beyond one's reach is named in the bundle as what does not exist.",
        ),
    ]
    piece: Annotated[Code | None, Field(description="Of `piece`, which needs it: the code of the piece.")] = None


class Chosen(Body):
    """Which files."""

    applications: Annotated[
        list[ApplicationId],
        Field(
            min_length=1,
            max_length=MAX_FILES,
            description="Ids of the applications; what is beyond one's reach counts as what does not exist.",
        ),
    ]


class PieceChoice(View):
    """A piece that can be had."""

    code: str
    label: str
    files: Annotated[int, Field(description="In how many of these files it is.")]


class PieceChoices(View):
    """The pieces that are in files, those of most files first."""

    items: list[PieceChoice]


class BundleView(View):
    """A bundle, and how far it is."""

    id: str
    kind: BundleKind
    piece: Annotated[str | None, Field(description="Of `piece`.")] = None
    state: BundleStateName
    state_label: str
    done: Annotated[int, Field(description="Files that were looked at.")]
    total: Annotated[int, Field(description="Files that were asked for.")]
    left_out: Annotated[int, Field(description="Files of which something is not in it; the bundle itself names them.")]
    asked_at: Instant
    expires_at: Annotated[Instant, Field(description="From then on it is gone.")]
    size: Annotated[int | None, Field(description="In bytes, once it is ready.")] = None
    sha256: Annotated[str | None, Field(description="In hexadecimal, once it is ready.")] = None
    file: Annotated[str | None, Field(description="Where its bytes are, once it is ready.")] = None
    reason: Annotated[
        Literal["too-large", "rights", "nothing", "erased", "broken"] | None, Field(description="Why there is none.")
    ] = None
    reason_text: Annotated[str | None, Field(description="The same in words.")] = None


class BundleList(View):
    """One's own bundles, the newest first."""

    items: list[BundleView]
