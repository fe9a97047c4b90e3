"""What the pages of rights show of the API's view of a member of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from services.chassis.texts import formats
from services.chassis.texts.catalogues import MOMENT, catalogues
from services.contracts.actors import ActorKind
from services.contracts.api.staff import GrantView, StaffView
from services.contracts.instants import instant
from services.contracts.languages import Language
from services.portal.paths import STAFF
from services.portal.showing import Text


def address_of(login: str, *parts: str) -> str:
    """The address of a page of a person."""
    return "/".join((STAFF, *(quote(part, safe="") for part in (login, *parts))))


@dataclass(frozen=True, slots=True)
class Showing:
    """Makes what templates show, in one language, by the clock of `zone`, to the administrator `reader`."""

    text: Text
    zone: ZoneInfo
    language: Language
    reader: str

    def member(self, view: StaffView) -> Mapping[str, Any]:
        """A person with all their rights."""
        return {
            "login": view.login,
            "email": view.email,
            "address": address_of(view.login),
            "own": view.account == self.reader,
            "active": view.state == "active",
            "state": self._state(view),
            "grants": [self.grant(view, number) for number in range(len(view.grants))],
            "by_ent": view.by_ent,
            "ent_login": view.ent_login,
            "second_factor": view.second_factor,
            "version": view.version,
        }

    def grant(self, view: StaffView, number: int) -> Mapping[str, Any]:
        """One right, as a line, with who gave it, and where it is taken."""
        grant = view.grants[number]
        return {
            "line": " – ".join((self._words(f"role.{grant.role}"), *self._reach(grant), *self._days(grant))),
            "in_force": grant.in_force,
            "given": self._given(grant),
            "take": address_of(view.login, "roles", str(number + 1)),
        }

    def _reach(self, grant: GrantView) -> list[str]:
        named = (("centres", grant.centres), ("commissions", grant.commissions))
        said = [
            self.text(self.language, f"staffing.reach_{name}", codes=", ".join(codes)) for name, codes in named if codes
        ]
        return said or [self._words("everywhere")]

    def _days(self, grant: GrantView) -> list[str]:
        named = (("from", grant.valid_from), ("until", grant.valid_until))
        return [self.text(self.language, f"staffing.{name}", day=self._day(day)) for name, day in named if day]

    def _given(self, grant: GrantView) -> str:
        if grant.given_at is None or grant.given_by is None:
            return self._words("given_before")
        who = grant.given_by.email or self._words(
            "machine" if grant.given_by.actor == ActorKind.OPERATOR else "giver_gone"
        )
        return self.text(self.language, "staffing.given", at=self._moment(grant.given_at), who=who)

    def _state(self, view: StaffView) -> str:
        if view.state == "invited" and view.invited_until is not None:
            return self.text(self.language, "staffing.invited", at=self._moment(view.invited_until))
        return self._words("active")

    def _words(self, name: str) -> str:
        return self.text(self.language, f"staffing.{name}")

    def _day(self, day: str) -> str:
        return formats.day(date.fromisoformat(day), self.language)

    def _moment(self, at: str) -> str:
        return formats.moment(instant(at), self.language, self.zone, catalogues().text(MOMENT, self.language))
