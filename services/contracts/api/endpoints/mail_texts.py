"""The calls by which the institution writes the words of mails."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import mail_texts as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.mailer import API
from services.contracts.events.accounts import StaffChanged
from services.contracts.events.offers import ParametersChanged
from services.contracts.refusals import NOT_FOUND
from services.contracts.refusals.mailer import NO_ADDRESS, TOO_MANY_TESTS

__all__ = ["API", "MAIL_PREVIEW", "MAIL_TEST", "MAIL_TEXTS", "MAIL_TEXTS_LIST", "RESET_MAIL_TEXTS", "SET_MAIL_TEXTS"]

MAIL_TEXTS_LIST: Final[Endpoint[None, api.MailTextsList]] = API.declare(
    Endpoint(
        "GET",
        "/templates",
        "Every mail whose words the institution may write, in every language.",
        access=staff(Role.ADMIN),
        answer=api.MailTextsList,
        refusals=(NOT_FOUND,),
        heeds=(ParametersChanged,),
    )
)

MAIL_TEXTS: Final[Endpoint[None, api.MailTextsView]] = API.declare(
    Endpoint(
        "GET",
        "/templates/{kind}/{language}",
        "The words of one mail as they are in force, and those before them.",
        access=staff(Role.ADMIN),
        path_params=api.MailPath,
        answer=api.MailTextsView,
        refusals=(NOT_FOUND,),
        heeds=(ParametersChanged,),
    )
)

SET_MAIL_TEXTS: Final[Endpoint[api.MailTextsBody, api.MailTextsView]] = API.declare(
    Endpoint(
        "PUT",
        "/templates/{kind}/{language}",
        "Write the words of a mail, which are tried at once and in the next mail; mails that were made before stay.",
        access=staff(Role.ADMIN),
        path_params=api.MailPath,
        body=api.MailTextsBody,
        answer=api.MailTextsView,
        refusals=(NOT_FOUND,),
        takes_key=True,
        takes_if_match=True,
        heeds=(ParametersChanged,),
    )
)

RESET_MAIL_TEXTS: Final[Endpoint[None, api.MailTextsView]] = API.declare(
    Endpoint(
        "DELETE",
        "/templates/{kind}/{language}",
        "Go back to the words that are shipped.",
        access=staff(Role.ADMIN),
        path_params=api.MailPath,
        answer=api.MailTextsView,
        refusals=(NOT_FOUND,),
        takes_key=True,
        takes_if_match=True,
        heeds=(ParametersChanged,),
    )
)

MAIL_PREVIEW: Final[Endpoint[api.MailPreviewBody, api.MailPreview]] = API.declare(
    Endpoint(
        "POST",
        "/templates/{kind}/{language}/preview",
        "The mail that these words would make, of examples or of a file that one manages; nothing is kept or sent.",
        access=staff(Role.ADMIN, Role.MANAGER),
        path_params=api.MailPath,
        body=api.MailPreviewBody,
        answer=api.MailPreview,
        refusals=(NOT_FOUND,),
        heeds=(ParametersChanged,),
    )
)

MAIL_TEST: Final[Endpoint[api.MailPreviewBody, api.MailTest]] = API.declare(
    Endpoint(
        "POST",
        "/templates/{kind}/{language}/test",
        "Send that very mail to one's own address, marked as a test: ten an hour; no file knows of it.",
        access=staff(Role.ADMIN, Role.MANAGER),
        path_params=api.MailPath,
        body=api.MailPreviewBody,
        answer=api.MailTest,
        refusals=(NOT_FOUND, NO_ADDRESS, TOO_MANY_TESTS),
        takes_key=True,
        heeds=(ParametersChanged, StaffChanged),
    )
)
