"""Writes OpenAPI 3.1 from the declarations of the API: what is documented is what `services.chassis.http` does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import services
from services.chassis.http import headers
from services.chassis.http import openapi_components as components
from services.chassis.http.declared import path_params, refusals_of
from services.chassis.http.examples import example
from services.chassis.http.jsonbody import MAX_BODY_BYTES
from services.chassis.http.problems import STATUS, Texts, problem_example
from services.contracts.api.endpoint import EVENT_STREAM, Api, Endpoint
from services.contracts.api.problem import MEDIA_TYPE, Problem

_SCHEMAS: Final = "#/components/schemas/"
_BYTES: Final = {"type": "string", "format": "binary"}
"""A body that is no JSON, in the words that makers of clients know."""

EVENTS: Final = "x-events"
"""The schema of the JSON behind `data:` of each Server-Sent Event, of which OpenAPI knows no way to speak."""
REFUSALS: Final = "x-refusals"
"""The slugs that a status is answered with: beside the schema, which makers of clients would make a type of for each."""


def document(api: Api, texts: Texts) -> dict[str, Any]:
    """The OpenAPI document of one service, whose refusals have these texts."""
    schemas = _Schemas(list(api))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in api:
        operation = _operation(endpoint, schemas, texts)
        paths.setdefault(endpoint.full_path, {})[endpoint.method.lower()] = operation
    if api.signs:
        paths[f"/api/{api.service}/jwks.json"] = {"get": _key_set(api.service)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": api.title,
            "description": api.description,
            "version": services.VERSION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": api.service, "description": api.title}],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "parameters": components.PARAMETERS,
            "headers": components.HEADERS,
            "securitySchemes": components.SECURITY,
        },
    }


class _Schemas:
    """The JSON schemas of all models of a service, shared under `components`."""

    def __init__(self, endpoints: Sequence[Endpoint[Any, Any]]) -> None:
        models: dict[tuple[type[BaseModel], Any], None] = {(Problem, "serialization"): None}
        for endpoint in endpoints:
            models |= {(model, "validation"): None for model in (endpoint.body,) if model is not None}
            models |= {
                (model, "serialization"): None for model in (endpoint.answer, endpoint.tells) if model is not None
            }
        self._refs, whole = models_json_schema(list(models), ref_template=_SCHEMAS + "{model}")
        self.definitions: dict[str, Any] = whole.get("$defs", {})

    def body(self, model: type[BaseModel]) -> dict[str, Any]:
        """A reference to the schema of a request's body."""
        return self._refs[(model, "validation")]

    def answer(self, model: type[BaseModel]) -> dict[str, Any]:
        """A reference to the schema of an answer."""
        return self._refs[(model, "serialization")]

    def with_example(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What is said of a body of this schema."""
        return {"schema": schema, "example": example(schema, self.definitions)}


def _operation(endpoint: Endpoint[Any, Any], schemas: _Schemas, texts: Texts) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}_{re.sub(r'[^a-z]+', '_', endpoint.path).strip('_')}",
        "tags": [endpoint.service],
        "summary": endpoint.summary,
        "parameters": list(_parameters(endpoint)),
        "responses": _responses(endpoint, schemas, texts),
    }
    operation["security"] = [] if endpoint.access.public else [{"bearer": []}]
    operation["x-access"] = list(endpoint.access.names)
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "description": f"At most {MAX_BODY_BYTES} bytes.",
            "content": {"application/json": schemas.with_example(schemas.body(endpoint.body))},
        }
    if endpoint.upload is not None:
        operation["requestBody"] = {
            "required": True,
            "description": "The bytes themselves; `too-large` says how many are taken.",
            "content": {
                media_type: {"schema": _BYTES}
                | ({"example": endpoint.upload.example} if media_type == "application/json" else {})
                for media_type in endpoint.upload.media_types
            },
        }
    return operation


def _key_set(service: str) -> dict[str, Any]:
    """The public keys by which anybody checks what this service has signed."""
    words = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA"}
    key = {name: {"type": "string", "const": word} for name, word in words.items()}
    key |= {name: {"type": "string"} for name in ("kid", "x")}
    keys = {"type": "array", "items": {"type": "object", "required": ["kty", "crv", "kid", "x"], "properties": key}}
    schema = {"type": "object", "required": ["keys"], "properties": {"keys": keys}}
    content = {"application/json": {"schema": schema, "example": example(schema, {})}}
    return {
        "operationId": "get_jwks",
        "tags": [service],
        "summary": "The public keys of what this service signs (RFC 7517, RFC 8037).",
        "parameters": [],
        "security": [],
        "responses": {"200": {"description": "OK", "content": content}},
    }


def _parameters(endpoint: Endpoint[Any, Any]) -> Iterator[dict[str, Any]]:
    for name, schema in _properties(path_params(endpoint)).items():
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if endpoint.query is not None:
        schema = endpoint.query.model_json_schema()
        for name, schema_of_one in _properties(endpoint.query).items():
            parameter = {"name": name, "in": "query", "required": name in schema.get("required", ())}
            if "description" in schema_of_one:
                parameter["description"] = schema_of_one.pop("description")
            yield parameter | {"schema": schema_of_one}
    if endpoint.upload is not None:
        for name, description in endpoint.upload.headers.items():
            yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
    names = ["AcceptLanguage", "ParvisSeen"]
    if endpoint.tells is not None:
        names.append("LastEventId")
    if endpoint.takes_key:
        names.append("IdempotencyKey")
    if endpoint.takes_if_match:
        names.append("IfMatch")
    if _is_tagged(endpoint):
        names.append("IfNoneMatch")
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in names)


def _properties(model: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """The schemas of a flat model's fields, references written out, as parameters want them."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            return whole(definitions[part["$ref"].rpartition("/")[2]])
        return {name: whole(value) for name, value in part.items() if name != "title"}

    def present(part: dict[str, Any]) -> dict[str, Any]:
        """An absent parameter is absent, never the word `null`."""
        choices = [choice for choice in part.get("anyOf", ()) if choice.get("type") != "null"]
        kept = {name: value for name, value in part.items() if name not in ("anyOf", "default")}
        if part.get("default") is not None:
            kept["default"] = part["default"]
        if not choices:
            return kept
        return kept | (choices[0] if len(choices) == 1 else {"anyOf": choices})

    return {name: present(whole(part)) for name, part in schema.get("properties", {}).items()}


def _is_tagged(endpoint: Endpoint[Any, Any]) -> bool:
    return endpoint.method == "GET" and endpoint.tells is None


def _responses(endpoint: Endpoint[Any, Any], schemas: _Schemas, texts: Texts) -> dict[str, Any]:
    responses = {str(endpoint.good_status): _good(endpoint, schemas)}
    if _is_tagged(endpoint):
        responses["304"] = {"description": "The copy at hand is still right.", "headers": _refs("ETag", "XRequestId")}
    by_status: dict[int, list[str]] = {}
    for slug in refusals_of(endpoint):
        by_status.setdefault(STATUS[slug.kind], []).append(slug.name)
    for status, slugs in sorted(by_status.items()):
        first = problem_example(slugs[0], status, texts)
        names = ["XRequestId", "ContentLanguage"]
        names += {401: ["WwwAuthenticate"], 429: ["RetryAfter"], 503: ["RetryAfter"]}.get(status, [])
        responses[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(f'`{slug}`' for slug in sorted(slugs))}.",
            "headers": _refs(*names),
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}, "example": first}},
            REFUSALS: sorted(slugs),
        }
    return responses


def _good(endpoint: Endpoint[Any, Any], schemas: _Schemas) -> dict[str, Any]:
    names = ["XRequestId"]
    if _is_tagged(endpoint):
        names.append("ETag")
    elif endpoint.method not in ("GET", "HEAD"):
        names.append("ParvisSeen")
    good: dict[str, Any] = {"description": HTTPStatus(endpoint.good_status).phrase, "headers": _refs(*names)}
    good["headers"] |= {
        name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in endpoint.answer_headers
    }
    if endpoint.answer is not None:
        good["content"] = {"application/json": schemas.with_example(schemas.answer(endpoint.answer))}
    elif endpoint.tells is not None:
        good["content"] = {EVENT_STREAM: {"schema": {"type": "string"}}}
        good[EVENTS] = schemas.answer(endpoint.tells)
    elif endpoint.download:
        good["content"] = {media_type: {"schema": _BYTES} for media_type in endpoint.download}
    return good


def _refs(*names: str) -> dict[str, Any]:
    return {_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in names}


_NAMES: Final = {
    "XRequestId": headers.REQUEST_ID,
    "ContentLanguage": "Content-Language",
    "ETag": "ETag",
    "ParvisSeen": headers.SEEN,
    "RetryAfter": "Retry-After",
    "WwwAuthenticate": "WWW-Authenticate",
}
