"""The calls by which support finds people and helps them. `API` is the whole of accounts."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import support as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.second_factor import API
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import accounts as refusals

__all__ = ["API", "CHANGE_PERSONS_EMAIL", "END_SESSIONS", "MAIL_RESET", "MAIL_VALIDATION", "PEOPLE", "PERSON"]

_SUPPORT: Final = staff(Role.SUPPORT, Role.ADMIN)
_ASKED: Final = (refusals.SESSION_ENDED, refusals.RIGHT_OF_EVERYTHING, NOT_FOUND)
_HELPED: Final = (*_ASKED, refusals.PERSON_OF_STAFF, refusals.PERSON_WRONG_STATE, refusals.TOO_MANY_REQUESTS, BUSY)

PEOPLE: Final[Endpoint[None, api.People]] = API.declare(
    Endpoint(
        "GET",
        "/accounts",
        "Find people by number, names or address; for support and administrators of everything, as all calls here.",
        access=_SUPPORT,
        query=api.PeopleQuery,
        answer=api.People,
        refusals=(*_ASKED, INVALID_FIELDS, refusals.TOO_MANY_REQUESTS),
    )
)

PERSON: Final[Endpoint[None, api.PersonView]] = API.declare(
    Endpoint(
        "GET",
        "/accounts/{id}",
        "One person: whether the address is proved, how they log in, what staff did for them.",
        access=_SUPPORT,
        path_params=api.PersonPath,
        answer=api.PersonView,
        refusals=_ASKED,
    )
)

MAIL_VALIDATION: Final[Endpoint[None, api.PersonView]] = API.declare(
    Endpoint(
        "POST",
        "/accounts/{id}/validation-mails",
        "Mail one more validation link to who has not followed one.",
        access=_SUPPORT,
        path_params=api.PersonPath,
        answer=api.PersonView,
        refusals=(*_HELPED, refusals.HELPED_LATELY),
        takes_key=True,
    )
)

MAIL_RESET: Final[Endpoint[None, api.PersonView]] = API.declare(
    Endpoint(
        "POST",
        "/accounts/{id}/password-resets",
        "Mail the login, and a link by which the person sets a password, to the address in force.",
        access=_SUPPORT,
        path_params=api.PersonPath,
        answer=api.PersonView,
        refusals=(*_HELPED, refusals.BY_ENT_ALONE, refusals.HELPED_LATELY),
        takes_key=True,
    )
)

CHANGE_PERSONS_EMAIL: Final[Endpoint[api.PersonEmailChange, api.PersonView]] = API.declare(
    Endpoint(
        "POST",
        "/accounts/{id}/email-changes",
        "Ask for another address for a person: it is in force once its link is followed, and the present one is told.",
        access=_SUPPORT,
        path_params=api.PersonPath,
        body=api.PersonEmailChange,
        answer=api.PersonView,
        refusals=(*_HELPED, refusals.HELPED_LATELY, INVALID_FIELDS),
        takes_key=True,
    )
)

END_SESSIONS: Final[Endpoint[None, api.PersonView]] = API.declare(
    Endpoint(
        "POST",
        "/accounts/{id}/sessions/revocation",
        "End all logins of a person and forget the browsers that were known; every service refuses their tokens.",
        access=_SUPPORT,
        path_params=api.PersonPath,
        answer=api.PersonView,
        refusals=_HELPED,
        takes_key=True,
    )
)
