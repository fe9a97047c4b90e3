"""Mails that came back, as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.chassis.ports import Document
from services.contracts.instants import instant, instant_text
from services.mailer.domain.delivery import BOUNCED, Delivery
from services.mailer.domain.returns import Return
from services.mailer.domain.states import State


def returns_out(returns: Sequence[Return]) -> list[Document]:
    """What other servers have said of a mail."""
    return [
        {"id": each.id, "at": instant_text(each.at), "final": each.final, "status": each.status} for each in returns
    ]


def returns_in(document: Mapping[str, Any]) -> tuple[Return, ...]:
    """What `returns_out` wrote."""
    rows = document.get("returns", ())
    return tuple(Return(each["id"], instant(each["at"]), each["final"], each["status"]) for each in rows)


def stored(state: State) -> str:
    """What came back is stored as failed, for that reason: a process of the release before reads it so."""
    return str((State.FAILED if state is State.BOUNCED else state).value)


def all_stored(states: Iterable[State]) -> list[str]:
    """Under which words mails in these states are stored."""
    return list(dict.fromkeys(map(stored, states)))


def among(states: Sequence[State]) -> Callable[[Delivery], bool]:
    """Whether a mail is in one of these states, or of all."""
    return lambda mail: not states or mail.state in states


def state_of(document: Document) -> State:
    """The state that a document tells of."""
    there = State(document["state"])
    return State.BOUNCED if there is State.FAILED and document["reason"] == BOUNCED else there
