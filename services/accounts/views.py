"""Read-only questions, and how what accounts keeps is shown."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson

from services.accounts.domain import links
from services.accounts.domain.account import Account
from services.accounts.domain.grants import Grant
from services.accounts.domain.profile import STEPS, Identity, Profile, StepName, lacks_student_number, missing, plain
from services.accounts.domain.profile_rows import ROW_KINDS, RowsStep, SavedRow, plain_row
from services.accounts.domain.registrar import HeldDocument, plain_studies
from services.accounts.domain.states import State
from services.accounts.repository.accounts import AccountRepository
from services.accounts.repository.campaigns import CampaignRepository
from services.accounts.repository.doubts import PairPlace
from services.accounts.repository.finding import FoundPage, Place
from services.accounts.repository.links import LinkRepository
from services.accounts.repository.live_sessions import require_live_session
from services.accounts.repository.sessions import SessionRepository
from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.chassis.security.sealing import Sealer, Unsealable
from services.contracts.actors import ActorKind, staff_id
from services.contracts.api import accounts as api
from services.contracts.api import profile as profile_api
from services.contracts.api import staff as staff_api
from services.contracts.api import support as support_api
from services.contracts.instants import instant_text
from services.contracts.refusals import INVALID_FIELDS, NOT_FOUND, FieldError
from services.contracts.refusals.accounts import STEP_NOT_GIVEN

STEP_VIEWS: Final[dict[StepName, type[api.View]]] = {
    "identity": api.IdentityView,
    "address": api.AddressView,
    "baccalaureate": api.BaccalaureateView,
}

ROW_VIEWS: Final[dict[RowsStep, type[profile_api.RowView]]] = {
    "external_studies": profile_api.ExternalStudiesView,
    "internships": profile_api.InternshipView,
    "work_experience": profile_api.WorkExperienceView,
}

_STAFF: Final = f"{ActorKind.STAFF}:"


@dataclass(frozen=True, slots=True)
class Views:
    """What is read of accounts, sessions, links and campaigns; `sealer` is for positions that say nothing."""

    accounts: AccountRepository
    sessions: SessionRepository
    links: LinkRepository
    campaigns: CampaignRepository
    sealer: Sealer

    async def link(self, token: str, now: datetime) -> api.LinkView:
        """What a link is; looking at it changes nothing. Raises NOT_FOUND for a forged one (acceptance 18)."""
        pointer = await self.links.find(token)
        if pointer is None:
            raise NOT_FOUND()
        saved = await self.accounts.get(pointer.account)
        found = links.find(saved.state.links, pointer.digest) if saved else None
        status: links.Status = "expired"
        if pointer.purpose == "validation" and saved is not None and saved.state.state is State.VALIDATED:
            status = "used"
        elif saved is not None and found is not None and not (found.standing == "open" and saved.state.has_lapsed(now)):
            status = found.status(now)
        return api.LinkView(
            status=status,
            purpose=pointer.purpose,
            expires_at=instant_text(pointer.expires_at),
            by_ent=pointer.purpose == "validation" and saved is not None and saved.state.ent is not None,
        )

    async def me(self, actor: Actor, now: datetime) -> api.Me:
        """The account of who asks."""
        saved = await require_live_session(self.accounts, self.sessions, actor, now)
        account = saved.state
        return api.Me(
            account=saved.id,
            file_number=account.file_number,
            email=account.person.email,
            family_name=account.person.family_name,
            given_name=account.person.given_name or None,
            language=account.person.language,
            campaign=account.campaign,
            state="validated" if account.state is State.VALIDATED else "pending",
            created_at=instant_text(account.created_at),
            by_ent=account.ent is not None,
            by_password=bool(account.password),
            new_email=account.email_change.email
            if account.email_change is not None and now < account.email_change.expires_at
            else None,
            helps=[
                api.HelpSeen(what=given.what, at=instant_text(given.at), reason=given.reason or None)
                for given in reversed(account.helps)
            ],
        )

    async def own_sessions(self, actor: Actor, now: datetime) -> api.Sessions:
        """All logins of who asks, newest first."""
        saved = await require_live_session(self.accounts, self.sessions, actor, now)
        items = [
            api.SessionView(
                id=kept.id,
                created_at=instant_text(kept.session.created_at),
                used_at=instant_text(kept.session.used_at),
                expires_at=instant_text(kept.session.expires_at),
                current=kept.id == actor.session,
            )
            for kept in await self.sessions.own(actor)
            if kept.session.lives(saved.state.epoch, now)
        ]
        return api.Sessions(items=items)

    async def members(self, query: staff_api.StaffPage, today: date) -> staff_api.StaffList:
        """A page of the members of staff; raises INVALID_FIELDS for what is no `next` of a page."""
        found = await self.accounts.staff_page(_address_behind(query.after), query.limit + 1)
        page = found[: query.limit]
        items = await self._members(page, today)
        return staff_api.StaffList(items=items, next=_position(page[-1]) if len(found) > query.limit else None)

    async def member(self, saved: Versioned[Account], today: date) -> staff_api.StaffView:
        """One member of staff."""
        (shown,) = await self._members([saved], today)
        return shown

    def people(self, found: FoundPage) -> support_api.People:
        """A page of those whom support has found."""
        items = [person_row(saved) for saved in found.people]
        return support_api.People(items=items, next=None if found.next is None else self._behind(found.next))

    def place_behind(self, written: str | None) -> Place | None:
        """The place in a search that a `next` is of; raises INVALID_FIELDS."""
        if (opened := self._opened(written)) is None:
            return None
        part, *behind = opened
        return Place(part, tuple(behind))

    def _opened(self, written: str | None) -> list[Any] | None:
        try:
            return None if written is None else list(orjson.loads(self.sealer.open(written)))
        except (Unsealable, orjson.JSONDecodeError):
            raise INVALID_FIELDS(fields=[FieldError("after", "malformed")]) from None

    def pair_behind(self, written: str | None) -> PairPlace | None:
        """The place among doubtful pairs that a `next` is of; raises INVALID_FIELDS."""
        return None if (opened := self._opened(written)) is None else PairPlace(*opened)

    def behind_pair(self, place: PairPlace) -> str:
        """Sealed as places in searches are."""
        return self.sealer.seal(orjson.dumps([place.number, place.first, place.second]).decode())

    async def email_of(self, actor: str) -> str | None:
        """The address of a member of staff who is there still."""
        return (await self._emails([actor])).get(staff_id(actor) or "")

    def _behind(self, place: Place) -> str:
        """Sealed: the row may be one that is not shown, of a member of staff or of who is gone."""
        return self.sealer.seal(orjson.dumps([place.part, *place.behind]).decode())

    async def person(
        self, saved: Versioned[Account], student_number_from: int, now: datetime
    ) -> support_api.PersonView:
        """One person as support sees them; `student_number_from` is the parameter of that name."""
        account, change = saved.state, saved.state.email_change
        if change is not None and now >= change.expires_at:
            change = None
        kept = await self.sessions.of_account(saved.id)
        used = [each.session.used_at for each in kept if each.session.lives(account.epoch, now)]
        return support_api.PersonView(
            **_person(saved),
            language=account.person.language,
            created_at=instant_text(account.created_at),
            campaign_over=(await self.campaigns.load()).is_over(account.campaign),
            validate_until=instant_text(account.deadline) if account.state is State.PENDING else None,
            by_ent=account.ent is not None,
            by_password=bool(account.password),
            new_email=None if change is None else change.email,
            new_email_until=None if change is None else instant_text(change.expires_at),
            sessions=len(used),
            last_seen_at=instant_text(max(used)) if used else None,
            missing=[] if account.is_staff else list(missing(account.profile, student_number_from)),
            closed_at=None if account.closed is None else instant_text(account.closed.at),
            helps=await self.helps(account),
        )

    async def helps(self, account: Account) -> list[support_api.HelpView]:
        """What staff did for a person, the newest first."""
        emails = await self._emails(given.by for given in account.helps)
        return [
            support_api.HelpView(
                what=given.what,
                at=instant_text(given.at),
                actor=given.by,
                email=emails.get(staff_id(given.by)),
                reason=given.reason or None,
            )
            for given in reversed(account.helps)
        ]

    async def _emails(self, actors: Iterable[str]) -> Mapping[str, str]:
        ids = filter(None, map(staff_id, actors))
        return {saved.id: saved.state.person.email for saved in await self.accounts.by_ids(ids)}

    async def _members(self, page: Sequence[Versioned[Account]], today: date) -> list[staff_api.StaffView]:
        givings = (grant.giving for saved in page for grant in saved.state.grants if grant.giving is not None)
        ids = {giving.by.removeprefix(_STAFF) for giving in givings if giving.by.startswith(_STAFF)}
        givers = {saved.id: saved.state.person.email for saved in await self.accounts.by_ids(ids)}
        return [_member(saved, givers, today) for saved in page]


def _member(saved: Versioned[Account], givers: Mapping[str, str], today: date) -> staff_api.StaffView:
    account = saved.state
    invited = account.state is State.PENDING
    return staff_api.StaffView(
        account=saved.id,
        login=account.file_number,
        email=account.person.email,
        state="invited" if invited else "active",
        invited_until=instant_text(account.deadline) if invited else None,
        grants=[_grant(grant, givers, today) for grant in account.grants],
        by_ent=account.ent is not None,
        ent_login=None if account.ent is None else account.ent.subject.partition(":")[2],
        second_factor=account.second_factor is not None,
        version=account.epoch,
    )


def _grant(grant: Grant, givers: Mapping[str, str], today: date) -> staff_api.GrantView:
    giving = grant.giving
    return staff_api.GrantView(
        role=grant.role,
        centres=None if grant.centres is None else list(grant.centres),
        commissions=None if grant.commissions is None else list(grant.commissions),
        valid_from=None if grant.since is None else grant.since.isoformat(),
        valid_until=None if grant.until is None else grant.until.isoformat(),
        in_force=grant.is_in_force(today),
        given_at=None if giving is None else instant_text(giving.at),
        given_by=None
        if giving is None
        else staff_api.GiverView(actor=giving.by, email=givers.get(giving.by.removeprefix(_STAFF)) or None),
    )


def _position(saved: Versioned[Account]) -> str:
    return base64.urlsafe_b64encode(saved.state.address.encode()).decode().rstrip("=")


def person_row(saved: Versioned[Account]) -> support_api.PersonRow:
    """Somebody in a list."""
    return support_api.PersonRow(**_person(saved))


def _person(saved: Versioned[Account]) -> dict[str, Any]:
    """What a list and the page of a person have in common."""
    account = saved.state
    identity = account.profile.identity
    return {
        "account": saved.id,
        "file_number": account.file_number,
        "email": account.person.email,
        "family_name": account.person.family_name,
        "given_name": account.person.given_name or None,
        "birth_date": None if identity is None else identity.birth_date,
        "campaign": account.campaign,
        "state": "validated" if account.state is State.VALIDATED else "pending",
        "staff": account.is_staff,
        "closed": account.closed is not None,
    }


def _address_behind(position: str | None) -> str:
    """The address that a position is of; raises INVALID_FIELDS."""
    try:
        address = base64.urlsafe_b64decode((position or "") + "=" * (-len(position or "") % 4)).decode()
    except ValueError:
        raise INVALID_FIELDS(fields=[FieldError("after", "malformed")]) from None
    if not address.isprintable():
        raise INVALID_FIELDS(fields=[FieldError("after", "malformed")])
    return address


def profile(
    saved: Versioned[Account], student_number_from: int, registrar: profile_api.RegistrarView
) -> profile_api.ProfileView:
    """The whole profile; `student_number_from` is the parameter of that name."""
    given = saved.state.profile
    lacking = profile_api.Remark(step="identity", field="national_student_number", slug="student-number-required")
    record = given.registrar
    return profile_api.ProfileView(
        steps=steps(given),
        missing=list(missing(given, student_number_from)),
        remarks=[lacking] if lacks_student_number(given, student_number_from) else [],
        locked=[*record.managed] if record is not None else [],
        registrar=registrar,
        held=[] if record is None else [held_view(each) for each in record.documents],
        tags=profile_api.Tags(**{name: tag(given, name) for name in STEPS}),
    )


def steps(given: Profile) -> profile_api.Steps:
    """All that a profile holds."""
    shown: dict[str, Any] = {name: step(given, name) if name in given.steps else None for name in STEPS}
    shown |= {name: [row_view(name, row) for row in given.rows_of(name)] for name in ROW_KINDS}
    record = [plain_studies(each) for each in given.registrar.studies] if given.registrar is not None else None
    return profile_api.Steps.model_validate(shown | {"internal_record": record})


def counting(shown: profile_api.ProfileView, today: date) -> profile_api.ProfileView:
    """The profile without documents whose last day is past: these are to be given where they are asked for."""
    return shown.model_copy(update={"held": [each for each in shown.held if (each.expires_on or today) >= today]})


def held_view(held: HeldDocument) -> profile_api.HeldDocumentView:
    """A document that the registrar holds."""
    return profile_api.HeldDocumentView(code=held.code, label=held.label, on=held.on, expires_on=held.expires_on)


def step(given: Profile, name: StepName) -> api.View:
    """One step as it is kept; raises STEP_NOT_GIVEN."""
    data = given.data(name)
    if data is None:
        raise STEP_NOT_GIVEN()
    single = {"single_name": data.single_name} if isinstance(data, Identity) else {}
    return STEP_VIEWS[name].model_validate(plain(data) | single)


def row_view(step: RowsStep, row: SavedRow) -> profile_api.RowView:
    """A row as it is kept."""
    return ROW_VIEWS[step].model_validate(plain_row(row.data) | {"id": row.id, "tag": row_tag(row)})


def row_tag(row: SavedRow) -> str:
    """The entity tag of a row, without quotes."""
    return f"row-{row.id}-{row.version}"


def tag(given: Profile, name: StepName) -> str:
    """The entity tag of a step, without quotes."""
    return f"{name}-{given.version_of(name)}"
