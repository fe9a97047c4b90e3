"""The readable page of a service's API, written from its OpenAPI document: plain HTML, no script, nothing from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.chassis.languages import Language
from services.chassis.problems import Texts

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def render(document: Mapping[str, Any], texts: Texts, language: Language) -> bytes:
    """The page in one language."""
    return f"<!doctype html><title>{document['info']['title']}</title>".encode()
