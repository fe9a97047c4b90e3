"""What a declaration of the API comes to for whoever serves it: the paths that it matches, all that it may refuse."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, create_model

from services.chassis.refusals import (
    BODY_TOO_LARGE,
    CATCHING_UP,
    DUPLICATE_MEMBER,
    INTERNAL_ERROR,
    INVALID_HEADER,
    MALFORMED_JSON,
    MALFORMED_REQUEST,
    NOT_UTF8,
    RIGHT_MISSING,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    TOO_MANY_AT_ONCE,
    TOO_SLOW,
    UNAVAILABLE,
    UNSUPPORTED_ENCODING,
    UNSUPPORTED_MEDIA_TYPE,
)
from services.contracts.api.endpoint import Endpoint
from services.contracts.refusals import (
    BUSY,
    INVALID_FIELDS,
    KEY_REUSED,
    MAINTENANCE,
    NOT_FOUND,
    STALE_VERSION,
    TOO_MANY_CHANGES,
    ErrorCode,
)

PathText = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,128}$")]
"""What a path parameter looks like unless its endpoint says more."""

_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")


@cache
def path_params(endpoint: Endpoint[Any, Any]) -> type[BaseModel]:
    """The model that an endpoint's path parameters must fit."""
    if endpoint.path_params is not None:
        return endpoint.path_params
    fields: dict[str, Any] = dict.fromkeys(endpoint.parameters, (PathText, ...))
    return create_model("Path", **fields)


@cache
def path_expression(endpoint: Endpoint[Any, Any]) -> str:
    """The path as aiohttp matches it: with the patterns of its parameters, so that each path has one meaning."""
    if not endpoint.parameters:
        return endpoint.full_path
    properties = path_params(endpoint).model_json_schema()["properties"]

    def with_pattern(parameter: re.Match[str]) -> str:
        pattern = properties[parameter[1]].get("pattern", "[^/]+").removeprefix("^").removesuffix("$")
        return f"{{{parameter[1]}:{pattern}}}"

    return _PARAMETER.sub(with_pattern, endpoint.full_path)


@cache
def refusals_of(endpoint: Endpoint[Any, Any]) -> Sequence[ErrorCode]:
    """All refusals that an endpoint can answer: its own and those of everything that a request passes before."""
    generic = [INVALID_FIELDS, INVALID_HEADER, MALFORMED_REQUEST, TOO_MANY_AT_ONCE, BUSY]
    generic += [CATCHING_UP, UNAVAILABLE, INTERNAL_ERROR]
    if not endpoint.access.public:
        generic += [TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID, RIGHT_MISSING]
    if endpoint.parameters:
        generic.append(NOT_FOUND)
    if endpoint.upload is not None:
        generic += [TOO_SLOW, UNSUPPORTED_ENCODING]
    elif endpoint.method not in ("GET", "HEAD"):
        generic += [MALFORMED_JSON, DUPLICATE_MEMBER, NOT_UTF8, UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_ENCODING]
        generic += [BODY_TOO_LARGE, TOO_SLOW]
        if not endpoint.access.public:
            generic.append(TOO_MANY_CHANGES)
    if endpoint.pauses:
        generic.append(MAINTENANCE)
    if endpoint.takes_key:
        generic.append(KEY_REUSED)
    if endpoint.takes_if_match:
        generic.append(STALE_VERSION)
    return tuple(dict.fromkeys([*endpoint.refusals, *generic]))
