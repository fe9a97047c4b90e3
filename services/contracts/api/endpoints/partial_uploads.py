"""The calls by which an upload goes on where it was cut off (ADR 82)."""

from __future__ import annotations

from typing import Final

from services.contracts.api import partial_uploads as api
from services.contracts.api.endpoint import Endpoint, RawBody
from services.contracts.api.endpoints.letter_texts import API
from services.contracts.parameters import LARGEST_UPLOAD
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import (
    DECLARED,
    DOCUMENT_ERASED,
    EMPTY,
    FILENAME_INVALID,
    INCONSISTENT_LENGTH,
    PIECE_TOO_SMALL,
    PIECE_TYPE_WRONG,
    TOO_LARGE,
    TOO_MANY_OPEN,
    TOO_MANY_UPLOADS,
    TYPE_NOT_ALLOWED,
    WRONG_OFFSET,
)

__all__ = ["API", "APPEND", "BEGIN", "GIVE_UP", "LOOK"]

_ABOUT_OFFSET: Final = "Where the piece begins: as many bytes as are safe."
_ABOUT_COMPLETE: Final = "`?1`: with this piece, which may be empty, all has come, and the file is taken in; else `?0`."
_TOLD: Final = (
    (api.OFFSET_HEADER, "Bytes that are safe."),
    (api.LENGTH_HEADER, "Bytes of the whole file."),
    (api.COMPLETE_HEADER, "`?1` once the file was taken in."),
)

BEGIN: Final[Endpoint[api.NewPartial, api.Partial]] = API.declare(
    Endpoint(
        "POST",
        "/uploads/partial",
        "Begins an upload that can go on where it was cut off. With the same key it tells how far that one has come.",
        body=api.NewPartial,
        answer=api.Partial,
        status=201,
        takes_key=True,
        refusals=(
            TOO_LARGE,
            TYPE_NOT_ALLOWED,
            FILENAME_INVALID,
            EMPTY,
            DOCUMENT_ERASED,
            TOO_MANY_UPLOADS,
            TOO_MANY_OPEN,
        ),
        heeds=(),
    )
)

LOOK: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "HEAD",
        "/uploads/partial/{upload}",
        "How far an upload has come.",
        path_params=api.PartialPath,
        answer_headers=_TOLD,
        heeds=(),
    )
)

APPEND: Final[Endpoint[None, api.Partial]] = API.declare(
    Endpoint(
        "PATCH",
        "/uploads/partial/{upload}",
        "Adds a piece where the last one ended; the last one has the file taken in, as `PUT /uploads` does.",
        path_params=api.PartialPath,
        answer=api.Partial,
        answer_headers=_TOLD,
        refusals=(NOT_FOUND, WRONG_OFFSET, INCONSISTENT_LENGTH, PIECE_TOO_SMALL, PIECE_TYPE_WRONG, *DECLARED),
        heeds=(),
        upload=RawBody(
            (api.MEDIA_TYPE,),
            LARGEST_UPLOAD,
            {api.OFFSET_HEADER: _ABOUT_OFFSET, api.COMPLETE_HEADER: _ABOUT_COMPLETE},
        ),
    )
)

GIVE_UP: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "DELETE",
        "/uploads/partial/{upload}",
        "Gives an upload up; its bytes go at once.",
        path_params=api.PartialPath,
        refusals=(NOT_FOUND,),
        heeds=(),
    )
)
