"""The event by which is told that bytes of what the registrar holds have come."""

from __future__ import annotations

from services.contracts.events.catalogue import Audience, Event


class RegistrarFileKept(Event, type="documents.registrar_file.kept.v1", key="document", audience=Audience.INTERNAL):
    """A document that the registrar holds of somebody is kept here: `file` is where it came from, as their card says it."""

    document: str
    account: str
    file: str
    sha256: str
    size: int
    media_type: str
    filename: str
