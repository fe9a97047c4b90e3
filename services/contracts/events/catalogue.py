"""The catalogue of event types: each is a pydantic model that says its type, its audience and its key."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar, Final

from pydantic import BaseModel, ConfigDict


class Audience(Enum):
    """Who may read an event; the value is the exchange that carries it."""

    PUBLIC = "parvis.events"
    INTERNAL = "parvis.internal"


class Event(BaseModel):
    """The data of one event type; subclasses are declared with `type=`, `key=` and, when internal, `audience=`.

    `key` names the field that is both the subject and the partition key. Inside a version only optional fields may be
    added.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    TYPE: ClassVar[str]
    KEY: ClassVar[str]
    AUDIENCE: ClassVar[Audience]

    def __init_subclass__(cls, *, type: str = "", key: str = "", audience: Audience = Audience.PUBLIC) -> None:
        super().__init_subclass__()
        if type:
            cls.TYPE, cls.KEY, cls.AUDIENCE = type, key, audience

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        if "TYPE" in cls.__dict__:
            if cls.TYPE in CATALOGUE or cls.KEY not in cls.model_fields:
                raise TypeError(f"{cls.TYPE}: declared twice, or without its key field")
            CATALOGUE[cls.TYPE] = cls

    @property
    def partition_key(self) -> str:
        """The value of the key field."""
        return str(getattr(self, self.KEY))


class Part(BaseModel):
    """A part of an event's data; members that only later versions know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


CATALOGUE: Final[dict[str, type[Event]]] = {}
"""Every event type of the suite by its full name; filled by importing `services.contracts.events.all`."""
