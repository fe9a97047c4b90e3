"""Joins the rooms of accounts."""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog

from services.accounts.domain.account import Account
from services.accounts.domain.grants import Grant
from services.accounts.domain.retention import RetentionTerm, kept
from services.accounts.integrity import violations
from services.accounts.repository.absences import AbsenceRepository
from services.accounts.repository.accounts import ACCOUNTS, AccountRepository
from services.accounts.repository.administering import ADMINISTERING, TurnRepository
from services.accounts.repository.campaigns import CAMPAIGNS, CampaignRepository
from services.accounts.repository.challenges import CHALLENGES, ChallengeRepository
from services.accounts.repository.devices import DEVICES, DeviceRepository
from services.accounts.repository.doubts import DOUBTS, DoubtRepository
from services.accounts.repository.drafts import DRAFTS, DraftRepository
from services.accounts.repository.ent import ENT_TICKETS, ENT_VISITS, EntRepository
from services.accounts.repository.file_numbers import FILE_NUMBERS, FileNumberRepository
from services.accounts.repository.finding import Finder
from services.accounts.repository.keys import COMMAND_KEYS, KeyRepository
from services.accounts.repository.links import LINKS, LinkRepository
from services.accounts.repository.lookups import LOOKUPS, LookupRepository
from services.accounts.repository.requests import REQUESTS, RequestRepository
from services.accounts.repository.sessions import SESSIONS, SessionRepository
from services.accounts.repository.throttles import THROTTLES, ThrottleRepository
from services.accounts.routes import routes
from services.accounts.settings import AccountsSettings
from services.accounts.subscriptions import FROM_NOW, LISTENS, subscriptions
from services.accounts.usecases import second_factors, staff, staff_by_ent
from services.accounts.usecases.announcing import (
    announce_address,
    announce_card,
    announce_closing,
    announce_staff,
    everybody,
)
from services.accounts.usecases.app import App
from services.accounts.usecases.cleaning import clean_up_account, forget_strays, lapsed_accounts, make_findable, sweep
from services.accounts.usecases.erasing import erase_accounts
from services.accounts.usecases.hashing import Hasher
from services.accounts.usecases.passwords import common_passwords
from services.accounts.usecases.registrar import due, look_up
from services.accounts.usecases.requests import answer, taken, unfinished
from services.accounts.usecases.retention import erase_outlived, outlived, tell, untold, warn
from services.accounts.views import Views
from services.chassis.context import CommandContext
from services.chassis.events.aggregates import Versioned
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.events.parking import Parking
from services.chassis.events.publisher import is_published
from services.chassis.events.teller import Present
from services.chassis.http.places import Places
from services.chassis.security.sealing import POSITIONS, SECOND_FACTORS, Sealer
from services.chassis.security.tokens import KEYS, Signer
from services.chassis.service.absences import ABSENCES, own_beats
from services.chassis.service.beats import BEATS
from services.chassis.service.connectors import connector_routes
from services.chassis.service.parameters import PARAMETERS, ParameterCopy
from services.chassis.service.service import Ports, Service
from services.chassis.service.timers import Timer, item_timer
from services.chassis.settings import Settings
from services.contracts.api.endpoints.doubts import API
from services.contracts.events.accounts import AddressChanged, CardChanged, ClosingChanged, StaffChanged
from services.contracts.events.catalogue import Audience
from services.contracts.languages import Language

__all__ = ["LISTENS", "add_staff", "build", "erase", "remove_staff", "reset_second_factor", "use_cases"]

log = structlog.get_logger()

REQUEST_SECONDS: Final = 2
"""How long a request waits at most that another replica took and left."""
RECORD_SECONDS: Final = 10
"""The same of whose record is to be asked of the registrar."""
CLEAN_UP_SECONDS: Final = 30
SWEEP_SECONDS: Final = 300
STRAYS_SECONDS: Final = 3600
RETENTION_SECONDS: Final = 600
NOTICE_SECONDS: Final = 600
WARNING_SECONDS: Final = 3600
ENT_AT_ONCE: Final = 32
"""People who wait for the ENT in one process; one more is told to come back, and everybody else is answered as ever."""


def use_cases(ports: Ports) -> App:
    """What the use cases work with, its settings read from the environment."""
    settings = AccountsSettings()
    sealer = Sealer(ports.settings.link_secret, ports.settings.data)
    told = Journal(ports.store, Audience.INTERNAL)
    accounts = AccountRepository(ports.store, ports.outbox, sealer)
    return App(
        accounts=accounts,
        finder=Finder(ports.store, accounts),
        sessions=SessionRepository(ports.store),
        links=LinkRepository(ports.store),
        numbers=FileNumberRepository(ports.store, ports.ids),
        throttles=ThrottleRepository(ports.store),
        campaigns=CampaignRepository(ports.store),
        keys=KeyRepository(ports.store),
        requests=RequestRepository(ports.store),
        devices=DeviceRepository(ports.store),
        doubts=DoubtRepository(ports.store),
        challenges=ChallengeRepository(ports.store),
        drafts=DraftRepository(ports.store),
        lookups=LookupRepository(ports.store),
        turns=TurnRepository(ports.store),
        hasher=Hasher(settings.password_kibibytes),
        heard=Heard(ports.store, ports.clock),
        sealer=sealer,
        factor_sealer=Sealer(ports.settings.link_secret, ports.settings.data, SECOND_FACTORS),
        position_sealer=Sealer(ports.settings.link_secret, ports.settings.data, POSITIONS),
        second_factor_required=settings.requires_second_factor(ports.settings.env),
        signer=Signer("accounts", ports.store, ports.clock, ports.ids),
        keysets=ports.keysets,
        ids=ports.ids,
        ent=ports.ent,
        ent_protocol=_protocol(ports.settings.ent_url),
        ent_offered=ports.settings.ent_url != "none:",
        ent_visits=EntRepository(ports.store),
        ent_places=Places("ent", ENT_AT_ONCE, retry_seconds=2),
        records=ports.records,
        records_offered=ports.settings.sis_url != "none:",
        public_url=ports.settings.base_url,
        settings=settings,
        parameters=ParameterCopy("accounts", ports.store, ports.settings),
        zone=ports.settings.zone,
        told=told,
        is_published=partial(is_published, ports.store, told),
        common=common_passwords(),
    )


def build(ports: Ports) -> Service:
    """The service on its ports."""
    app = use_cases(ports)
    beats = own_beats(ports, AbsenceRepository)
    parking = Parking("accounts", ports.store, ports.clock)
    return Service(
        api=API,
        ports=ports,
        parameters=app.parameters,
        routes=(
            *routes(app, Views(app.accounts, app.sessions, app.links, app.campaigns, app.position_sealer)),
            *connector_routes("accounts", ports.connectors, _needs(ports.settings), _may_lack(ports.settings)),
        ),
        aggregates=(ACCOUNTS, ABSENCES),
        collections=(
            SESSIONS,
            LINKS,
            FILE_NUMBERS,
            THROTTLES,
            CAMPAIGNS,
            COMMAND_KEYS,
            REQUESTS,
            DEVICES,
            DOUBTS,
            CHALLENGES,
            DRAFTS,
            LOOKUPS,
            KEYS,
            PARAMETERS,
            ENT_VISITS,
            ENT_TICKETS,
            ADMINISTERING,
            BEATS,
        ),
        undone=(REQUESTS,),
        subscriptions=subscriptions(ports, app),
        from_now=FROM_NOW,
        timers=(
            app.parameters.timer,
            *(each.timer for each in beats),
            item_timer("requests", REQUEST_SECONDS, partial(taken, app), partial(answer, app), parking, wake=app.asked),
            item_timer(
                "records", RECORD_SECONDS, partial(due, app), partial(look_up, app), parking, wake=app.looking_up
            ),
            item_timer(
                "clean-up",
                CLEAN_UP_SECONDS,
                partial(lapsed_accounts, app),
                partial(clean_up_account, app),
                parking,
                erases=True,
            ),
            item_timer(
                "retention",
                RETENTION_SECONDS,
                partial(outlived, app),
                partial(erase_outlived, app),
                parking,
                erases=True,
                calendar="from 04:00 on the day after the last of retention",
            ),
            item_timer(
                "retention-notices",
                NOTICE_SECONDS,
                partial(untold, app),
                partial(tell, app),
                parking,
                erases=True,  # what people were told is not taken back either
                calendar="from the days of warning on, before the end of retention",
            ),
            Timer("retention-warning", WARNING_SECONDS, partial(warn, app), erases=True),
            Timer("sweep-secrets", SWEEP_SECONDS, partial(sweep, app), erases=True),
            Timer("make-findable", SWEEP_SECONDS, partial(make_findable, app)),
            Timer("strays", STRAYS_SECONDS, partial(forget_strays, app), erases=True),
        ),
        signer=app.signer,
        needs=_needs(ports.settings),
        lifespans=(
            app.parameters.known,
            app.hasher.running,
            app.sealer.running,
            app.factor_sealer.running,
            app.position_sealer.running,
            *(each.measured for each in beats),
        ),
        unfinished=partial(unfinished, app),
        integrity=partial(violations, ports, app),
        present={
            AddressChanged: Present(partial(everybody, app), partial(announce_address, app)),
            CardChanged: Present(partial(everybody, app), partial(announce_card, app)),
            ClosingChanged: Present(partial(everybody, app), partial(announce_closing, app)),
            StaffChanged: Present(partial(everybody, app), partial(announce_staff, app)),
        },
        readers={ACCOUNTS.name: app.accounts.from_document},
    )


def _protocol(ent_url: str) -> str:
    """By which the ENT speaks; the one of development by CAS, unless it says otherwise."""
    scheme, _, rest = ent_url.partition(":")
    if scheme == "development":
        return rest or "cas"
    return scheme.partition("+")[0] if scheme != "none" else ""


def _needs(settings: Settings) -> frozenset[str]:
    """An ENT of development is this very process, which need not ask itself whether it is there."""
    ent = {"ent"} if settings.ent_url.startswith(("cas+", "oidc+")) else set()
    return frozenset(ent | ({"sis"} if settings.sis_url != "none:" else set()))


def _may_lack(settings: Settings) -> tuple[str, ...]:
    """What is said to be away where it is not needed; of an ENT of development, which lets people in, it would be wrong."""
    return ("sis",) if settings.has_own_ent else ("ent", "sis")


async def erase(ports: Ports, login: str, command: CommandContext) -> list[str]:
    """Erase the accounts of a file number or an address, beside running processes; answers their ids."""
    return await erase_accounts(use_cases(ports), login, command)


async def kept_campaigns(ports: Ports, command: CommandContext) -> list[tuple[str, int, RetentionTerm | None]]:
    """Every campaign that is or was active: how many accounts it has, and how long they are kept once it is over.

    Changes nothing: one of whose end nobody has told is shown as if it ended today.
    """
    app = use_cases(ports)
    async with app.parameters.known():
        campaigns = (await app.campaigns.load()).with_ends(app.today(command))
        over = {each.campaign: each for each in kept(campaigns, app.parameters.in_force.retention)}
        codes = dict.fromkeys((*campaigns.activated, *campaigns.closed))
        return [(code, await app.campaigns.count_of(code), over.get(code)) for code in codes]


async def add_staff(  # noqa: PLR0917 - what is said of a member of staff
    ports: Ports, email: str, given: Grant, language: Language, command: CommandContext, ent_login: str | None = None
) -> Versioned[Account]:
    """Give somebody a role, beside running processes, and let a login of the ENT in as them; answers their account."""
    app = use_cases(ports)
    async with app.parameters.known(), app.sealer.running():
        if ent_login is not None:
            await staff_by_ent.check_free(app, email, ent_login)
        saved = await staff.add_staff(app, email, given, language, command, by_link=ent_login is None)
        log.warning("staff.add", account=saved.id)
        if ent_login is None:
            return saved
        return (await staff_by_ent.identified(app, saved.id, ent_login, command)).saved


async def remove_staff(ports: Ports, email: str, command: CommandContext) -> str | None:
    """Take all rights from somebody, beside running processes; answers the id of their account, if they had one."""
    return await staff.remove_staff(use_cases(ports), email, command)


async def reset_second_factor(ports: Ports, email: str, command: CommandContext) -> str | None:
    """Have somebody of staff set up a device anew, beside running processes; answers the id of their account, if any."""
    return await second_factors.reset_by_operator(use_cases(ports), email, command)
