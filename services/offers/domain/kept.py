"""Centres, boards and requirements as staff write them: programmes copy them, and follow when they are written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from services.contracts.refusals import INVALID_FIELDS, STALE_VERSION, FieldError
from services.offers.domain.boards import Alerts, Letters, check_alerts, check_letters, check_signatory
from services.offers.domain.calendar import Days, check_days, in_dates
from services.offers.domain.events import CommissionChanged
from services.offers.domain.parts import Parts
from services.offers.domain.programmes import (
    Contact,
    Content,
    Requirement,
    Unit,
    check_contact,
    check_requirement,
    check_unit,
)
from services.offers.domain.rules import Checks

Kind = Literal["centre", "commission", "requirement"]
KINDS: Final[tuple[Kind, ...]] = ("centre", "commission", "requirement")
MAX_KEPT: Final = 2000
"""Of each kind, that staff have written."""
_OWN: Final = ".own"


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre: whom a programme names that has no contact of its own, and the days that its new programmes begin with."""

    unit: Unit
    contact: Contact = field(default_factory=lambda: Contact(""))
    days: Days = field(default_factory=Days)

    @property
    def owner(self) -> str | None:
        """The centre itself."""
        return self.unit.code


@dataclass(frozen=True, slots=True)
class Commission:
    """A board of a centre, or of the whole university; its contact, if it has one, stands before its centre's."""

    unit: Unit
    owner: str | None = None
    contact: Contact = field(default_factory=lambda: Contact(""))
    letters: Letters = field(default_factory=Letters)
    alerts: Alerts = field(default_factory=Alerts)


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement that is kept for the programmes of a centre, or of the whole university."""

    requirement: Requirement
    owner: str | None = None

    @property
    def unit(self) -> Unit:
        """Its code and its label."""
        return Unit(self.requirement.code, self.requirement.label)


Said = Centre | Commission | Asked


@dataclass(frozen=True, slots=True)
class Use:
    """What programmes say of something, how many they are, and of which centres; the first of them is believed."""

    said: Said
    programmes: int
    centres: frozenset[str]


Uses = Mapping[tuple[Kind, str], Use]


@dataclass(frozen=True, slots=True)
class KeptPart:
    """What staff wrote last, its `revision` from 1 on.

    `before` is what programmes may still say of it: it is here until all of them have followed.
    """

    kind: Kind
    code: str
    revision: int
    said: Said
    before: Said | None = None


def kind_of(said: Said) -> Kind:
    """What it is."""
    match said:
        case Centre():
            return "centre"
        case Commission():
            return "commission"
        case Asked():
            return "requirement"


def uses_of(contents: Iterable[Content]) -> Uses:
    """All that programmes name, as they say it; a contact that not all of them have alike is none of a centre's."""
    first: dict[tuple[Kind, str], Said] = {}
    counts: dict[tuple[Kind, str], int] = {}
    centres: dict[tuple[Kind, str], set[str]] = {}
    contacts: dict[str, set[Contact]] = {}
    for content in contents:
        named: list[tuple[tuple[Kind, str], Said]] = [(("centre", content.centre.code), Centre(content.centre))]
        if content.commission is not None:
            named.append((("commission", content.commission.code), Commission(content.commission)))
        named += [(("requirement", each.code), Asked(each)) for each in content.requirements]
        contacts.setdefault(content.centre.code, set()).add(content.contact)
        for key, said in named:
            first.setdefault(key, said)
            counts[key] = counts.get(key, 0) + 1
            centres.setdefault(key, set()).add(content.centre.code)
    return {
        key: Use(_with_owner(said, centres[key], contacts), counts[key], frozenset(centres[key]))
        for key, said in first.items()
    }


def _with_owner(said: Said, centres: set[str], contacts: Mapping[str, set[Contact]]) -> Said:
    """Whose it is, where the programmes of one centre alone name it, and whom all programmes of a centre name."""
    if isinstance(said, Centre):
        alike = contacts[said.unit.code]
        return replace(said, contact=next(iter(alike))) if len(alike) == 1 else said
    return replace(said, owner=next(iter(centres)) if len(centres) == 1 else None)


def keep(there: KeptPart | None, said: Said, use: Use | None, *, expected: int | None = None) -> KeptPart:
    """Write it; the same as `there` if nothing is different.

    `use` is what programmes say of it, `expected` the revision that was looked at, 0 for what nobody has written yet.
    Raises INVALID_FIELDS with all that is wrong, STALE_VERSION.
    """
    before = there.said if there is not None else use.said if use is not None else None
    said = _asked_as_before(said, before)
    if faults := [*check(said, use), *_signed_by_another(said, before)]:
        raise INVALID_FIELDS(fields=faults)
    if there is not None and there.said == said:
        return there
    revision = there.revision if there is not None else 0
    if expected not in (None, revision):
        raise STALE_VERSION(version=revision)
    return KeptPart(kind_of(said), said.unit.code, revision + 1, said, before)


def _signed_by_another(said: Said, before: Said | None) -> list[FieldError]:
    if isinstance(said, Commission) and isinstance(before, Commission):
        return check_signatory(before.letters, said.letters)
    return []


def taken_over(there: KeptPart, said: Said) -> KeptPart:
    """What a catalogue file says of it from now on; nothing that it does not say becomes another."""
    match there.said, said:
        case Commission() as before, Commission(unit):
            said = replace(before, unit=unit)
        case Asked() as before, Asked(requirement):
            said = replace(before, requirement=requirement)
    return there if said == there.said else replace(there, revision=there.revision + 1, said=said)


def said_anew(there: KeptPart | None, after: KeptPart) -> list[CommissionChanged]:
    """What others hear of it: that a board's name, letters or alerts are others than before."""
    match there.said if there is not None else Commission(after.said.unit), after.said:
        case Commission() as before, Commission() as now:
            is_same = (before.unit, before.letters, before.alerts) == (now.unit, now.letters, now.alerts)
            return [] if is_same else [CommissionChanged()]
        case _:
            return []


def _asked_as_before(said: Said, before: Said | None) -> Said:
    """A requirement whose level stays as it was: a catalogue file alone says who asks for a document."""
    if isinstance(said, Asked) and isinstance(before, Asked):
        return replace(said, requirement=replace(said.requirement, level=before.requirement.level))
    return said


def is_used_elsewhere(said: Said, use: Use | None) -> bool:
    """Whether programmes of other centres name what is one centre's."""
    return not isinstance(said, Centre) and bool(said.owner) and use is not None and not use.centres <= {said.owner}


def check(said: Said, use: Use | None) -> list[FieldError]:
    """All that is wrong with it, field by field; what programmes of other centres name is not one centre's."""
    checks = Checks()
    match said:
        case Centre(unit, contact, days):
            check_unit(checks, _OWN, unit)
            check_contact(checks, contact, named=False)
            check_days(checks, days)
        case Commission(unit, _, contact):
            check_unit(checks, _OWN, unit)
            check_contact(checks, contact, named=False)
            check_letters(checks, unit.code, said.letters)
            check_alerts(checks, said.alerts)
        case Asked(requirement):
            check_requirement(checks, _OWN, requirement)
    if is_used_elsewhere(said, use):
        checks.fault("centre", "named-elsewhere")
    return [in_dates(replace(fault, field=fault.field.removeprefix(f"{_OWN}."))) for fault in checks.faults]


def followed(content: Content, kept: KeptPart) -> Content:
    """What a programme says that names it, once it has followed."""
    match kept.said:
        case Centre(unit) if content.centre.code == unit.code:
            return replace(content, centre=unit, contact=_contact(content.contact, kept))
        case Commission(unit) if content.commission is not None and content.commission.code == unit.code:
            return replace(content, commission=unit, contact=_contact(content.contact, kept))
        case Asked(requirement):
            asked = tuple(
                replace(requirement, level=each.level) if each.code == requirement.code else each
                for each in content.requirements
            )
            return replace(content, requirements=asked)
    return content


def _contact(there: Contact, kept: KeptPart) -> Contact:
    """A programme that names whom all were to name before names whom they are to name now; one with its own keeps that."""
    before, now = contact_of(kept.before), contact_of(kept.said)
    return now if before is not None and now is not None and there == before else there


def contact_of(said: Said | None) -> Contact | None:
    """Whom programmes name that have no contact of their own: by the centre's name, where there is no other.

    None where a board says nothing of that.
    """
    match said:
        case Centre(unit, contact):
            return replace(contact, name=contact.name or unit.label.fr)
        case Commission(unit, _, contact) if contact != Contact(""):
            return replace(contact, name=contact.name or unit.label.fr)
        case _:
            return None


def parts_kept(kept: Iterable[KeptPart]) -> Parts:
    """These, as what programmes can name."""
    every = [each.said for each in kept]
    contacts: dict[tuple[str, str], Contact] = {}
    for said in every:
        if (contact := contact_of(said)) is not None:
            contacts[kind_of(said), said.unit.code] = contact
    return Parts(
        centres={said.unit.code: said.unit for said in every if isinstance(said, Centre)},
        commissions={said.unit.code: said.unit for said in every if isinstance(said, Commission)},
        requirements={said.unit.code: said.requirement for said in every if isinstance(said, Asked)},
        contacts=contacts,
    )
