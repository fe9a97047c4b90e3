"""How something was at an instant: how it is, with what each change since says that it was before.

The first change behind the instant knows how a member was then; what later ones say of it is of times between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Earlier:
    """What members were at the instant, null where there was none; `whole`: there were no others."""

    members: dict[str, Any] = field(default_factory=dict)
    whole: bool = False

    def note(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Heed a change, the first of those behind the instant first; what it says is as `audit.difference` says it."""
        for name, value in before.items():
            if not isinstance(value, Mapping):
                self.members.setdefault(name, value)
                continue
            there = self.members.setdefault(name, Earlier())
            if isinstance(there, Earlier) and not there.whole:
                now = after.get(name)
                there.note(value, now if isinstance(now, Mapping) else {})
                there.whole = not isinstance(now, Mapping)

    def of(self, picture: Mapping[str, Any]) -> dict[str, Any]:
        """How the thing was of which this is the picture today; a member that it lacked, or that was null, is left out."""
        was = {} if self.whole else {name: value for name, value in picture.items() if value is not None}
        for name, value in self.members.items():
            if isinstance(value, Earlier):
                inner = picture.get(name)
                was[name] = value.of(inner if isinstance(inner, Mapping) else {})
            elif value is None:
                was.pop(name, None)
            else:
                was[name] = value
        return was
