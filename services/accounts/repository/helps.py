"""Helps of staff as parts of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounts.domain.helps import Help
from services.chassis.ports import Document
from services.contracts.instants import instant, instant_text


def help_document(given: Help) -> Document:
    """A help as it is kept; no reason where none was asked for."""
    document: Document = {"what": given.what, "by": given.by, "at": instant_text(given.at)}
    return document | {"reason": given.reason} if given.reason else document


def help_of(row: Mapping[str, Any]) -> Help:
    """The help of a document."""
    return Help(row["what"], row["by"], instant(row["at"]), row.get("reason", ""))
