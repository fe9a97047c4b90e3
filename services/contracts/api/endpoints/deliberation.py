"""The calls by which a deliberation goes out as a table, and comes back."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import deliberation as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint, RawBody
from services.contracts.api.endpoints.review import API
from services.contracts.refusals import BUSY, INVALID_FIELDS
from services.contracts.refusals import applications as refusals

__all__ = ["API", "READ", "TABLE_CSV", "TABLE_XLSX"]

_JUDGES: Final = staff(Role.MANAGER, Role.COMMISSION)
_GIVEN: Final = (BUSY, INVALID_FIELDS, refusals.TOO_MANY_ROWS)

TABLE_CSV: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/review/deliberation.csv",
        "The complete files of a programme or a commission with what is decided on each, 5,000 at most, as comma-separated "
        "values in UTF-8.",
        access=_JUDGES,
        query=api.DeliberationScope,
        download=(api.CSV,),
        refusals=_GIVEN,
        takes_long=True,
    )
)

TABLE_XLSX: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/review/deliberation.xlsx",
        "The same as a workbook.",
        access=_JUDGES,
        query=api.DeliberationScope,
        download=(api.XLSX,),
        refusals=_GIVEN,
        takes_long=True,
    )
)

READ: Final[Endpoint[None, api.DeliberationView]] = API.declare(
    Endpoint(
        "POST",
        "/review/deliberation",
        "Enter the decisions of such a table, and validate none: first as a dry run, then with the digest which that gave.",
        access=_JUDGES,
        query=api.DeliberationQuery,
        answer=api.DeliberationView,
        takes_key=True,
        takes_long=True,
        refusals=(
            BUSY,
            INVALID_FIELDS,
            refusals.PREMISES_CHANGED,
            refusals.TOO_MANY_ROWS,
            refusals.TABLE_TOO_LARGE,
            refusals.TABLE_UNREADABLE,
            refusals.TABLE_HAS_SHEETS,
            refusals.TABLE_LACKS_COLUMNS,
        ),
        upload=RawBody((api.CSV, api.XLSX, "application/octet-stream"), api.MAX_TABLE_BYTES),
    )
)
