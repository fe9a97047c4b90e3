"""What accounts tells others: its facts as events of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from services.accounts.domain import events
from services.accounts.domain.account import Account
from services.accounts.domain.grants import Grant
from services.accounts.domain.profile import Profile, StepName, plain
from services.accounts.domain.profile_rows import plain_row
from services.accounts.domain.registrar import HeldDocument, plain_studies
from services.accounts.domain.states import State
from services.contracts.events import accounts as published
from services.contracts.events.catalogue import Event
from services.contracts.instants import instant_text


def account_events(id: str, account: Account, domain_event: events.DomainEvent) -> Sequence[Event]:
    """The events that say a fact of an account; its state is the one after the fact."""
    if account.is_staff and isinstance(domain_event, events.Registered | events.Validated):
        return []  # others hear that somebody may apply
    event: Event
    match domain_event:
        case events.SessionEnded() | events.SessionsEnded() | events.StaffChanged() | events.ClosingChanged():
            event = _admission(id, account, domain_event)
        case events.Registered():
            event = published.AccountRegistered(account=id, campaign=account.campaign)
        case events.AddressChanged():
            event = _address(id, account)
        case events.LinkIssued():
            event = _link(id, account, domain_event)
        case events.NoticeDue() | events.Farewell() | events.SecondFactorChanged():
            event = _notice(id, account, domain_event)
        case events.Validated():
            event = published.AccountValidated(account=id, campaign=account.campaign)
        case events.Expired():
            event = published.AccountExpired(account=id, campaign=account.campaign)
        case events.ErasureAnnounced() | events.Erased():
            event = _erasure(id, account, domain_event)
        case events.CardChanged(missing):
            event = _card(id, account, missing)
        case events.ProfileCompleted():
            event = published.ProfileCompleted(account=id, campaign=account.campaign)
        case _:
            assert_never(domain_event)
    return [event]


def without_person(event: Event) -> Event:
    """What an event of an account says when the person is forgotten: that there was one."""
    match event:
        case published.AddressChanged() | published.NoticeIssued() | published.SecondFactorChanged():
            return event.model_copy(update=dict.fromkeys(("file_number", "email", "family_name", "given_name"), ""))
        case published.LinkIssued() | published.StaffInvited():
            secret = ("file_number", "email", "family_name", "given_name", "token")
            return event.model_copy(update=dict.fromkeys(secret, ""))
        case published.CardChanged():
            return event.model_copy(
                update={"file_number": "", "steps": published.StepsPart(), "rows": None, "held": None}
            )
        case published.StaffChanged():
            return event.model_copy(update={"known_as": None, "email": None})
        case _:
            return event


def _admission(
    id: str,
    account: Account,
    domain_event: events.SessionEnded | events.SessionsEnded | events.StaffChanged | events.ClosingChanged,
) -> Event:
    holder: Literal["account", "staff"] = "staff" if account.is_staff else "account"
    match domain_event:
        case events.SessionEnded(session):
            return published.SessionRevoked(account=id, session=session, holder=holder)
        case events.SessionsEnded():
            return published.SessionRevoked(account=id, epoch=account.epoch, holder=holder)
        case events.ClosingChanged():
            return _closing(id, account)
        case events.StaffChanged():
            person = account.person
            return published.StaffChanged(
                account=id,
                known_as=" ".join(filter(None, (person.given_name, person.family_name))) or person.email or None,
                email=person.email or None,
                grants=[_grant(grant) for grant in account.grants],
            )


def _erasure(id: str, account: Account, domain_event: events.ErasureAnnounced | events.Erased) -> Event:
    if isinstance(domain_event, events.ErasureAnnounced):
        day = domain_event.day.isoformat()
        return published.ErasureAnnounced(account=id, campaign=account.campaign, day=day)
    return published.AccountErased(account=id, campaign=account.campaign)


def _grant(grant: Grant) -> published.GrantPart:
    return published.GrantPart(
        role=grant.role,
        centres=None if grant.centres is None else list(grant.centres),
        commissions=None if grant.commissions is None else list(grant.commissions),
        until=None if grant.until is None else grant.until.isoformat(),
        since=None if grant.since is None else grant.since.isoformat(),
    )


def _address(id: str, account: Account) -> Event:
    if account.is_staff:
        return _admission(id, account, events.StaffChanged())
    return published.AddressChanged(
        account=id,
        file_number=account.file_number,
        email=account.person.email,
        family_name=account.person.family_name,
        given_name=account.person.given_name,
        language=account.person.language,
    )


def _link(id: str, account: Account, domain_event: events.LinkIssued) -> Event:
    """A mail to an address that nobody has proved to be theirs repeats nothing that somebody has typed there."""
    proved = account.state is State.VALIDATED and not domain_event.unproved
    said: dict[str, Any] = {
        "account": id,
        "email": domain_event.unproved or account.person.email,
        "given_name": account.person.given_name if proved else "",
        "family_name": account.person.family_name if proved else "",
        "file_number": account.file_number,
        "language": account.person.language,
        "path": domain_event.path,
        "token": domain_event.token,
        "expires_at": instant_text(domain_event.expires_at),
    }
    if domain_event.kind == "staff-invited":
        return published.StaffInvited(**said)
    return published.LinkIssued(kind=domain_event.kind, **said)


def _notice(
    id: str, account: Account, domain_event: events.NoticeDue | events.Farewell | events.SecondFactorChanged
) -> Event:
    """To an address that is another's, it says nothing of the account."""
    if isinstance(domain_event, events.Farewell):
        return _farewell(id, account, domain_event)
    if isinstance(domain_event, events.SecondFactorChanged):
        return _second_factor(id, account, domain_event)
    proved = not domain_event.unproved
    return published.NoticeIssued(
        account=id,
        kind=domain_event.kind,
        file_number=account.file_number if proved else "",
        email=domain_event.email,
        family_name=account.person.family_name if proved else "",
        given_name=account.person.given_name if proved else "",
        language=account.person.language,
    )


def _second_factor(id: str, account: Account, changed: events.SecondFactorChanged) -> Event:
    factor = account.second_factor
    return published.SecondFactorChanged(
        account=id,
        what=changed.what,
        file_number=account.file_number,
        email=account.person.email,
        family_name=account.person.family_name,
        given_name=account.person.given_name,
        language=account.person.language,
        recovery_codes_left=len(factor.recovery) if factor is not None else 0,
    )


def _farewell(id: str, account: Account, domain_event: events.Farewell) -> Event:
    """The account is empty by now: the domain event says to whom."""
    return published.NoticeIssued(
        account=id,
        kind="account-erased",
        file_number=domain_event.file_number,
        email=domain_event.email,
        family_name=domain_event.family_name,
        given_name=domain_event.given_name,
        language=account.person.language,
        certificate=domain_event.certificate,
    )


def _closing(id: str, account: Account) -> Event:
    closed = account.closed
    return published.ClosingChanged(
        account=id,
        campaign=account.campaign,
        kept=None if closed is None else closed.kept,
        closed_at=None if closed is None else instant_text(closed.at),
    )


def _card(id: str, account: Account, missing: tuple[StepName, ...]) -> Event:
    return published.CardChanged(
        account=id,
        campaign=account.campaign,
        file_number=account.file_number,
        version=account.profile.version,
        missing=list(missing),
        steps=published.StepsPart.model_validate(
            {name: plain(step.data) for name, step in account.profile.steps.items()}
        ),
        rows=_rows(account.profile),
        held=_held(account.profile),
    )


def _held(profile: Profile) -> list[published.HeldDocumentPart] | None:
    record = profile.registrar
    if record is None or not record.documents:
        return None
    return [_document(each, record.student_number) for each in record.documents]


def _document(held: HeldDocument, student_number: str) -> published.HeldDocumentPart:
    file = None if held.file is None else f"{student_number}/{held.file}"
    on, expires_on = (None if day is None else day.isoformat() for day in (held.on, held.expires_on))
    return published.HeldDocumentPart(code=held.code, label=held.label, on=on, expires_on=expires_on, file=file)


def _rows(profile: Profile) -> published.RowsPart | None:
    rows: dict[str, list[dict[str, Any]]]
    rows = {step: [plain_row(row.data) for row in given] for step, given in profile.rows.items() if given}
    if profile.registrar is not None and profile.registrar.studies:
        rows["internal_record"] = [plain_studies(studies) for studies in profile.registrar.studies]
    return published.RowsPart.model_validate(rows) if rows else None
