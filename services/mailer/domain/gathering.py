"""Openings and cancellations of one person that one mail tells of, by what stands when it leaves (ADR 41)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one thing, an application by its programme; `event` told it.

    A mail of this `kind` would tell of it alone, and say these `variables`; answers to it go to `reply_to`.
    """

    event: str
    about: str
    kind: str
    variables: Mapping[str, Any]
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The changes that a mail of this `kind` tells of, of each thing the latest; it takes in more before `until`."""

    kind: str
    until: datetime
    changes: tuple[Change, ...]

    def with_change(self, change: Change) -> Gathered:
        """With one more, in place of what stood for the same thing."""
        others = tuple(each for each in self.changes if each.about != change.about)
        return replace(self, changes=(*others, change))

    def noted(self, about: str, names: Mapping[str, str]) -> Gathered:
        """With what has happened to a thing since: true is the variable that `names` gives for the kind of its mail."""
        return replace(
            self,
            changes=tuple(
                replace(each, variables={**each.variables, names[each.kind]: True})
                if each.about == about and each.kind in names
                else each
                for each in self.changes
            ),
        )

    @property
    def reply_to(self) -> str:
        """Where answers go, if that is one place for all."""
        places = {each.reply_to for each in self.changes}
        return places.pop() if len(places) == 1 else ""
