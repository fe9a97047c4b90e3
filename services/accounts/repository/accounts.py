"""Accounts as documents: one per person and campaign."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar, Final

from services.accounts.domain.account import Account, EmailChange, EntIdentity, Person
from services.accounts.domain.campaigns import NO_CAMPAIGN
from services.accounts.domain.events import DomainEvent, LinkIssued
from services.accounts.domain.finding import keys_of
from services.accounts.domain.grants import Giving, Grant
from services.accounts.domain.links import Link
from services.accounts.domain.profile_rows import ROW_KINDS
from services.accounts.domain.states import GONE, State
from services.accounts.publications import account_events
from services.accounts.repository.doubts import closing_document, closing_of
from services.accounts.repository.erasure_notices import notice_documents, notice_of
from services.accounts.repository.factors import enrolment_of, factor_documents, second_factor_of
from services.accounts.repository.helps import help_document, help_of
from services.accounts.repository.profiles import profile_document, profile_of
from services.chassis.context import Actor, CommandContext
from services.chassis.events.aggregates import OUTBOX_INDEX, Aggregates, Versioned
from services.chassis.events.outbox import Outbox
from services.chassis.ports import MAX_FIND, Collection, Document, In, Index, Range, Sort, Store
from services.chassis.security.sealing import Sealer
from services.chassis.store.evolution import Upcaster
from services.chassis.store.rows import every
from services.contracts.actors import Role
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant, instant_text

ADDRESS_TAKEN: Final = "address_key"
FILE_NUMBER_TAKEN: Final = "file_number"
ENT_TAKEN: Final = "ent_key"
"""Names of the unique indexes, as DuplicateKey says them."""

BY_STUDENT_NUMBER: Final[Sort] = (("student_number_key", 1),)

ACCOUNTS: Final = Collection(
    "accounts",
    (
        OUTBOX_INDEX,
        Index(ADDRESS_TAKEN, ("address_key",), unique=True),
        Index(FILE_NUMBER_TAKEN, ("file_number",), unique=True),
        Index(ENT_TAKEN, ("ent_key",), unique=True),
        # Not unique: whoever mistyped their address asks again with another.
        Index("ent_asked", ("ent_asked",)),
        # Not unique: nobody has verified what was typed (acceptance 30).
        Index("student_number_key", ("student_number_key",)),
        Index("address", ("address", "created_at")),
        Index("due", ("due_at",)),
        # Of everybody but who is gone: support finds people by their names.
        Index("family_key", ("family_key",)),
        Index("given_key", ("given_key",)),
        Index("campaign", ("campaign", "file_number")),
        Index("erasure", ("campaign", "erasure_told")),
    ),
)

_AT_ONCE: Final = ""
"""Before every instant."""


def _with_keys(document: Document) -> Document:
    """Schema 2: what people are found by, of whom one knows a name; of who is gone there is none."""
    keys = keys_of(document["family_name"], document["given_name"]) if "family_name" in document else {}
    return document | keys | {"schema": 2}


MOST_ALIKE: Final = 20
"""Accounts of one student number that are looked at together."""


class AccountRepository(Aggregates[Account]):
    """The accounts of all campaigns; who issues links by it gives it the `sealer` of their secrets.

    Only `own` takes an actor: whoever registers, follows a link or logs in is nobody yet, and the clean-up job is no one.
    """

    service: ClassVar[str] = "accounts"
    collection: ClassVar[Collection] = ACCOUNTS
    upcasters: ClassVar[Sequence[Upcaster]] = (_with_keys,)
    identities: ClassVar[Mapping[str, str]] = {"links": "digest"} | {f"profile.rows.{step}": "id" for step in ROW_KINDS}

    def __init__(self, store: Store, outbox: Outbox, sealer: Sealer | None = None) -> None:
        super().__init__(store, outbox)
        self._sealer = sealer

    async def own(self, actor: Actor) -> Versioned[Account] | None:
        """The account of who asks."""
        return await self.get(actor.account)

    async def by_address(self, campaign: str, address: str) -> Versioned[Account] | None:
        """The account that holds a folded address in a campaign."""
        return await self._one({"address_key": _key(campaign, address)})

    async def by_ent(self, campaign: str, subject: str) -> Versioned[Account] | None:
        """The account that an identity of the ENT opens in a campaign."""
        return await self._one({"ent_key": _key(campaign, subject)})

    async def waiting_for(self, campaign: str, subject: str) -> Versioned[Account] | None:
        """An account that an identity of the ENT asked for, whose link was not followed yet."""
        return await self._one({"ent_asked": _key(campaign, subject)})

    async def by_file_number(self, number: str) -> Versioned[Account] | None:
        """The account of a file number."""
        return await self._one({"file_number": number})

    async def latest_by_address(self, address: str) -> Versioned[Account] | None:
        """The account that a folded address opens: that of staff, once it is validated, else that of the latest campaign."""
        found = await self.find({"address": address}, sort=(("created_at", -1),), limit=MAX_FIND)
        staff = [saved for saved in found if saved.state.is_staff]
        latest = [saved for saved in found if not saved.state.is_staff]
        validated = [saved for saved in staff if saved.state.state is State.VALIDATED]
        return next(iter((*validated, *latest, *staff)), None)

    async def staff(self) -> AsyncIterator[Versioned[Account]]:
        """All members of staff, in order of their addresses."""
        where = {"address_key": Range(ge=_key(NO_CAMPAIGN, ""), lt="}")}
        async for row in every(self._store, self.collection.name, where, sort=(("address_key", 1),)):
            yield self.loaded(row)

    async def staff_page(self, after: str, limit: int) -> list[Versioned[Account]]:
        """For whoever looks: members of staff whose folded addresses come behind one, in their order."""
        behind = {"address_key": Range(gt=_key(NO_CAMPAIGN, after), lt="}")}
        return await self.listed(behind, sort=(("address_key", 1),), limit=limit)

    async def by_ids(self, ids: Iterable[str]) -> list[Versioned[Account]]:
        """Those of these accounts that are kept."""
        wanted = sorted(set(ids))
        found: list[Versioned[Account]] = []
        for start in range(0, len(wanted), MAX_FIND):
            part = tuple(wanted[start : start + MAX_FIND])
            found += await self.find({"_id": In(part)}, limit=MAX_FIND)
        return found

    def due(self, before: datetime) -> AsyncIterator[Document]:
        """Accounts never validated whose deadline passed before an instant, and those that are about to be removed."""
        return every(self._store, ACCOUNTS.name, {"due_at": Range(le=instant_text(before))}, sort=(("due_at", 1),))

    async def ids(self) -> AsyncGenerator[str, None]:
        """All accounts, by id; for the service itself, which tells others of them."""
        async for row in every(self._store, ACCOUNTS.name, {}):
            yield row["_id"]

    async def there(self, ids: Sequence[str]) -> set[str]:
        """Which of these accounts are kept, up to 1000, whatever became of them."""
        rows = await self._store.find(ACCOUNTS.name, {"_id": In(tuple(ids))}, limit=MAX_FIND, fields=("state",))
        return {row["_id"] for row in rows}

    async def all_by_address(self, address: str) -> list[Versioned[Account]]:
        """The accounts that a folded address has, one for each campaign."""
        return await self.find({"address": address}, sort=(("created_at", 1),), limit=MAX_FIND)

    async def others_with_number(self, saved: Versioned[Account]) -> int:
        """How many other accounts of the campaign bear the student number of this one; 2 stands for more."""
        identity = saved.state.profile.identity
        number = identity.national_student_number if identity is not None else None
        if number is None:
            return 0
        where = {"student_number_key": _key(saved.state.campaign, number)}
        return len([other for other in await self.find(where, limit=3) if other.id != saved.id])

    async def doubtful(self, since: str = "") -> AsyncGenerator[list[Versioned[Account]], None]:
        """For staff: accounts of one campaign that bear one student number which nobody has verified, group by group.

        They are in order of campaign and number, from `since` on; of many of one number the first `MOST_ALIKE`.
        """
        group: list[Document] = []
        where = {"student_number_key": Range(ge=since) if since else Range(gt="")}
        typed = every(self._store, self.collection.name, where, sort=BY_STUDENT_NUMBER)
        async for row in typed:
            if group and group[0]["student_number_key"] != row["student_number_key"]:
                if len(group) > 1:
                    yield [self.loaded(each) for each in group]
                group = []
            if len(group) < MOST_ALIKE:
                group.append(row)
        if len(group) > 1:
            yield [self.loaded(each) for each in group]

    def remembers(self, saved: Versioned[Account], command: CommandContext) -> bool:
        """Whether the account has done this very command before."""
        return command.key is not None and command.key in saved.meta.get("keys", {})

    def to_document(self, state: Account) -> Document:
        """What binds (address, file and student number) has a field only while it binds."""
        document: Document = {
            "campaign": state.campaign,
            "state": state.state.value,
            "created_at": instant_text(state.created_at),
            "deadline": instant_text(state.deadline),
            "language": state.person.language,
        }
        if state.state in GONE:
            return (
                document | {"due_at": _AT_ONCE, "epoch": state.epoch} | ({"farewell": True} if state.farewell else {})
            )
        if state.state is State.PENDING:
            document["due_at"] = document["deadline"]
        identity = state.profile.identity
        if identity is not None and identity.national_student_number is not None:
            document["student_number_key"] = _key(state.campaign, identity.national_student_number)
        if state.grants:
            document["grants"] = [_grant_document(grant) for grant in state.grants]
        if state.ent is not None:
            document["ent"] = {"subject": state.ent.subject, "student_number": state.ent.student_number}
            binds = "ent_asked" if state.state is State.PENDING else "ent_key"
            document[binds] = _key(state.campaign, state.ent.subject)
        document |= factor_documents(state) | notice_documents(state.erasure_notice)
        if (change := state.email_change) is not None:
            document["email_change"] = {
                "email": change.email,
                "asked_at": instant_text(change.asked_at),
                "expires_at": instant_text(change.expires_at),
            }
        if state.closed is not None:
            document["closed"] = closing_document(state.closed)
        if state.helps:
            document["helps"] = [help_document(given) for given in state.helps]
        return document | {
            **keys_of(state.person.family_name, state.person.given_name),
            "file_number": state.file_number,
            "email": state.person.email,
            "address": state.address,
            "address_key": _key(state.campaign, state.address),
            "family_name": state.person.family_name,
            "given_name": state.person.given_name,
            "password": state.password,
            "epoch": state.epoch,
            "links": [_link_document(link) for link in state.links],
            "asked": {name: [instant_text(moment) for moment in moments] for name, moments in state.asked.items()},
            "profile": profile_document(state.profile),
        }

    def from_document(self, document: Document) -> Account:
        """The account of a document."""
        return Account(
            campaign=document["campaign"],
            file_number=document.get("file_number", ""),
            person=Person(
                family_name=document.get("family_name", ""),
                given_name=document.get("given_name", ""),
                email=document.get("email", ""),
                language=document["language"],
            ),
            state=State(document["state"]),
            created_at=instant(document["created_at"]),
            deadline=instant(document["deadline"]),
            links=tuple(_link(row) for row in document.get("links", ())),
            password=document.get("password", ""),
            epoch=document.get("epoch", 0),
            asked={name: tuple(map(instant, moments)) for name, moments in document.get("asked", {}).items()},
            ent=_ent(document.get("ent")),
            grants=tuple(map(_grant, document.get("grants", ()))),
            email_change=_email_change(document.get("email_change")),
            second_factor=second_factor_of(document.get("second_factor")),
            enrolment=enrolment_of(document.get("enrolment")),
            farewell=document.get("farewell", False),
            helps=tuple(map(help_of, document.get("helps", ()))),
            profile=profile_of(document.get("profile", {"version": 0, "completed": False, "steps": {}})),
            erasure_notice=notice_of(document),
            closed=closing_of(document.get("closed")),
        )

    def is_emptied(self, state: Account) -> bool:
        """Who is gone leaves nothing personal."""
        return state.state in GONE

    def publish(self, id: str, state: Account, domain_event: DomainEvent) -> Sequence[Event]:
        """The events of an account's facts."""
        if isinstance(domain_event, LinkIssued):
            if self._sealer is None:
                raise TypeError("links are issued by who can seal their secrets")
            domain_event = replace(domain_event, token=self._sealer.seal(domain_event.token))
        return account_events(id, state, domain_event)

    async def _one(self, where: Mapping[str, str]) -> Versioned[Account] | None:
        found = await self.find(where, limit=1)
        return found[0] if found else None


def _key(campaign: str, value: str) -> str:
    return f"{campaign}|{value}"


def _link_document(link: Link) -> Document:
    return {
        "digest": link.digest,
        "purpose": link.purpose,
        "expires_at": instant_text(link.expires_at),
        "standing": link.standing,
    }


def _link(row: Mapping[str, Any]) -> Link:
    return Link(row["digest"], row["purpose"], instant(row["expires_at"]), row["standing"])


def _grant_document(grant: Grant) -> Document:
    document: Document = {
        "role": grant.role.value,
        "centres": None if grant.centres is None else list(grant.centres),
        "commissions": None if grant.commissions is None else list(grant.commissions),
        "until": None if grant.until is None else grant.until.isoformat(),
    }
    if grant.since is not None:
        document["since"] = grant.since.isoformat()
    if grant.giving is not None:
        document["giving"] = {"by": grant.giving.by, "at": instant_text(grant.giving.at)}
    return document


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        Role(row["role"]),
        None if row["centres"] is None else tuple(row["centres"]),
        None if row["commissions"] is None else tuple(row["commissions"]),
        None if row["until"] is None else date.fromisoformat(row["until"]),
        None if (since := row.get("since")) is None else date.fromisoformat(since),
        None if (giving := row.get("giving")) is None else Giving(giving["by"], instant(giving["at"])),
    )


def _ent(row: Mapping[str, Any] | None) -> EntIdentity | None:
    return None if row is None else EntIdentity(row["subject"], row["student_number"])


def _email_change(row: Mapping[str, Any] | None) -> EmailChange | None:
    return None if row is None else EmailChange(row["email"], instant(row["asked_at"]), instant(row["expires_at"]))
