"""The public API of the whole suite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contracts.api.endpoint import Api
from services.contracts.api.endpoints import catalogue, counts, letter_texts, mailer, second_factor

APIS: Final[Mapping[str, Api]] = {
    each.API.service: each.API for each in (second_factor, catalogue, counts, letter_texts, mailer)
}
"""By service, in the order in which documents tell them."""
