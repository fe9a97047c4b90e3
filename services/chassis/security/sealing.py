"""Sealed secrets: what is handed through places that others can read or write, such as stores, queues and browsers.

JWE (RFC 7516), `dir` with A256GCM alone; the key is derived from a secret of who seals and who opens (ADR 38, 51).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import KeySet, OctKey


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is sealed. `file`, in the data folder, is the secret that a process has made for itself; no backup holds it."""

    file: str
    derivation: bytes


LINKS: Final = Purpose("link-secret", b"parvis one-time links")
SECOND_FACTORS: Final = Purpose("link-secret", b"parvis second factors")
POSITIONS: Final = Purpose("link-secret", b"parvis positions in lists")
SESSIONS: Final = Purpose("session-secret", b"parvis sessions of browsers")

_ALGORITHM: Final = "dir"
_ENCRYPTION: Final = "A256GCM"
_LONGEST: Final = 262_144
"""Characters of what is opened: the longest form that a browser can send, sealed, and not much more."""
_DOTS: Final = 4
"""In a compact JWE (RFC 7516, section 3.1); a token of our own has none."""


class _Registry(JWERegistry):
    """The library's own opens no more than 64 KiB."""

    max_ciphertext_length = _LONGEST


_REGISTRY: Final = _Registry(algorithms=[_ALGORITHM, _ENCRYPTION])


Mark = Callable[[str, str], str]
"""What only who holds a secret can make of a text, for a purpose: 43 characters of URL-safe base64."""


class Unsealable(ValueError):
    """It was sealed with a secret that is not held here, or is damaged."""


class Sealer:
    """Seals with the first of some secrets, and opens with any of them, while `running`."""

    def __init__(self, given: str, data: Path, purpose: Purpose = LINKS) -> None:
        """`given` are secrets with blanks between; none, and there is one in the folder `data`.

        Touches nothing yet: who only looks at the stores needs no secret.
        """
        self._given = given
        self._file = data / purpose.file
        self._derivation = purpose.derivation
        self._keys: list[OctKey] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hold the secrets, from the setting or of the suite's own making; raises OSError."""
        given = self._given or await asyncio.to_thread(_own_secret, self._file)
        self._keys = [_key(secret, self._derivation) for secret in given.split()]
        yield

    def seal(self, text: str) -> str:
        """The text, for those alone who hold the secret."""
        key = self._keys[0]
        header = {"alg": _ALGORITHM, "enc": _ENCRYPTION, "kid": key.kid}
        return jwe.encrypt_compact(header, text.encode(), key, registry=_REGISTRY)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What marks texts with each of the secrets: with the first what is new, with any what was marked before."""
        return tuple(partial(_marked, key.raw_value) for key in self._keys)

    def open(self, sealed: str) -> str:
        """The text that was sealed; raises Unsealable."""
        try:
            opened = jwe.decrypt_compact(sealed, KeySet([*self._keys]), registry=_REGISTRY)
        except (JoseError, ValueError) as error:
            raise Unsealable(type(error).__name__) from None
        return (opened.plaintext or b"").decode()


def is_sealed(text: str) -> bool:
    """Whether a text is a sealed one, rather than a token that 0.1.0 has told in clear."""
    return text.count(".") == _DOTS


def _marked(secret: bytes, purpose: str, text: str) -> str:
    made = hmac.digest(secret, f"{purpose}\n{text}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _key(secret: str, derivation: bytes) -> OctKey:
    derived = hmac.digest(secret.encode(), derivation, "sha256")
    return OctKey.import_key(derived, {"kid": OctKey.import_key(derived).thumbprint()[:16]})


def _own_secret(file: Path) -> str:
    """The secret in the file; the first to ask makes it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        fresh = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(32))
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(fresh, file)
        finally:
            fresh.unlink()
    return file.read_text()
