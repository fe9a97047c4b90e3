"""Events for machines to read: a JSON Schema per type, and the AsyncAPI 3 document of those that are public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services import VERSION
from services.contracts.events.all import CATALOGUE
from services.contracts.events.catalogue import Audience, Event
from services.contracts.events.envelope import CONTENT_TYPE, Envelope

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
PARTS: Final = "#/components/schemas/"
_DESCRIPTION: Final = (
    "What happens in Parvis, told to campus systems: CloudEvents 1.0 in JSON, structured mode. Events name nobody; who "
    "needs a name asks the API. Inside a version of a type only optional members are added, so ignore those that you "
    "do not know. An event may come twice: its `id` says so. `sequence` counts the events of one `subject`, of which "
    "some are not public; `publicsequence` counts those that are, from 1 without a gap: who subscribes to all types of a "
    "subject, and is given a number that is not the next, has missed something."
)


def summary_of(model: type[Any]) -> str:
    """The first paragraph of a model's docstring, on one line."""
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a whole event of this type as it travels; members that it does not name may come."""
    return {"$schema": DIALECT, "$id": f"urn:parvis:event:{event.TYPE}", **_schema(event, "#/$defs/")}


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel per public type, by the routing key that is its name."""
    public = {type: event for type, event in sorted(CATALOGUE.items()) if event.AUDIENCE is Audience.PUBLIC}
    schemas: dict[str, Any] = {}
    for type, event in public.items():
        schema = _schema(event, PARTS)
        schemas |= schema.pop("$defs", {})
        schemas[type] = schema
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parvis",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {type: _channel(event) for type, event in public.items()},
        "operations": {
            f"send.{type}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{type}"},
                "messages": [{"$ref": f"#/channels/{type}/messages/event"}],
            }
            for type in public
        },
        "components": {
            "messages": {
                type: {
                    "name": type,
                    "summary": summary_of(event),
                    "contentType": CONTENT_TYPE,
                    "payload": {"$ref": f"{PARTS}{type}"},
                }
                for type, event in public.items()
            },
            "schemas": schemas,
        },
    }


def _channel(event: type[Event]) -> dict[str, Any]:
    return {
        "address": event.TYPE,
        "description": summary_of(event),
        "messages": {"event": {"$ref": f"#/components/messages/{event.TYPE}"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": event.AUDIENCE.value, "type": "topic", "durable": True, "autoDelete": False},
                "bindingVersion": "0.3.0",
            }
        },
    }


def _schema(event: type[Event], parts: str) -> dict[str, Any]:
    """The envelope's schema with this event's type and data; parts are referred to below `parts`."""
    data = event.model_json_schema(ref_template=parts + "{model}")
    defined = data.pop("$defs", {})
    envelope = Envelope.model_json_schema()
    service = event.TYPE.partition(".")[0]
    given = {
        "source": {"type": "string", "pattern": f"^/parvis/{service}/"},
        "type": {"const": event.TYPE},
        "data": data,
    }
    whole: dict[str, Any] = {
        "type": "object",
        "description": summary_of(event),
        "properties": envelope["properties"] | given,
        "required": [*envelope["required"], "specversion", "datacontenttype"],
    }
    if defined:
        whole["$defs"] = defined
    plain: dict[str, Any] = _plain(whole)
    return plain


def _plain(schema: Any) -> Any:
    """The schema without pydantic's titles, and without null: what is absent is left out on the wire."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    kept = {
        name: value
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str)) and not (name == "default" and value is None)
    }
    if "anyOf" in schema and len(choices) == 1:
        del kept["anyOf"]
        kept |= choices[0]
    return {name: _plain(value) for name, value in kept.items()}
