"""The envelope of every event: CloudEvents 1.0, JSON structured mode; the same bytes in the journal and on AMQP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.actors import ACTOR_PATTERN

CONTENT_TYPE = "application/cloudevents+json"

Text = Annotated[str, Field(min_length=1, max_length=255)]
ActorText = Annotated[str, Field(max_length=255, pattern=ACTOR_PATTERN)]


class Envelope(BaseModel):
    """One event as it travels; attributes of CloudEvents 1.0 and its partitioning, sequence and tracing extensions.

    `source` is `/parvis/<service>/<kind of aggregate>`; `subject` names the aggregate; `partitionkey` is the key per which
    order holds; `sequence` counts the events of one aggregate from 1, ten digits, order of text = order of fact.
    `publicsequence` counts the public ones among them in the same way, so that a subscriber to all types of a subject sees
    what it has missed; events of 0.1.0 have none.
    `actor` is who has acted, a kind and an opaque id: `account:`, `staff:` and `client:` with theirs, `service:` with its
    name, `operator` at the command line, `nobody` whose request needed no token; `onbehalfof` is the person in whose place
    they did. Events of 0.1.0 do not say it.

    Whoever makes one says nothing that is not here; who reads one keeps what a newer release says besides (`decode`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"] = "1.0"
    id: Text
    source: Annotated[str, Field(pattern=r"^/parvis/[a-z_/-]{1,100}$")]
    type: Text
    subject: Text
    time: Text
    datacontenttype: Literal["application/json"] = "application/json"
    partitionkey: Text
    sequence: Annotated[str, Field(pattern=r"^[0-9]{10}$")]
    publicsequence: Annotated[str, Field(pattern=r"^[0-9]{10}$")] | None = None
    correlationid: Text
    causationid: Text | None = None
    actor: ActorText | None = None
    onbehalfof: ActorText | None = None
    traceparent: Text | None = None
    data: dict[str, Any]

    def encode(self) -> bytes:
        """The bytes on the wire: UTF-8 JSON, absent attributes left out."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def decode(cls, body: bytes) -> Envelope:
        """Read bytes from the wire; raises pydantic.ValidationError on anything that is not an envelope."""
        return _Read.model_validate_json(body)

    @classmethod
    def stored(cls, entry: Mapping[str, Any]) -> Envelope:
        """Read what this or a newer release has stored; raises pydantic.ValidationError."""
        return _Read.model_validate(entry)

    @property
    def service(self) -> str:
        """The publisher's name."""
        return self.source.split("/")[2]

    @property
    def order_key(self) -> str:
        """The key per which consumers keep order: one aggregate's events are numbered by `sequence`."""
        return f"{self.source}:{self.partitionkey}"


class _Read(Envelope):
    """An envelope that was read: attributes that are not known here are kept, and travel on."""

    model_config = ConfigDict(extra="allow")
