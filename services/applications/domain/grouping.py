"""The groups of a programme's waiting list: which one a decision names, and whose place is for whom (ADR 114)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.applications.domain.copies import ListGroup, ProgrammeCopy
from services.applications.domain.decided import GroupAsDecided
from services.applications.domain.decision_model import EnteredDecision
from services.applications.domain.model import Application
from services.applications.domain.states import DecisionKind
from services.contracts.refusals import INVALID_FIELDS, FieldError
from services.contracts.refusals.applications import GROUP_UNFIT
from services.contracts.text_folding import fold

GROUPED: Final = (DecisionKind.FAVOURABLE, DecisionKind.RANKED_WAITLIST)
"""Decisions of these kinds name a group, where the programme has any."""


def groups_for(application: Application, offer: ProgrammeCopy | None) -> tuple[ListGroup, ...] | None:
    """The groups among which one is chosen; None: not known, as of a programme that has gone on into another campaign."""
    return None if offer is None or offer.campaign != application.campaign else offer.groups


def chosen(
    code: str | None,
    kind: DecisionKind,
    groups: Sequence[ListGroup] | None,
    there: Sequence[EnteredDecision | None],
) -> GroupAsDecided | None:
    """The group that a decision names; raises INVALID_FIELDS where it names none and should, or the other way round.

    Where they are not known it may be one of a decision that is `there`.
    """
    if kind not in GROUPED:
        if code is not None:
            raise INVALID_FIELDS(fields=[FieldError("group", "not-of-kind")])
        return None
    if groups is None:
        found = next((each.group for each in there if each is not None and each.group_code == code), None)
        if code is not None and found is None:
            raise INVALID_FIELDS(fields=[FieldError("group", "unknown-group")])
        return found
    if code is None:
        if groups:
            raise INVALID_FIELDS(fields=[FieldError("group", "required")])
        return None
    if not groups:
        raise INVALID_FIELDS(fields=[FieldError("group", "no-groups")])
    for each in groups:
        if each.code == code:
            return GroupAsDecided(each.code, each.label)
    raise INVALID_FIELDS(fields=[FieldError("group", "unknown-group")])


def meant(text: str, groups: Sequence[ListGroup] | None) -> str:
    """The code of the group that is called so in a table, by its code or a label; what none is, or several are, as it is."""
    if any(each.code == text for each in groups or ()):
        return text
    found = {each.code for each in groups or () if fold(text) in map(fold, (each.code, *each.label.values()))}
    return found.pop() if len(found) == 1 else text


def check(entered: EnteredDecision, application: Application, offer: ProgrammeCopy | None) -> None:
    """Whether a decision that was entered still fits the groups of its programme; raises GROUP_UNFIT."""
    groups = groups_for(application, offer)
    if groups is None or entered.kind not in GROUPED:
        return
    known = {each.code for each in groups}
    if entered.group_code not in known and (groups or entered.group is not None):
        raise GROUP_UNFIT()
