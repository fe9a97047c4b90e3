"""Since which version an application looks to its candidate as it does: what only moves the version is no news."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from pydantic_core import to_json

from services.applications.domain.model import Application
from services.applications.domain.visible import visible
from services.chassis.events.aggregates import Versioned

SHOWN: Final = "shown"
"""The member of its document that says so, with a digest of what was seen then."""


def shown_since(saved: Versioned[Application]) -> int:
    """The version; that of the document where a release that does not know of it has changed what is seen."""
    known = saved.document.get(SHOWN)
    return known["since"] if known is not None and known["digest"] == _digest(saved.state) else saved.version


def shown_after(saved: Versioned[Application], state: Application) -> dict[str, Any]:
    """What the document is to say of it when the application becomes `state`."""
    digest = _digest(state)
    same = bool(saved.document) and digest == _digest(saved.state)
    return {"since": shown_since(saved) if same else saved.version + 1, "digest": digest}


def _digest(state: Application) -> str:
    return hashlib.blake2b(to_json(visible(state)), digest_size=8).hexdigest()
