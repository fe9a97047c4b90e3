"""All that a span may say beside its name and its times: ids, counts and words of our own, and nothing about a person.

Whoever adds an attribute decides here, before a reader's eyes, that its values name nobody.
"""

from __future__ import annotations

from enum import StrEnum


class Attribute(StrEnum):
    """What a span says; the names are those of OpenTelemetry's conventions where they have one."""

    METHOD = "http.request.method"
    """A method of HTTP."""
    ROUTE = "http.route"
    """The template of a route, never the path that was asked for."""
    STATUS = "http.response.status_code"
    """A status of HTTP."""
    ERROR = "error.type"
    """The type of an error, never its sentence."""
    SERVICE = "parvis.service"
    """A service of the suite."""
    CORRELATION = "parvis.correlation"
    """The id of the request that it all began with, which stands in the log."""
    EVENT = "messaging.message.id"
    """The id of an event."""
    EVENT_TYPE = "parvis.event.type"
    """The type of an event."""
    MAIL_KIND = "parvis.mail.kind"
    """The kind of a mail."""
    DELIVERY = "parvis.mail.delivery"
    """The id of a mail."""
