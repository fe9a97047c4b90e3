"""What pages of candidates and of staff show alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from services.contracts.languages import Language

COLOURS: Final[Mapping[str, str]] = {
    "draft": "govuk-tag--yellow",
    "incomplete": "govuk-tag--orange",
    "complete": "govuk-tag--green",
    "cancelled": "govuk-tag--grey",
    "awaiting": "govuk-tag--yellow",
    "validated": "govuk-tag--green",
    "refused": "govuk-tag--red",
    "not_applicable": "govuk-tag--grey",
    "favourable": "govuk-tag--green",
    "unfavourable": "govuk-tag--red",
    "ranked_waitlist": "govuk-tag--yellow",
    "waitlist": "govuk-tag--yellow",
    "open": "govuk-tag--yellow",
    "met": "govuk-tag--green",
    "not_met": "govuk-tag--red",
}
"""The class of a state's tag; blue where none is named."""


class Text(Protocol):
    """A text of the pages, by its name and figures."""

    def __call__(self, language: Language, name: str, **values: Any) -> str: ...
