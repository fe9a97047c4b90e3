"""Texts that an institution writes with variables in braces, `{name}`, which are put in once and never run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

VARIABLE: Final = re.compile(r"\{([a-z_]+)\}")
_BETWEEN: Final = re.compile(r"\n[ \t]*\n\s*")


def names_in(text: str) -> list[str]:
    """What stands in braces, as often as it does."""
    return VARIABLE.findall(text)


def is_stray(text: str, allowed: Iterable[str]) -> bool:
    """Whether anything but one of these names stands in braces, or a brace alone."""
    return not set(names_in(text)).issubset(allowed) or re.search("[{}]", VARIABLE.sub("", text)) is not None


def in_braces(names: Iterable[str]) -> list[str]:
    """The names as they are typed."""
    return [f"{{{name}}}" for name in names]


def paragraphs_of(text: str) -> Sequence[str]:
    """The paragraphs, which empty lines part."""
    return [each for each in _BETWEEN.split(text.strip()) if each]
