"""The calls by which whoever holds a letter sees whether it is genuine. `API` is the whole of documents."""

from __future__ import annotations

from typing import Final

from services.contracts.api import letter_checks as api
from services.contracts.api.access import PUBLIC
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.hand_overs import API
from services.contracts.events.accounts import AccountErased
from services.contracts.events.applications import FileChanged
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.documents import TOO_MANY_NAMES

__all__ = ["API", "CHECK_LETTER", "CHECK_LETTER_NAME"]

CHECK_LETTER: Final[Endpoint[None, api.LetterCheck]] = API.declare(
    Endpoint(
        "GET",
        "/letters/{code}",
        "Whether a letter of admission is genuine, whether it still counts, and what it says, for whoever holds it.",
        access=PUBLIC,
        path_params=api.LetterCode,
        answer=api.LetterCheck,
        refusals=(NOT_FOUND,),
        heeds=(AccountErased, FileChanged),
    )
)

CHECK_LETTER_NAME: Final[Endpoint[api.LetterNameBody, api.LetterNameCheck]] = API.declare(
    Endpoint(
        "POST",
        "/letters/{code}/name",
        "Whether the name on a letter is the one for which it was made; some names an hour.",
        access=PUBLIC,
        path_params=api.LetterCode,
        body=api.LetterNameBody,
        answer=api.LetterNameCheck,
        refusals=(NOT_FOUND, TOO_MANY_NAMES),
        heeds=(AccountErased,),
    )
)
