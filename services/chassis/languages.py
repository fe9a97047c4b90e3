"""Which language an answer is written in: French unless `Accept-Language` prefers another (RFC 9110 12.5.4)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from services.contracts.languages import DEFAULT, LANGUAGES, Language

_LONGEST: Final = 512
_RANGE: Final = re.compile(
    r"(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:\s*;\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?", re.IGNORECASE
)


@lru_cache(maxsize=512)
def preferred(accept: str | None) -> Language:
    """The language that suits `Accept-Language` best; French for an absent, malformed or indifferent one."""
    if not accept or len(accept) > _LONGEST:
        return DEFAULT
    wishes: dict[str, float] = {}
    for part in accept.split(","):
        matched = _RANGE.fullmatch(part.strip())
        if matched is None:
            continue
        name = matched[1].lower().partition("-")[0]
        wishes[name] = max(wishes.get(name, 0.0), float(matched[2] or 1))
    rest = wishes.get("*", 0.0)
    best = max(LANGUAGES, key=lambda language: (wishes.get(language, rest), language == DEFAULT))
    return best if wishes.get(best, rest) > 0 else DEFAULT
