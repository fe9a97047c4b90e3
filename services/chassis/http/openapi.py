"""Writes OpenAPI 3.1 from the typed routes: what is documented is what `services.chassis.http.application` does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

import services
from services.chassis.http import headers
from services.chassis.http.examples import example
from services.chassis.http.jsonbody import MAX_BODY_BYTES
from services.chassis.http.problems import STATUS, Texts, problem_example
from services.chassis.refusals import (
    BODY_TOO_LARGE,
    CATCHING_UP,
    DUPLICATE_MEMBER,
    INTERNAL_ERROR,
    INVALID_HEADER,
    MALFORMED_JSON,
    MALFORMED_REQUEST,
    NOT_UTF8,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    TOO_MANY_AT_ONCE,
    TOO_SLOW,
    UNAVAILABLE,
    UNSUPPORTED_ENCODING,
    UNSUPPORTED_MEDIA_TYPE,
)
from services.chassis.routing import Auth, Route
from services.contracts.api.problem import MEDIA_TYPE, Problem
from services.contracts.refusals import (
    BUSY,
    INVALID_FIELDS,
    KEY_REUSED,
    NOT_FOUND,
    STALE_VERSION,
    TOO_MANY_CHANGES,
    ErrorCode,
)

if TYPE_CHECKING:
    from services.chassis.service.service import Service

_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_SCHEMAS: Final = "#/components/schemas/"
_BYTES: Final = {"type": "string", "format": "binary"}
"""A body that is no JSON, in the words that makers of clients know."""

REFUSALS: Final = "x-refusals"
"""The slugs that a status is answered with: beside the schema, which makers of clients would make a type of for each."""

PathText = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,128}$")]
"""What a path parameter looks like unless its route says more."""


@cache
def path_params(route: Route) -> type[BaseModel]:
    """The model that a route's path parameters must fit."""
    if route.path_params is not None:
        return route.path_params
    fields: dict[str, Any] = dict.fromkeys(_PARAMETER.findall(route.path), (PathText, ...))
    return create_model("Path", **fields)


def path_expression(route: Route) -> str:
    """The route's path as aiohttp matches it: with the patterns of its parameters, so that each path has one meaning."""
    if not _PARAMETER.search(route.path):
        return route.path
    schemas = _properties(path_params(route))

    def with_pattern(parameter: re.Match[str]) -> str:
        pattern = schemas[parameter[1]].get("pattern", "[^/]+").removeprefix("^").removesuffix("$")
        return f"{{{parameter[1]}:{pattern}}}"

    return _PARAMETER.sub(with_pattern, route.path)


def document(service: Service) -> dict[str, Any]:
    """The OpenAPI document of one service."""
    schemas, texts = _Schemas(service.routes), Texts(service.refusals)
    paths: dict[str, dict[str, Any]] = {}
    for route in service.routes:
        operation = _operation(service.name, route, schemas, texts)
        paths.setdefault(f"/api/{service.name}{route.path}", {})[route.method.lower()] = operation
    if service.signer is not None:
        paths[f"/api/{service.name}/jwks.json"] = {"get": _key_set(service.name)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": service.title,
            "description": service.description,
            "version": services.VERSION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": service.name, "description": service.title}],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token from `POST /api/accounts/sessions`.",
                }
            },
        },
    }


def refusals_of(route: Route) -> Sequence[ErrorCode]:
    """All refusals that a route can answer: its own and those of everything that it passes."""
    generic = [INVALID_FIELDS, INVALID_HEADER, MALFORMED_REQUEST, TOO_MANY_AT_ONCE, BUSY]
    generic += [CATCHING_UP, UNAVAILABLE, INTERNAL_ERROR]
    if route.auth is Auth.ACCOUNT:
        generic += [TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID]
    if _PARAMETER.search(route.path):
        generic.append(NOT_FOUND)
    if route.method not in ("GET", "HEAD") and route.upload is None:
        generic += [MALFORMED_JSON, DUPLICATE_MEMBER, NOT_UTF8, UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_ENCODING]
        generic += [BODY_TOO_LARGE, TOO_SLOW]
        if route.auth is Auth.ACCOUNT:
            generic.append(TOO_MANY_CHANGES)
    if route.takes_key:
        generic.append(KEY_REUSED)
    if route.takes_if_match:
        generic.append(STALE_VERSION)
    return list(dict.fromkeys([*route.refusals, *generic]))


class _Schemas:
    """The JSON schemas of all models of a service, shared under `components`."""

    def __init__(self, routes: Sequence[Route]) -> None:
        models: dict[tuple[type[BaseModel], Any], None] = {(Problem, "serialization"): None}
        for route in routes:
            models |= {(model, "validation"): None for model in (route.body,) if model is not None}
            models |= {(model, "serialization"): None for model in (route.answer,) if model is not None}
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


def _operation(service: str, route: Route, schemas: _Schemas, texts: Texts) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub(r'[^a-z]+', '_', route.path).strip('_')}",
        "tags": [service],
        "summary": route.summary,
        "parameters": list(_parameters(route)),
        "responses": _responses(route, schemas, texts),
    }
    operation["security"] = [{"bearer": []}] if route.auth is Auth.ACCOUNT else []
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "description": f"At most {MAX_BODY_BYTES} bytes.",
            "content": {"application/json": schemas.with_example(schemas.body(route.body))},
        }
    if route.upload is not None:
        operation["requestBody"] = {
            "required": True,
            "description": f"The bytes themselves, at most {route.upload.max_bytes}.",
            "content": {media_type: {"schema": _BYTES} for media_type in route.upload.media_types},
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


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    for name, schema in _properties(path_params(route)).items():
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if route.query is not None:
        schema = route.query.model_json_schema()
        for name, schema_of_one in _properties(route.query).items():
            parameter = {"name": name, "in": "query", "required": name in schema.get("required", ())}
            if "description" in schema_of_one:
                parameter["description"] = schema_of_one.pop("description")
            yield parameter | {"schema": schema_of_one}
    if route.upload is not None:
        for name, description in route.upload.headers.items():
            yield {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}
    names = ["AcceptLanguage", "ParvisSeen"]
    if route.takes_key:
        names.append("IdempotencyKey")
    if route.takes_if_match:
        names.append("IfMatch")
    if _is_tagged(route):
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


def _is_tagged(route: Route) -> bool:
    return route.method == "GET"


def _responses(route: Route, schemas: _Schemas, texts: Texts) -> dict[str, Any]:
    responses = {str(route.good_status): _good(route, schemas)}
    if _is_tagged(route):
        responses["304"] = {"description": "The copy at hand is still right.", "headers": _refs("ETag", "XRequestId")}
    by_status: dict[int, list[str]] = {}
    for slug in refusals_of(route):
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


def _good(route: Route, schemas: _Schemas) -> dict[str, Any]:
    names = ["XRequestId"]
    if route.method in ("GET", "HEAD"):
        names.append("ETag")
    else:
        names.append("ParvisSeen")
    good: dict[str, Any] = {"description": HTTPStatus(route.good_status).phrase, "headers": _refs(*names)}
    good["headers"] |= {
        name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in route.answer_headers
    }
    if route.answer is not None:
        good["content"] = {"application/json": schemas.with_example(schemas.answer(route.answer))}
    elif route.download:
        good["content"] = {media_type: {"schema": _BYTES} for media_type in route.download}
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

_HEADERS: Final[dict[str, Any]] = {
    "XRequestId": {
        "description": "Names this request in every log; the client's own if it sent one.",
        "schema": {"type": "string"},
    },
    "ContentLanguage": {"description": "The language of the texts.", "schema": {"enum": ["fr", "en"]}},
    "ETag": {"description": "Names this state; for If-Match and If-None-Match.", "schema": {"type": "string"}},
    "ParvisSeen": {
        "description": "What this command has caused, opaque. Sent back to any service, that service answers only once "
        "it has caught up.",
        "schema": {"type": "string"},
    },
    "RetryAfter": {"description": "Seconds to wait before trying again.", "schema": {"type": "string"}},
    "WwwAuthenticate": {"description": "How to prove who you are (RFC 6750).", "schema": {"type": "string"}},
}

_PARAMETERS: Final[dict[str, Any]] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "French unless English is preferred.",
        "schema": {"type": "string"},
        "example": "en",
    },
    "ParvisSeen": {
        "name": headers.SEEN,
        "in": "header",
        "description": "The `Parvis-Seen` of earlier answers, joined by commas, up to 8192 characters: answers come from "
        "after them.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A word of the client's own for this command: sent again, it is done once and answered alike.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the state that is to be changed, or up to 8 of them, or `*`; another state is refused "
        "with 412.",
        "schema": {"type": "string", "pattern": headers.TAG_PATTERN},
        "example": '"5"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of the copy at hand, or up to 8 of them, or `*`; 304 if it is still right.",
        "schema": {"type": "string", "pattern": headers.TAG_PATTERN},
    },
}
