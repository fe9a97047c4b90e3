"""The calls about the places of programmes."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import places as api
from services.contracts.api.access import staff
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.endpoints.fees import API
from services.contracts.events.applications import PlaceFreed
from services.contracts.events.offers import ProgrammeChanged, ProgrammePublished
from services.contracts.refusals import BUSY, INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals import applications as refusals

__all__ = ["API", "PLACES", "PROMOTE", "SIMULATION", "STOP"]

_MANAGERS: Final = staff(Role.MANAGER)

PLACES: Final[Endpoint[None, api.PlacesView]] = API.declare(
    Endpoint(
        "GET",
        "/places/{programme}",
        "How many places a programme has, who has one, and who waits.",
        access=_MANAGERS,
        heeds=(PlaceFreed, ProgrammeChanged, ProgrammePublished),
        path_params=api.PlacesPath,
        answer=api.PlacesView,
        refusals=(NOT_FOUND,),
    )
)

SIMULATION: Final[Endpoint[None, api.SimulationView]] = API.declare(
    Endpoint(
        "GET",
        "/places/{programme}/simulation",
        "What would come if these gave their place up: who would be offered it, until when, and which places would stay.",
        access=_MANAGERS,
        heeds=(PlaceFreed, ProgrammeChanged, ProgrammePublished),
        path_params=api.PlacesPath,
        query=api.WithdrawalsForeseen,
        answer=api.SimulationView,
        refusals=(NOT_FOUND, INVALID_FIELDS),
    )
)

PROMOTE: Final[Endpoint[api.PromoteNext, api.PlacesView]] = API.declare(
    Endpoint(
        "POST",
        "/places/{programme}/promotion",
        "Offer a free place to who is next, as if it had just become free: with one mail.",
        access=_MANAGERS,
        path_params=api.PlacesPath,
        body=api.PromoteNext,
        answer=api.PlacesView,
        takes_key=True,
        refusals=(
            NOT_FOUND,
            BUSY,
            refusals.NO_FREE_PLACE,
            refusals.NOBODY_WAITS,
            refusals.NEXT_CHANGED,
            refusals.RECUSED,
            refusals.PROMOTIONS_OVER,
            refusals.LIST_CLOSED,
        ),
    )
)

STOP: Final[Endpoint[api.PromotionStop, api.PlacesView]] = API.declare(
    Endpoint(
        "PUT",
        "/places/{programme}",
        "Say until when anybody is promoted.",
        access=_MANAGERS,
        path_params=api.PlacesPath,
        body=api.PromotionStop,
        answer=api.PlacesView,
        takes_if_match=True,
        refusals=(NOT_FOUND, BUSY, INVALID_FIELDS),
    )
)
