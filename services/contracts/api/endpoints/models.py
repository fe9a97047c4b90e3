"""The calls of models: files that candidates fill in and give back (ADR 91)."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import models as api
from services.contracts.api.access import PUBLIC, staff
from services.contracts.api.documents import FILENAME_HEADER
from services.contracts.api.endpoint import Endpoint, RawBody
from services.contracts.api.endpoints.partial_uploads import API
from services.contracts.parameters import LARGEST_UPLOAD
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import DECLARED, DOCUMENT_ERASED, TOO_MANY_MODELS, TOO_MANY_UPLOADS

__all__ = ["API", "MODEL", "PUT_MODEL"]

_PDF: Final = "application/pdf"
_OF_BYTES: Final = tuple(each for each in DECLARED if each not in (TOO_MANY_UPLOADS, DOCUMENT_ERASED))

PUT_MODEL: Final[Endpoint[None, api.ModelFile]] = API.declare(
    Endpoint(
        "PUT",
        "/models/{requirement}",
        "Keep a PDF that can be filled in and given back, checked as what is given back; the requirement is to name it.",
        access=staff(Role.ADMIN, Role.REGISTRAR, Role.MANAGER),
        path_params=api.ModelPath,
        answer=api.ModelFile,
        refusals=(NOT_FOUND, TOO_MANY_MODELS, *_OF_BYTES),
        heeds=(),
        upload=RawBody(
            (_PDF, "application/octet-stream"),
            LARGEST_UPLOAD,
            {
                FILENAME_HEADER: "The file's name, by which it is given out: `UTF-8''...` as in RFC 8187, or plain ASCII."
            },
        ),
    )
)

MODEL: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/models/{requirement}",
        "A model: shown in place, or to be kept. One range of its bytes may be asked for (206).",
        access=PUBLIC,
        path_params=api.ModelPath,
        query=api.ModelQuery,
        refusals=(NOT_FOUND,),
        cache="public, max-age=86400, immutable",
        download=(_PDF,),
        heeds=(),
    )
)
