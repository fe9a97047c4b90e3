"""The calls by which the institution and its centres write the words of letters."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import letter_texts as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.documents import API
from services.contracts.events.offers import ParametersChanged
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.documents import INSPECTION_UNAVAILABLE, TOO_COMPLEX, TOO_MANY_LETTER_TEXTS

__all__ = ["API", "LETTER_PREVIEW", "LETTER_TEXTS", "RESET_LETTER_TEXTS", "SET_LETTER_TEXTS"]

_WRITERS: Final = staff(Role.ADMIN, Role.MANAGER)
"""Of all letters who administers everything; of a centre's whose right holds all of the centre."""
_TRIED: Final = (NOT_FOUND, TOO_COMPLEX, INSPECTION_UNAVAILABLE)

LETTER_TEXTS: Final[Endpoint[None, api.LetterTextsList]] = API.declare(
    Endpoint(
        "GET",
        "/letter-templates",
        "The words of every letter in every language, of a centre's letters with `centre`.",
        access=_WRITERS,
        query=api.LetterOwner,
        answer=api.LetterTextsList,
        refusals=(INVALID_FIELDS, NOT_FOUND),
        heeds=(ParametersChanged,),
    )
)

SET_LETTER_TEXTS: Final[Endpoint[api.LetterTextsBody, api.LetterTextsView]] = API.declare(
    Endpoint(
        "PUT",
        "/letter-templates/{kind}/{language}",
        "Write the words of a letter, which are tried at once; letters that were made before stay as they are.",
        access=_WRITERS,
        query=api.LetterOwner,
        path_params=api.LetterPath,
        body=api.LetterTextsBody,
        answer=api.LetterTextsView,
        refusals=(TOO_MANY_LETTER_TEXTS, *_TRIED),
        takes_key=True,
        takes_if_match=True,
        heeds=(ParametersChanged,),
        takes_long=True,
    )
)

RESET_LETTER_TEXTS: Final[Endpoint[None, api.LetterTextsView]] = API.declare(
    Endpoint(
        "DELETE",
        "/letter-templates/{kind}/{language}",
        "Go back to the words that are shipped, or from those of a centre to the institution's.",
        access=_WRITERS,
        query=api.LetterOwner,
        path_params=api.LetterPath,
        answer=api.LetterTextsView,
        refusals=(INVALID_FIELDS, NOT_FOUND),
        takes_key=True,
        takes_if_match=True,
        heeds=(ParametersChanged,),
    )
)

LETTER_PREVIEW: Final[Endpoint[api.LetterTextsBody, None]] = API.declare(
    Endpoint(
        "POST",
        "/letter-templates/{kind}/{language}/preview",
        "The letter that these words would make, to a person who is made up; nothing is kept.",
        access=_WRITERS,
        query=api.LetterOwner,
        path_params=api.LetterPath,
        body=api.LetterTextsBody,
        download=("application/pdf",),
        refusals=_TRIED,
        heeds=(ParametersChanged,),
        takes_long=True,
    )
)
