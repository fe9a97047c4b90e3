"""The calls by which a whole catalogue comes in a file. `API` is the whole of offers."""

from __future__ import annotations

from typing import Final

from services.contracts.api import imports as api
from services.contracts.api.endpoint import Endpoint, RawBody
from services.contracts.api.endpoints.catalogue import EDITORS
from services.contracts.api.endpoints.catalogue_parts import API
from services.contracts.refusals import TOO_MANY_CHANGES
from services.contracts.refusals.offers import (
    CATALOGUE_TOO_LARGE,
    IMPORT_TOO_LONG,
    NO_ACTIVE_CAMPAIGN,
    NOT_A_CATALOGUE_FILE,
    PREMISES_CHANGED,
)

__all__ = ["API", "IMPORT", "TEMPLATE"]

IMPORT: Final[Endpoint[None, api.ImportResult]] = API.declare(
    Endpoint(
        "POST",
        "/imports",
        "Import a catalogue of the institution's own, a table or JSON, as far as one's rights reach; what is faulty, or "
        "beyond them, is named by its line, and the rest is there.",
        access=EDITORS,
        query=api.ImportQuery,
        answer=api.ImportResult,
        refusals=(
            NO_ACTIVE_CAMPAIGN,
            CATALOGUE_TOO_LARGE,
            IMPORT_TOO_LONG,
            NOT_A_CATALOGUE_FILE,
            PREMISES_CHANGED,
            TOO_MANY_CHANGES,
        ),
        upload=RawBody(
            ("text/csv", "application/json", "application/octet-stream"),
            api.MAX_IMPORT_BYTES,
            example='[{"kind": "centre", "code": "SEE", "label_fr": "UFR Sciences", "contact_email": "see@univ.example"}]',
        ),
    )
)

TEMPLATE: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/imports/template",
        "An empty table with every column that an import knows.",
        access=EDITORS,
        download=("text/csv",),
    )
)
