"""What values a parameter of the institution can have: a rule takes what was meant, also by text, or says what it breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from services.contracts.addresses import is_email, is_web_address
from services.contracts.file_numbers import ALPHABET, PREFIX_LENGTH, is_of_alphabet
from services.contracts.maintenance import span
from services.contracts.text import is_printable

Value = str | int | tuple[str, ...]

_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_CODE: Final = re.compile(r"[A-Za-z0-9-]*")
_ANY_RELEASE: Final = 10**9


class Unfit(ValueError):
    """A value that a parameter cannot have: the rule that it breaks, and the figures that the rule's text needs."""

    def __init__(self, slug: str, **params: Any) -> None:
        super().__init__(slug)
        self.slug = slug
        self.params = params


class Rule(Protocol):
    """What values a parameter can have."""

    def read(self, given: object) -> Value:
        """The value that was meant, also by text; raises Unfit."""
        ...

    def holds(self, value: object) -> bool:
        """Whether code can work by a value that was kept or heard; its bounds may be wider than here in another release."""
        ...

    def __str__(self) -> str:
        """The rule in words, for a table."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of at most `longest` characters, empty unless it is required; as a `code` it has letters, digits, hyphens."""

    longest: int
    required: bool = False
    code: bool = False

    def read(self, given: object) -> str:
        """The line without blanks around it; raises Unfit."""
        if not isinstance(given, str):
            raise Unfit("wrong-type")
        line = given.strip()
        if self.required and not line:
            raise Unfit("required")
        if len(line) > self.longest:
            raise Unfit("too-long", max=self.longest)
        if not is_printable(line):
            raise Unfit("control-characters")
        if self.code and not _CODE.fullmatch(line):
            raise Unfit("not-a-code")
        return line

    def holds(self, value: object) -> bool:
        """Whether it is text."""
        return isinstance(value, str)

    def __str__(self) -> str:
        what = "letters, digits and hyphens" if self.code else "a line"
        return f"{what}, {'' if self.required else 'or nothing, '}at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class NumberPrefix:
    """What file numbers begin with: two of their characters, none of which is misread, or nothing."""

    def read(self, given: object) -> str:
        """The prefix in capitals; raises Unfit."""
        prefix = Line(PREFIX_LENGTH).read(given).upper()
        if prefix and not (len(prefix) == PREFIX_LENGTH and is_of_alphabet(prefix)):
            raise Unfit("not-a-number-prefix")
        return prefix

    def holds(self, value: object) -> bool:
        """Whether numbers that begin with it are understood when they are typed."""
        return isinstance(value, str) and len(value) in (0, PREFIX_LENGTH) and is_of_alphabet(value)

    def __str__(self) -> str:
        return f"{PREFIX_LENGTH} characters of `{ALPHABET}`, or nothing"


@dataclass(frozen=True, slots=True)
class Email:
    """An address, or nothing."""

    longest: int = 254

    def read(self, given: object) -> str:
        """The address; raises Unfit."""
        address = Line(self.longest).read(given)
        if address and not is_email(address):
            raise Unfit("not-an-email")
        return address

    def holds(self, value: object) -> bool:
        """Whether it is text."""
        return isinstance(value, str)

    def __str__(self) -> str:
        return "an e-mail address, or nothing"


@dataclass(frozen=True, slots=True)
class Url:
    """An address of the web, or nothing."""

    longest: int = 500

    def read(self, given: object) -> str:
        """The address; raises Unfit."""
        address = Line(self.longest).read(given)
        if address and not is_web_address(address):
            raise Unfit("not-a-url")
        return address

    def holds(self, value: object) -> bool:
        """Whether it is text."""
        return isinstance(value, str)

    def __str__(self) -> str:
        return f"an address of the web, or nothing, at most {self.longest} characters"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between `least` and `most`, both inclusive."""

    least: int
    most: int

    def read(self, given: object) -> int:
        """The number; raises Unfit."""
        if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
            given = int(given)
        if not isinstance(given, int) or isinstance(given, bool):
            raise Unfit("wrong-type")
        if given < self.least:
            raise Unfit("too-small", min=self.least)
        if given > self.most:
            raise Unfit("too-big", max=self.most)
        return given

    def holds(self, value: object) -> bool:
        """Whether it is a number, and none that no span of time could be."""
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _ANY_RELEASE

    def __str__(self) -> str:
        return f"a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]

    def read(self, given: object) -> str:
        """The word; raises Unfit."""
        if not isinstance(given, str):
            raise Unfit("wrong-type")
        if (word := given.strip()) not in self.words:
            raise Unfit("not-a-choice")
        return word

    def holds(self, value: object) -> bool:
        """Whether this release knows the word."""
        return value in self.words

    def __str__(self) -> str:
        return " or ".join(f"`{word}`" for word in self.words)


@dataclass(frozen=True, slots=True)
class SomeOf:
    """Some of these words, at least one, each of them once; as text they are parted by commas."""

    words: tuple[str, ...]

    def read(self, given: object) -> tuple[str, ...]:
        """The words in the order given; raises Unfit."""
        items = given.split(",") if isinstance(given, str) else given
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise Unfit("wrong-type")
        chosen = tuple(item.strip() for item in items if item.strip())
        if not chosen:
            raise Unfit("too-few", min=1)
        if not set(chosen) <= set(self.words):
            raise Unfit("not-a-choice")
        if len(set(chosen)) < len(chosen):
            raise Unfit("repeated")
        return chosen

    def holds(self, value: object) -> bool:
        """Whether these are words, of which this release may know less."""
        return isinstance(value, tuple) and bool(value) and all(isinstance(word, str) for word in value)

    def __str__(self) -> str:
        return "some of " + ", ".join(f"`{word}`" for word in self.words)


@dataclass(frozen=True, slots=True)
class EmailPerCentre:
    """An address for some centres, each by its code, `CODE=ADDRESS`; as text they are parted by commas."""

    most: int = 200

    def read(self, given: object) -> tuple[str, ...]:
        """The pairs in the order given; raises Unfit."""
        items = given.split(",") if isinstance(given, str) else given
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise Unfit("wrong-type")
        pairs = [item.partition("=") for item in items if item.strip()]
        if len(pairs) > self.most:
            raise Unfit("too-many", max=self.most)
        codes = [Line(50, required=True).read(code) for code, _, _ in pairs]
        if len(set(codes)) < len(codes):
            raise Unfit("repeated")
        addresses = [Email().read(address) for _, _, address in pairs]
        if not all(addresses):
            raise Unfit("not-an-email")
        return tuple(f"{code}={address}" for code, address in zip(codes, addresses, strict=True))

    def holds(self, value: object) -> bool:
        """Whether these are texts."""
        return isinstance(value, tuple) and all(isinstance(pair, str) for pair in value)

    def __str__(self) -> str:
        return "`CODE=ADDRESS` for some centres, or nothing"


@dataclass(frozen=True, slots=True)
class Codes:
    """Some codes, each of them once; as text they are parted by commas."""

    most: int = 100
    longest: int = 20

    def read(self, given: object) -> tuple[str, ...]:
        """The codes in the order given; raises Unfit."""
        items = given.split(",") if isinstance(given, str) else given
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise Unfit("wrong-type")
        codes = tuple(Line(self.longest, required=True).read(item) for item in items if item.strip())
        if len(codes) > self.most:
            raise Unfit("too-many", max=self.most)
        if len(set(codes)) < len(codes):
            raise Unfit("repeated")
        return codes

    def holds(self, value: object) -> bool:
        """Whether these are texts."""
        return isinstance(value, tuple) and all(isinstance(code, str) for code in value)

    def __str__(self) -> str:
        return f"at most {self.most} codes, or nothing"


@dataclass(frozen=True, slots=True)
class Spans:
    """Some spans of time, as `contracts/maintenance.py` reads them; as text they are parted by commas."""

    most: int = 20

    def read(self, given: object) -> tuple[str, ...]:
        """The spans in the order given; raises Unfit."""
        items = given.split(",") if isinstance(given, str) else given
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise Unfit("wrong-type")
        spans = tuple(item.strip() for item in items if item.strip())
        if len(spans) > self.most:
            raise Unfit("too-many", max=self.most)
        for each in spans:
            try:
                span(each)
            except ValueError:
                raise Unfit("not-a-span") from None
        if len(set(spans)) < len(spans):
            raise Unfit("repeated")
        return spans

    def holds(self, value: object) -> bool:
        """Whether these are texts, of which this release may understand less."""
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)

    def __str__(self) -> str:
        return (
            f"at most {self.most} spans `HH:MM-HH:MM` (every day) or `YYYY-MM-DDTHH:MM/YYYY-MM-DDTHH:MM` "
            "(once, at most 7 days), or nothing"
        )


PARAMETER: Final = "rule"
"""Under this name a member's metadata holds its rule."""


def by(rule: Rule) -> Mapping[str, Rule]:
    """The metadata of a member that goes by this rule."""
    return {PARAMETER: rule}


def by_key(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The values of tables, one for each section, by key; raises ValueError for what no parameter can be."""
    return {f"{name}.{member}" if member else name: value for name, member, value in _leaves(tables)}


def _leaves(tables: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, table in tables.items():
        members = table if isinstance(table, Mapping) else {"": table}
        for member, value in members.items():
            plain = isinstance(value, bool | int | float | str)
            if not plain and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
                raise ValueError(f"{name}.{member}: is neither a number, a text nor a list of texts")
            yield name, member, value
