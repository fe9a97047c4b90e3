"""What a letter that has a code proves to whoever holds it: what it says, and of whom by a digest alone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from services.contracts.text_folding import fold


@dataclass(frozen=True, slots=True)
class Proof:
    """The facts of a letter as they stand on it, and a digest of its code and the name; empty where it names nobody.

    `shorter` are digests of what people make of a name that stands on it with a second one in brackets.
    """

    language: str
    facts: Sequence[tuple[str, str]]
    name_sha256: str
    shorter: Sequence[str] = ()


def name_digest(code: str, name: str) -> str:
    """A digest of a name for the letter of this code: however its words are ordered, accented and set; empty of none."""
    words = sorted(fold(name).split())
    return hashlib.sha256("\n".join([code, *words]).encode()).hexdigest() if words else ""


def is_named(proof: Proof, code: str, name: str) -> bool:
    """Whether the letter was made for this name."""
    said = name_digest(code, name)
    agrees = [hmac.compare_digest(each, said) for each in (proof.name_sha256, *proof.shorter)]
    return bool(proof.name_sha256) and any(agrees)
