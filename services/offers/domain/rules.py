"""Checks of single fields that gather what is wrong; every slug has its text in `services/locale`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from services.contracts.addresses import is_email, is_web_address
from services.contracts.refusals import FieldError
from services.contracts.text import is_printable
from services.offers.domain.text import Text

_CODE: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_SECRET_URL: Final = re.compile(r"(https://|http://(localhost|127\.0\.0\.1)[:/])[!-~]+")
_NO_BRACES: Final = dict.fromkeys(map(ord, "{}"))
_MODEL: Final = re.compile(r"/api/(?:offers|documents)/models/[A-Za-z0-9._~-]+")


class Checks:
    """Gathers faults, in the order in which the checks are asked."""

    def __init__(self) -> None:
        self.faults: list[FieldError] = []

    def fault(self, field: str, slug: str, **params: object) -> None:
        """Note a fault."""
        self.faults.append(FieldError(field, slug, params))

    def line(self, field: str, value: str, longest: int, *, required: bool = True) -> None:
        """One line of text: no control characters, at most `longest` characters, not blank unless it may be."""
        if required and not value.strip():
            self.fault(field, "required")
        elif len(value) > longest:
            self.fault(field, "too-long", max=longest)
        elif not is_printable(value):
            self.fault(field, "control-characters")

    def text(self, field: str, value: Text, longest: int, *, required: bool = True) -> None:
        """The same, in each language that the text has."""
        self.line(f"{field}.fr", value.fr, longest, required=required)
        if value.en is not None:
            self.line(f"{field}.en", value.en, longest)

    def code(self, field: str, value: str, longest: int) -> None:
        """Letters and digits of ASCII in groups joined by hyphens, so that it can stand in an address."""
        if len(value) > longest:
            self.fault(field, "too-long", max=longest)
        elif not _CODE.fullmatch(value):
            self.fault(field, "not-a-code")

    def like(self, field: str, value: str, pattern: re.Pattern[str]) -> None:
        """Text of a given form."""
        if not value:
            self.fault(field, "required")
        elif not pattern.fullmatch(value):
            self.fault(field, "malformed")

    def url(self, field: str, value: str, longest: int) -> None:
        """An absolute http or https address, or nothing."""
        if len(value) > longest:
            self.fault(field, "too-long", max=longest)
        elif value and not is_web_address(value):
            self.fault(field, "not-a-url")

    def model(self, field: str, value: str, longest: int) -> None:
        """Where a file to fill in is: with this suite, or at an absolute http or https address; or nothing."""
        if not _MODEL.fullmatch(value):
            self.url(field, value, longest)
        elif len(value) > longest:
            self.fault(field, "too-long", max=longest)

    def secret_url(self, field: str, value: str, longest: int) -> None:
        """An address to which what is sent is read by nobody else: https, or a server on this very machine.

        What is to be filled in stands in it in braces.
        """
        value = value.translate(_NO_BRACES)
        if not value:
            self.fault(field, "required")
        elif len(value) <= longest and is_web_address(value) and not _SECRET_URL.fullmatch(value):
            self.fault(field, "not-https")
        else:
            self.url(field, value, longest)

    def email(self, field: str, value: str, longest: int) -> None:
        """Something that looks like an e-mail address, or nothing."""
        if len(value) > longest:
            self.fault(field, "too-long", max=longest)
        elif value and not is_email(value):
            self.fault(field, "not-an-email")

    def between(self, field: str, value: int | None, least: int, most: int) -> None:
        """A number within bounds, both allowed, or none."""
        if value is not None and not least <= value <= most:
            self.fault(field, "out-of-range", min=least, max=most)

    def at_most(self, field: str, count: int, most: int) -> None:
        """No more than `most` of something."""
        if count > most:
            self.fault(field, "too-many", max=most)

    def once(self, field: str, values: Sequence[str]) -> None:
        """No value stands twice."""
        if len(set(values)) < len(values):
            self.fault(field, "twice")

    def one_of(self, field: str, values: Sequence[str], allowed: Collection[str]) -> None:
        """At least one value, and only allowed ones."""
        if not values:
            self.fault(field, "required")
        elif not set(values) <= set(allowed):
            self.fault(field, "not-a-choice", allowed=sorted(allowed))

    def in_order(self, earlier: str, first: date | None, later: str, second: date | None) -> None:
        """The second day, if both are given, is not before the first."""
        if first is not None and second is not None and second < first:
            self.fault(later, "before-another-day", other=earlier)
