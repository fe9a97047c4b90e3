"""The calls by which the letters of a board get their signature."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import signatures as api
from services.contracts.api.access import staff
from services.contracts.api.documents import FILENAME_HEADER
from services.contracts.api.endpoint import Endpoint, RawBody
from services.contracts.api.endpoints.models import API
from services.contracts.events.offers import ParametersChanged
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import (
    DECLARED,
    DOCUMENT_ERASED,
    INSPECTION_UNAVAILABLE,
    TOO_COMPLEX,
    TOO_MANY_SIGNATURES,
    TOO_MANY_UPLOADS,
)

__all__ = ["API", "PUT_SIGNATURE", "SAMPLE_LETTER"]

_EDITORS: Final = staff(Role.ADMIN, Role.REGISTRAR, Role.MANAGER)
_OF_BYTES: Final = tuple(each for each in DECLARED if each not in (TOO_MANY_UPLOADS, DOCUMENT_ERASED))

PUT_SIGNATURE: Final[Endpoint[None, api.SignatureFile]] = API.declare(
    Endpoint(
        "PUT",
        "/signatures/{commission}",
        "Keep the picture of a signature, PNG or JPEG of 512 KiB at most; the board is to name it, nobody reads it back.",
        access=_EDITORS,
        path_params=api.SignaturePath,
        answer=api.SignatureFile,
        refusals=(TOO_MANY_SIGNATURES, *_OF_BYTES),
        heeds=(),
        takes_long=True,
        upload=RawBody(
            ("image/jpeg", "image/png", "application/octet-stream"),
            api.LARGEST_SIGNATURE,
            {FILENAME_HEADER: "The file's name, which is not kept: `UTF-8''...` as in RFC 8187, or plain ASCII."},
        ),
    )
)

SAMPLE_LETTER: Final[Endpoint[api.LetterSigners, None]] = API.declare(
    Endpoint(
        "POST",
        "/letter-templates/{kind}/{language}/sample",
        "The letter that a board's candidates would get with these signers, to a person who is made up; nothing is kept.",
        access=_EDITORS,
        path_params=api.SamplePath,
        body=api.LetterSigners,
        download=("application/pdf",),
        refusals=(NOT_FOUND, TOO_COMPLEX, INSPECTION_UNAVAILABLE),
        heeds=(ParametersChanged,),
        takes_long=True,
    )
)
