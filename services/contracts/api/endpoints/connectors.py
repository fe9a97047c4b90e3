"""The calls by which administrators see how a service's connectors fare; every service has them, for its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contracts.actors import Role
from services.contracts.api import connectors as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.api.endpoints import bulk_runs, campaigns, doubts, letter_checks, mail_texts
from services.contracts.refusals import BUSY, NOT_FOUND

__all__ = ["APIS", "CONNECTORS", "TESTS"]

APIS: Final = (doubts.API, campaigns.API, bulk_runs.API, letter_checks.API, mail_texts.API)
"""Of all services, in the order in which documents tell them."""


def _listed(of: Api) -> Endpoint[None, api.Connectors]:
    return of.declare(
        Endpoint(
            "GET",
            "/connectors",
            "What this service depends on, and how that fares in the process that answers.",
            access=staff(Role.ADMIN),
            answer=api.Connectors,
            refusals=(NOT_FOUND,),
            heeds=(),
        )
    )


def _tested(of: Api) -> Endpoint[None, api.ConnectorTested]:
    return of.declare(
        Endpoint(
            "POST",
            "/connectors/{connector}/test",
            "Ask one of them something harmless, and say what came of it within two seconds; one at a time.",
            access=staff(Role.ADMIN),
            path_params=api.ConnectorPath,
            answer=api.ConnectorTested,
            refusals=(NOT_FOUND, BUSY),
            heeds=(),
        )
    )


CONNECTORS: Final[Mapping[str, Endpoint[None, api.Connectors]]] = {each.service: _listed(each) for each in APIS}
TESTS: Final[Mapping[str, Endpoint[None, api.ConnectorTested]]] = {each.service: _tested(each) for each in APIS}
