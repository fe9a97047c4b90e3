"""The OpenAPI document of what Parvis asks a system of student records over HTTP."""

from __future__ import annotations

import json
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from services.chassis.records.http import FILE_PATH, HEALTH_PATH, SEARCH_PATH, STUDENT_PATH
from services.contracts.student_records import FILE_PATTERN, StudentAnswer, StudentSearch

_REF: Final = "#/components/schemas/{model}"


def openapi() -> str:
    """The document."""
    models: Any = [(StudentAnswer, "validation"), (StudentSearch, "serialization")]
    _, schemas = models_json_schema(models, ref_template=_REF)
    number = {"name": "student_number", "in": "path", "required": True, "schema": {"type": "string"}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": FILE_PATTERN}}
    search = {"required": True, "content": _content(StudentSearch.__name__)}
    document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Student records",
            "version": "1",
            "description": "What Parvis asks below the address of PARVIS_SIS; docs/operations/student-records.md.",
        },
        "security": [{"basic": []}, {}],
        "paths": {
            STUDENT_PATH: {"get": _asked("The record of a student number.", parameters=[number])},
            SEARCH_PATH: {
                "post": _asked("The record of a national student number and a birth date.", requestBody=search)
            },
            FILE_PATH: {
                "get": {
                    "summary": "The bytes of a document, by the name of its `file`.",
                    "parameters": [number, name],
                    "responses": {
                        "200": {"description": "The bytes.", "content": {"*/*": {}}},
                        "404": {"description": "There are none under that name."},
                    },
                }
            },
            HEALTH_PATH: {"get": {"summary": "Whether all is well.", "responses": {"200": {"description": "It is."}}}},
        },
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _asked(summary: str, **more: Any) -> dict[str, Any]:
    found = {"description": "The record, or null for nobody.", "content": _content(StudentAnswer.__name__)}
    return {"summary": summary, **more, "responses": {"200": found}}


def _content(model: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model)}}}
