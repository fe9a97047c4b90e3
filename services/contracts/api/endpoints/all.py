"""The public API of the whole suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contracts.api.endpoint import Api
from services.contracts.api.endpoints import catalogue_parts, doubts, mail_texts, meetings, minutes

APIS: Final[Mapping[str, Api]] = {
    each.API.service: each.API for each in (doubts, catalogue_parts, meetings, minutes, mail_texts)
}
"""By service, in the order in which documents tell them."""
