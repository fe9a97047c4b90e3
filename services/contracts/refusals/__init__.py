"""Refusals: the one way in which the suite says no (RFC 9457 makes HTTP of them, in `services.chassis.http.problems`).

A refusal has a slug (stable, for machines), a kind (what sort of no) and members (facts for the client). The texts
for people stand in the catalogues of `services/locale`, under the name of the service that declares the slug.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class ErrorKind(Enum):
    """What sort of no; `services.chassis.http.problems` gives each its HTTP status."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD = "method"
    NOT_ACCEPTABLE = "not-acceptable"
    CONFLICT = "conflict"
    GONE = "gone"
    STALE = "stale"
    TOO_LARGE = "too-large"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: dotted path, slug of the rule and the figures that its text needs.

    `given` are the other fields that the rule looks at: where one of them has not its form, nothing is known.
    """

    field: str
    slug: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    given: tuple[str, ...] = dataclasses.field(default=(), compare=False)


class RefusedError(Exception):
    """A command or question that is refused; nothing has changed."""

    def __init__(
        self,
        slug: ErrorCode,
        members: Mapping[str, Any],
        fields: Sequence[FieldError] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(slug.name)
        self.slug = slug
        self.members = dict(members)
        self.fields = tuple(fields)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """The declaration of one refusal; calling it makes the exception: `raise PROFILE_INCOMPLETE(missing=[...])`.

    `members` become members of the problem document and parameters of its texts; they never hold input.
    `fields` are the wrong fields of a body; `retry_after` is in seconds.
    """

    name: str
    kind: ErrorKind

    def __call__(
        self, *, fields: Sequence[FieldError] = (), retry_after: int | None = None, **members: Any
    ) -> RefusedError:
        return RefusedError(self, members, fields, retry_after)


NOT_FOUND = ErrorCode("not-found", ErrorKind.NOT_FOUND)
INVALID_FIELDS = ErrorCode("invalid-fields", ErrorKind.INVALID)
STALE_VERSION = ErrorCode("stale-version", ErrorKind.STALE)
KEY_REUSED = ErrorCode("idempotency-key-reused", ErrorKind.INVALID)
TOO_MANY_CHANGES = ErrorCode("too-many-changes", ErrorKind.THROTTLED)
PREMISES_CHANGED = ErrorCode("premises-changed", ErrorKind.CONFLICT)
BUSY = ErrorCode("busy", ErrorKind.UNAVAILABLE)
MAINTENANCE = ErrorCode("closed-for-maintenance", ErrorKind.UNAVAILABLE)
"""Refusals that any service may give; their texts stand in `services/locale`."""
