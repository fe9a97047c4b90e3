"""The public API of the whole suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contracts.api.endpoint import Api
from services.contracts.api.endpoints import bundles, campaigns, counts, doubts, mail_texts

APIS: Final[Mapping[str, Api]] = {
    each.API.service: each.API for each in (doubts, campaigns, counts, bundles, mail_texts)
}
"""By service, in the order in which documents tell them."""
