"""The readable page of a service's API, written from its OpenAPI document: plain HTML, no script, nothing from outside."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.chassis.http.openapi import REFUSALS
from services.chassis.http.problems import Texts
from services.chassis.texts.catalogues import catalogues
from services.contracts.languages import LANGUAGES, Language

TEMPLATES: Final = Path(__file__).with_name("templates")
DEEPEST: Final = 4
"""Levels of nested objects that are written out."""

_STYLE: Final = (TEMPLATES / "docs.css").read_text(encoding="utf-8")
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter or field: dotted name, where it stands, type with its limits, meaning, whether it must be given."""

    name: str
    place: str
    type: str
    meaning: str
    required: bool


def render(document: Mapping[str, Any], texts: Texts, language: Language) -> bytes:
    """The page in one language; summaries and descriptions are in English, as in the document."""
    reader = _Reader(document, texts, language)
    page = _templates().get_template("docs.html")
    return page.render(
        style=_STYLE,
        info=document["info"],
        language=language,
        languages=LANGUAGES,
        text=partial(_text, language),
        calls=list(reader.calls()),
    ).encode()


def _text(language: Language, name: str, **values: Any) -> str:
    return catalogues().text(f"docs.{name}", language, **values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class _Reader:
    """Reads an OpenAPI document for the page."""

    def __init__(self, document: Mapping[str, Any], texts: Texts, language: Language) -> None:
        self._document = document
        self._texts = texts
        self._language = language

    def calls(self) -> Iterator[dict[str, Any]]:
        """All operations, in the order of the document."""
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                body = operation.get("requestBody")
                yield {
                    "id": operation["operationId"],
                    "method": method.upper(),
                    "path": path,
                    "summary": operation["summary"],
                    "bearer": "security" in operation,
                    "parameters": [self._parameter(parameter) for parameter in operation["parameters"]],
                    "body": body,
                    "fields": list(self._content(body)) if body else [],
                    "good": list(self._good(operation["responses"])),
                    "refusals": list(self._refusals(operation["responses"])),
                }

    def _parameter(self, parameter: Mapping[str, Any]) -> Row:
        whole = self._follow(parameter)
        return Row(
            whole["name"],
            whole["in"],
            self._type(whole["schema"]),
            whole.get("description", ""),
            whole.get("required", False),
        )

    def _good(self, responses: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for status, response in responses.items():
            if int(status) < 400:
                media = list(response.get("content", {}))
                yield {
                    "status": status,
                    "description": response["description"],
                    "media": media,
                    "fields": list(self._content(response)),
                }

    def _refusals(self, responses: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for status, response in responses.items():
            if int(status) >= 400:
                for slug in response[REFUSALS]:
                    yield {"status": status, "slug": slug, "title": self._texts.title(slug, self._language)}

    def _content(self, holder: Mapping[str, Any]) -> Iterator[Row]:
        for media in holder.get("content", {}).values():
            if "schema" in media:
                yield from self._fields(media["schema"], "", 0)

    def _fields(self, schema: Mapping[str, Any], prefix: str, depth: int) -> Iterator[Row]:
        whole = self._plain(schema)
        if whole.get("type") == "array":
            yield from self._fields(whole.get("items", {}), f"{prefix}[]", depth)
            return
        for name, inner in whole.get("properties", {}).items():
            dotted = f"{prefix}.{name}" if prefix else name
            described = self._follow(inner)
            meaning = inner.get("description", "") or described.get("description", "")
            required = name in whole.get("required", ())
            yield Row(dotted, "", self._type(inner), meaning if "$ref" not in inner else "", required)
            if depth < DEEPEST:
                yield from self._fields(inner, dotted, depth + 1)

    def _plain(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind references, `null` left aside."""
        whole = self._follow(schema)
        choices = [choice for choice in whole.get("anyOf", ()) if choice.get("type") != "null"]
        return self._follow(choices[0]) if len(choices) == 1 else whole

    def _follow(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            target: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def _type(self, schema: Mapping[str, Any]) -> str:
        choices = self._follow(schema).get("anyOf")
        if choices:
            return " | ".join(dict.fromkeys(self._type(choice) for choice in choices))
        whole = self._follow(schema)
        if "enum" in whole:
            return " | ".join(f"“{value}”" for value in whole["enum"])
        if "const" in whole:
            return f"“{whole['const']}”"
        if whole.get("type") == "array":
            return f"{self._type(whole.get('items', {}))}[]{_limits(whole)}"
        return f"{whole.get('type', '')}{_limits(whole)}"


def _limits(schema: Mapping[str, Any]) -> str:
    said = [
        text.format(schema[name])
        for name, text in (
            ("minLength", "≥ {}"),
            ("maxLength", "≤ {}"),
            ("minimum", "≥ {}"),
            ("maximum", "≤ {}"),
            ("maxItems", "≤ {}"),
            ("format", "{}"),
            ("pattern", "{}"),
        )
        if name in schema
    ]
    return f" ({', '.join(said)})" if said else ""
