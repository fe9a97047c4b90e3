"""The calls of offers: what anyone may read and keep for some seconds, and what the institution sets."""

from __future__ import annotations

from typing import Final

from services.contracts.actors import Role
from services.contracts.api import offers as api
from services.contracts.api import parameters
from services.contracts.api.access import PUBLIC, staff
from services.contracts.api.endpoint import Api, Endpoint
from services.contracts.api.maintenance import Maintenance
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND
from services.contracts.refusals.offers import CAMPAIGN_OVER, NO_ACTIVE_CAMPAIGN

API: Final = Api("offers", "Offers", "Campaigns, and the catalogue of programmes with their dates and requirements.")

SHORT: Final = "public, max-age=5"
"""A deadline that is extended is in force within five seconds."""
LONG: Final = "public, max-age=3600"

INSTITUTION: Final[Endpoint[None, api.Institution]] = API.declare(
    Endpoint(
        "GET", "/institution", "Whose suite it is, and its message.", access=PUBLIC, answer=api.Institution, cache=SHORT
    )
)

MAINTENANCE: Final[Endpoint[None, Maintenance]] = API.declare(
    Endpoint(
        "GET",
        "/maintenance",
        "When candidates find the suite closed, now or soon.",
        access=PUBLIC,
        answer=Maintenance,
        cache=SHORT,
    )
)

CAMPAIGNS: Final[Endpoint[None, api.Campaigns]] = API.declare(
    Endpoint("GET", "/campaigns", "All campaigns, the newest first.", access=PUBLIC, answer=api.Campaigns, cache=SHORT)
)

CURRENT_CAMPAIGN: Final[Endpoint[None, api.Campaign]] = API.declare(
    Endpoint(
        "GET",
        "/campaigns/current",
        "The active campaign.",
        access=PUBLIC,
        answer=api.Campaign,
        refusals=(NO_ACTIVE_CAMPAIGN,),
        cache=SHORT,
    )
)

PROGRAMMES: Final[Endpoint[None, api.Programmes]] = API.declare(
    Endpoint(
        "GET",
        "/programmes",
        "Search the catalogue.",
        access=PUBLIC,
        query=api.ProgrammesQuery,
        answer=api.Programmes,
        cache=SHORT,
    )
)

PROGRAMME: Final[Endpoint[None, api.ProgrammeDetail]] = API.declare(
    Endpoint(
        "GET",
        "/programmes/{code}",
        "A programme with its dates and requirements.",
        access=PUBLIC,
        path_params=api.ProgrammePath,
        answer=api.ProgrammeDetail,
        refusals=(NOT_FOUND,),
        cache=SHORT,
    )
)

TREE: Final[Endpoint[None, api.Tree]] = API.declare(
    Endpoint(
        "GET",
        "/tree",
        "Centres, their diplomas, their programmes.",
        access=PUBLIC,
        query=api.TreeQuery,
        answer=api.Tree,
        cache=SHORT,
    )
)

FACETS: Final[Endpoint[None, api.Facets]] = API.declare(
    Endpoint(
        "GET",
        "/facets",
        "What a search could be narrowed to.",
        access=PUBLIC,
        query=api.Filter,
        answer=api.Facets,
        cache=SHORT,
    )
)

MODEL: Final[Endpoint[None, None]] = API.declare(
    Endpoint(
        "GET",
        "/models/{name}",
        "A file to fill in and deposit.",
        access=PUBLIC,
        path_params=api.ModelPath,
        refusals=(NOT_FOUND,),
        cache=LONG,
        download=("application/pdf",),
    )
)

DEADLINES: Final[Endpoint[None, api.DeadlineMoves]] = API.declare(
    Endpoint(
        "GET",
        "/deadlines",
        "The submission deadlines that were moved in the active campaign.",
        access=staff(Role.ADMIN, Role.MANAGER),
        answer=api.DeadlineMoves,
        refusals=(NO_ACTIVE_CAMPAIGN,),
    )
)

MOVE_DEADLINE: Final[Endpoint[api.MoveDeadline, api.DeadlineMoves]] = API.declare(
    Endpoint(
        "POST",
        "/deadlines",
        "Move a submission deadline; open applications follow within seconds, and who has one is told by mail.",
        access=staff(Role.ADMIN, Role.MANAGER),
        body=api.MoveDeadline,
        answer=api.DeadlineMoves,
        refusals=(NOT_FOUND, NO_ACTIVE_CAMPAIGN),
        takes_key=True,
    )
)

PLAN_CAMPAIGN: Final[Endpoint[api.PlanCampaign, api.Campaigns]] = API.declare(
    Endpoint(
        "POST",
        "/campaigns",
        "Plan a campaign, or change the name and days of one.",
        access=staff(Role.ADMIN),
        body=api.PlanCampaign,
        answer=api.Campaigns,
        refusals=(NOT_FOUND, INVALID_FIELDS),
        takes_key=True,
    )
)

ACTIVATE_CAMPAIGN: Final[Endpoint[None, api.Campaigns]] = API.declare(
    Endpoint(
        "POST",
        "/campaigns/{campaign}/activate",
        "Make a campaign the active one, which closes the one before it.",
        access=staff(Role.ADMIN),
        path_params=api.CampaignPath,
        answer=api.Campaigns,
        refusals=(NOT_FOUND, CAMPAIGN_OVER),
        takes_key=True,
    )
)

PARAMETERS: Final[Endpoint[None, parameters.ParametersView]] = API.declare(
    Endpoint(
        "GET",
        "/parameters",
        "What the institution has set.",
        access=staff(Role.ADMIN),
        answer=parameters.ParametersView,
        refusals=(NOT_FOUND,),
    )
)

PARAMETER_REVISIONS: Final[Endpoint[None, parameters.ParameterRevisions]] = API.declare(
    Endpoint(
        "GET",
        "/parameters/revisions",
        "Who has set what last, the newest first.",
        access=staff(Role.ADMIN),
        answer=parameters.ParameterRevisions,
        refusals=(NOT_FOUND,),
    )
)

SET_PARAMETERS: Final[Endpoint[parameters.Given, parameters.ParametersView]] = API.declare(
    Endpoint(
        "PUT",
        "/parameters",
        "Set parameters of the institution; those that the body does not name stay as they are.",
        access=staff(Role.ADMIN),
        body=parameters.ParametersGiven,
        answer=parameters.ParametersView,
        refusals=(NOT_FOUND,),
        takes_key=True,
        takes_if_match=True,
    )
)

SET_MAINTENANCE: Final[Endpoint[parameters.Section, parameters.MaintenanceRules]] = API.declare(
    Endpoint(
        "PUT",
        "/maintenance",
        "Set when candidates find the suite closed: the parameters of this section, under the version of all of them.",
        access=staff(Role.ADMIN),
        body=parameters.SECTIONS["maintenance"],
        answer=parameters.MaintenanceRules,
        refusals=(NOT_FOUND,),
        takes_key=True,
        takes_if_match=True,
    )
)

MESSAGE: Final[Endpoint[None, parameters.Message]] = API.declare(
    Endpoint(
        "GET",
        "/messages/{message}",
        "What the institution tells on its home page, or on that of a suite that is closed.",
        access=staff(Role.ADMIN),
        path_params=parameters.MessagePath,
        answer=parameters.Message,
        refusals=(NOT_FOUND,),
    )
)

SET_MESSAGE: Final[Endpoint[parameters.MessageGiven, parameters.Message]] = API.declare(
    Endpoint(
        "PUT",
        "/messages/{message}",
        "Set such a message: parameters of the institution, under the version of all of them.",
        access=staff(Role.ADMIN),
        path_params=parameters.MessagePath,
        body=parameters.MessageGiven,
        answer=parameters.Message,
        refusals=(NOT_FOUND,),
        takes_key=True,
        takes_if_match=True,
    )
)
