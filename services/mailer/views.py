"""Read-only questions: a person's messages, and what staff see of mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from services.chassis.context import Actor
from services.chassis.events.aggregates import Versioned
from services.contracts.api.identity import Grant
from services.contracts.api.mailer import (
    UNDELIVERED,
    DeliveryFile,
    DeliveryPage,
    DeliveryQuery,
    DeliveryReturn,
    DeliveryView,
    MessagePage,
    MessageView,
)
from services.contracts.instants import instant_text
from services.mailer.domain.about import is_within
from services.mailer.domain.delivery import Delivery
from services.mailer.domain.returns import Fate, Return, is_unreached
from services.mailer.domain.states import State
from services.mailer.repository import DeliveryRepository, DirectoryCopies
from services.mailer.repository.about import wheres_of
from services.mailer.repository.pages import Place, place_of

_LAST: Final = 20
"""By so many of somebody's mails is seen whether they arrive."""
_UNDELIVERED: Final = (State.FAILED, State.BOUNCED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Views:
    """What is read of mails."""

    deliveries: DeliveryRepository
    directory: DirectoryCopies

    async def messages_of(self, actor: Actor, limit: int, after: str | None, now: datetime) -> MessagePage:
        """The person's messages, newest first; `after` is the `next` of the page before."""
        found = await self.deliveries.of(actor, limit + 1, _place(after))
        unreached = after is None and await self._is_unreached(actor, now)
        items = [_message(saved) for saved in found[:limit]]
        return MessagePage(items=items, next=_next(found, limit), unreached=unreached)

    async def _is_unreached(self, actor: Actor, now: datetime) -> bool:
        person = await self.directory.get(actor.account)
        if person is None or "email" not in person:
            return False
        last = await self.deliveries.of(actor, _LAST, None)
        fates = [Fate(saved.state.address, saved.state.state, saved.state.ended_at) for saved in last]
        return is_unreached(person["email"], fates, now)

    async def deliveries_by(self, query: DeliveryQuery, grants: Sequence[Grant] | None) -> DeliveryPage:
        """A page of the mails that are asked for, newest first; none where nobody has the file number.

        With `grants`, those that tell of files within one of them; None: all.
        """
        account = query.account
        if query.file_number is not None:
            known = await self.directory.account_of(query.file_number.upper())
            if known is None or account not in (None, known):
                return DeliveryPage(items=[])
            account = known

        def keep(mail: Delivery) -> bool:
            return query.kind in (None, mail.kind) and (
                (query.commission is None and grants is None)
                or any(
                    query.commission in (None, each.commission) and (grants is None or is_within(grants, each))
                    for each in mail.about
                )
            )

        states, limit, place = _states(query.state), query.limit + 1, _place(query.after)
        until: Place | None = None
        if account is not None:
            found = await self.deliveries.page_of(account, states, keep, limit, place)
        else:
            wheres = wheres_of(query.commission, grants)
            if query.commission is None and grants is None and query.kind is not None:
                wheres = [{"kind": query.kind}]
            found, until = await self.deliveries.page_where(wheres, states, keep, limit, place)
        page = found[: query.limit]
        numbers = await self.directory.file_numbers(saved.state.account for saved in page)
        items = [_delivery(saved, numbers.get(saved.state.account), grants) for saved in page]
        behind = _next(found, query.limit)
        return DeliveryPage(items=items, next=behind or (None if until is None else "~".join(until)))

    async def delivery(self, saved: Versioned[Delivery]) -> DeliveryView:
        """One mail as staff see it."""
        numbers = await self.directory.file_numbers([saved.state.account])
        return _delivery(saved, numbers.get(saved.state.account), None)


def _states(asked: str | None) -> Sequence[State]:
    if asked is None:
        return ()
    return _UNDELIVERED if asked == UNDELIVERED else (State(asked),)


def _place(after: str | None) -> Place | None:
    return (after[:24], after[25:]) if after else None


def _next(found: Sequence[Versioned[Delivery]], limit: int) -> str | None:
    return "~".join(place_of(found[limit - 1])) if len(found) > limit else None


def _message(saved: Versioned[Delivery]) -> MessageView:
    delivery = saved.state
    kept = delivery.letter.without_secret()
    return MessageView(
        id=saved.id,
        kind=delivery.kind,
        subject=kept.subject,
        text=kept.text,
        language=delivery.language,
        state=delivery.state.value,
        created_at=instant_text(delivery.created_at),
        sent_at=instant_text(delivery.ended_at) if delivery.ended_at and not delivery.reason else None,
    )


def _delivery(saved: Versioned[Delivery], file_number: str | None, grants: Sequence[Grant] | None) -> DeliveryView:
    delivery = saved.state
    return DeliveryView(
        id=saved.id,
        account=delivery.account,
        file_number=file_number,
        kind=delivery.kind,
        subject=delivery.letter.without_secret().subject or None,
        language=delivery.language,
        address=delivery.address or None,
        state=delivery.state.value,
        reason=delivery.reason or None,
        attempts=delivery.attempts,
        created_at=instant_text(delivery.created_at),
        due_at=instant_text(delivery.due_at) if delivery.due_at else None,
        ended_at=instant_text(delivery.ended_at) if delivery.ended_at else None,
        returns=[_return(each) for each in delivery.returns],
        retried_by=delivery.retried_by or None,
        files=[
            DeliveryFile(application=each.application, programme=each.programme)
            for each in delivery.about
            if grants is None or is_within(grants, each)
        ],
    )


def _return(said: Return) -> DeliveryReturn:
    result: Literal["hard", "soft", "delayed"] = ("hard" if said.is_hard else "soft") if said.final else "delayed"
    return DeliveryReturn(at=instant_text(said.at), result=result, status=said.status or None)
