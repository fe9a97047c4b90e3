"""The calls of documents."""

from __future__ import annotations

from typing import Final, get_args

from services.contracts.actors import IN_PLACE, Role
from services.contracts.api import documents as api
from services.contracts.api.access import Access, staff
from services.contracts.api.endpoint import Api, Endpoint, RawBody
from services.contracts.events.accounts import AccountErased, CardChanged, ClosingChanged
from services.contracts.events.applications import FileChanged
from services.contracts.events.commissions import CommissionChanged
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.parameters import LARGEST_UPLOAD
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import (
    CANDIDATE_ACCOUNT_CLOSED,
    DECLARED,
    FILE_FROZEN,
    INSPECTION_UNAVAILABLE,
    NO_LETTER,
    NO_PREVIEW,
    NOT_SUBMITTED,
    OF_ASSEMBLY,
    TOO_COMPLEX,
)

API: Final = Api(
    "documents",
    "Documents",
    "Takes in the documents of candidates and gives them back to those who may read them.",
    signs=True,
)

_READERS: Final = Access(account=True, roles=frozenset({Role.MANAGER, Role.COMMISSION}))
"""Whose it is, and staff who reach the application, as they do in its examination."""
_OF_PREVIEW: Final = (NOT_FOUND, NO_PREVIEW, TOO_COMPLEX, INSPECTION_UNAVAILABLE)
_ABOUT_NAME: Final = "The file's name, by which it is given back: `UTF-8''...` as in RFC 8187, or plain ASCII."
_TAKEN: Final[tuple[str, ...]] = get_args(api.MediaType)
_PARTS: Final[tuple[str, ...]] = get_args(api.PartType)

UPLOAD: Final[Endpoint[None, api.Upload]] = API.declare(
    Endpoint(
        "PUT",
        "/uploads",
        "Takes in one file and answers with a signed receipt by which it can be attached.",
        query=api.UploadQuery,
        answer=api.Upload,
        status=201,
        takes_key=True,
        refusals=DECLARED,
        heeds=(),
        upload=RawBody(
            (*_TAKEN, *_PARTS, "application/octet-stream"), LARGEST_UPLOAD, {api.FILENAME_HEADER: _ABOUT_NAME}
        ),
    )
)

UPLOAD_FOR: Final[Endpoint[None, api.Upload]] = API.declare(
    Endpoint(
        "PUT",
        "/applications/{application}/uploads",
        "Takes in one file for the candidate of an application within one's reach, as if they had uploaded it.",
        access=staff(*IN_PLACE),
        path_params=api.PaperPath,
        answer=api.Upload,
        status=201,
        takes_key=True,
        refusals=(NOT_FOUND, FILE_FROZEN, CANDIDATE_ACCOUNT_CLOSED, *DECLARED),
        heeds=(AccountErased, ClosingChanged, FileChanged, ProgrammeChanged, ProgrammePublished),
        upload=RawBody((*_TAKEN, "application/octet-stream"), LARGEST_UPLOAD, {api.FILENAME_HEADER: _ABOUT_NAME}),
    )
)

ASSEMBLE: Final[Endpoint[api.Assembly, api.Upload]] = API.declare(
    Endpoint(
        "POST",
        "/uploads/assemble",
        "Makes one PDF of own photos and PDFs, in order, and answers as for an upload. Parts are let go.",
        body=api.Assembly,
        answer=api.Upload,
        status=201,
        takes_key=True,
        refusals=(NOT_FOUND, *OF_ASSEMBLY, *DECLARED),
        heeds=(),
        takes_long=True,
    )
)

OWN_DOCUMENTS: Final[Endpoint[None, api.DocumentList]] = API.declare(
    Endpoint(
        "GET",
        "/documents",
        "List one's own documents, in the order of their ids.",
        query=api.DocumentQuery,
        answer=api.DocumentList,
        heeds=(AccountErased,),
    )
)

DOCUMENT: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/documents/{id}",
        "The bytes of a document, as an attachment under the name that it came with: one's own, or within one's reach.",
        access=_READERS,
        path_params=api.DocumentPath,
        download=_TAKEN,
        heeds=(AccountErased,),
    )
)

PAGES: Final[Endpoint[None, api.DocumentPages]] = API.declare(
    Endpoint(
        "GET",
        "/documents/{id}/pages",
        "How many pages of a document can be drawn.",
        access=_READERS,
        path_params=api.DocumentPath,
        answer=api.DocumentPages,
        refusals=_OF_PREVIEW,
        heeds=(AccountErased,),
        takes_long=True,
    )
)

PREVIEW: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/documents/{id}/preview",
        "A page of a document as a picture, as wide as can be read on a screen.",
        access=_READERS,
        path_params=api.DocumentPath,
        query=api.PreviewQuery,
        download=("image/jpeg",),
        refusals=_OF_PREVIEW,
        heeds=(AccountErased,),
        takes_long=True,
    )
)

RECEIPT_PDF: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{application}/receipt.pdf",
        "The receipt of what was submitted last, to be read and printed; its QR code leads to where it is checked.",
        access=_READERS,
        path_params=api.PaperPath,
        download=("application/pdf",),
        refusals=(NOT_FOUND, NOT_SUBMITTED, INSPECTION_UNAVAILABLE),
        heeds=(AccountErased, FileChanged),
        takes_long=True,
    )
)

LETTER_PDF: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{application}/letter.pdf",
        "The letter of admission once the place is accepted, or of rejection: as it was first made in this language.",
        access=_READERS,
        path_params=api.PaperPath,
        download=("application/pdf",),
        refusals=(NOT_FOUND, NO_LETTER, INSPECTION_UNAVAILABLE),
        heeds=(AccountErased, CommissionChanged, FileChanged, ProgrammeChanged, ProgrammePublished),
        takes_long=True,
    )
)

DOSSIER_PDF: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/applications/{application}/dossier.pdf",
        "A whole application as one PDF: a cover with the profile, then all pieces; what cannot be read is named there.",
        access=_READERS,
        path_params=api.PaperPath,
        download=("application/pdf",),
        refusals=(NOT_FOUND, TOO_COMPLEX, INSPECTION_UNAVAILABLE),
        heeds=(AccountErased, CardChanged, FileChanged),
        takes_long=True,
    )
)
