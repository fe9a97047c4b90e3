"""The public API of the whole suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contracts.api.endpoint import Api
from services.contracts.api.endpoints import connectors

APIS: Final[Mapping[str, Api]] = {each.service: each for each in connectors.APIS}
"""By service, in the order in which documents tell them."""
