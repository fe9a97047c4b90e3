"""What the use cases of accounts work with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.accounts.repository.accounts import AccountRepository
from services.accounts.repository.administering import TurnRepository
from services.accounts.repository.campaigns import CampaignRepository
from services.accounts.repository.challenges import ChallengeRepository
from services.accounts.repository.devices import DeviceRepository
from services.accounts.repository.doubts import DoubtRepository
from services.accounts.repository.drafts import DraftRepository
from services.accounts.repository.ent import EntRepository
from services.accounts.repository.file_numbers import FileNumberRepository
from services.accounts.repository.finding import Finder
from services.accounts.repository.keys import KeyRepository
from services.accounts.repository.links import LinkRepository
from services.accounts.repository.lookups import LookupRepository
from services.accounts.repository.requests import RequestRepository
from services.accounts.repository.sessions import SessionRepository
from services.accounts.repository.throttles import ThrottleRepository
from services.accounts.settings import AccountsSettings
from services.accounts.usecases.hashing import Hasher
from services.chassis.context import CommandContext
from services.chassis.events.heard import Heard
from services.chassis.events.journal import Journal
from services.chassis.http.places import Places
from services.chassis.ports import Ent, Ids, Records
from services.chassis.security.sealing import Sealer
from services.chassis.security.tokens import KeySets, Signer
from services.chassis.service.parameters import ParameterCopy
from services.contracts.parameters import AccountsParameters


@dataclass(frozen=True, slots=True)
class App:
    """The repositories, what makes secrets, and the institution's zone, whose calendar days count.

    `factor_sealer` seals the secrets of devices, `position_sealer` where pages end; `second_factor_required` says that
    staff who log in by password can do nothing without one. `ent_protocol` is `cas`, `oidc` or, without an ENT, empty.
    `ent_places` are for those who wait for the ENT, `public_url` is where people reach the suite.
    `told` is what the suite was told of people, `is_published` says of a key whether all of that has left. `common` are
    well-known passwords, casefolded; `asked` is set when a request waits, `looking_up` when somebody's record is to be
    asked for.
    """

    accounts: AccountRepository
    finder: Finder
    sessions: SessionRepository
    links: LinkRepository
    numbers: FileNumberRepository
    throttles: ThrottleRepository
    campaigns: CampaignRepository
    keys: KeyRepository
    requests: RequestRepository
    devices: DeviceRepository
    doubts: DoubtRepository
    challenges: ChallengeRepository
    drafts: DraftRepository
    lookups: LookupRepository
    turns: TurnRepository
    hasher: Hasher
    heard: Heard
    sealer: Sealer
    factor_sealer: Sealer
    position_sealer: Sealer
    second_factor_required: bool
    signer: Signer
    keysets: KeySets
    ids: Ids
    told: Journal
    is_published: Callable[[str], Awaitable[bool]]
    ent: Ent
    ent_offered: bool
    ent_protocol: str
    ent_visits: EntRepository
    ent_places: Places
    records: Records
    records_offered: bool
    public_url: str
    settings: AccountsSettings
    parameters: ParameterCopy
    zone: ZoneInfo
    common: frozenset[str]
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    looking_up: asyncio.Event = field(default_factory=asyncio.Event)

    def today(self, command: CommandContext) -> date:
        """The institution's calendar day when the command arrived."""
        return command.now.astimezone(self.zone).date()

    @property
    def rules(self) -> AccountsParameters:
        """What the institution has set, as it is now."""
        return self.parameters.in_force.accounts

    @property
    def link_time(self) -> timedelta:
        """How long a validation link is good that is given now."""
        return timedelta(hours=self.rules.link_hours)

    @property
    def reset_time(self) -> timedelta:
        """How long a reset link is good that is given now."""
        return timedelta(minutes=self.rules.reset_minutes)
