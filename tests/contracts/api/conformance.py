"""Holds a running service to its own OpenAPI document, with schemathesis in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
from schemathesis.core.warnings import SchemathesisWarning

from services.chassis.http.openapi import EVENTS

ROOT: Final = Path(__file__).parents[3]
SEED: Final = 20260301
KEPT: Final = {"HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
"""Where hypothesis keeps what it has found out of Unicode, which takes it seconds anew in each folder."""
EXAMPLES: Final = 4
"""Generated cases per operation, beside those that cover every bound of every schema."""

STEPS: Final = 6
"""Calls of one generated way through the operations, each with what earlier ones have answered."""

ACCEPTED: Final = ["2xx", "304", "401", "403", "404", "409", "410", "412", "422", "429"]
"""What may be answered to data that fit the schema: rules of the trade say more than a schema can."""

REFUSED: Final = ["400", "401", "403", "404", "405", "406", "409", "410", "413", "415", "422", "428", "429"]
"""What may be answered to data that do not fit: 413 and 410 too, for what is too large or for somebody gone is not
looked into.
"""

SPECIAL: Final = frozenset(
    {"Parvis-Seen", "If-Match", "If-None-Match", "X-Filename", "Upload-Offset", "Upload-Complete"}
)
"""Headers whose values are too special to be made up; tests/unit/chassis and tests/service have every form of them."""
WARNINGS: Final = frozenset(str(warning.value) for warning in SchemathesisWarning) - {"low_valid_rate"}
"""All that schemathesis warns of, but for what it does not say by itself."""

Known = Mapping[str, Sequence[Any] | Mapping[str, Any]]


async def assert_conforms(
    url: str,
    service: str,
    folder: Path,
    *,
    headers: Mapping[str, str],
    known: Known | None = None,
    elsewhere: Mapping[str, Mapping[str, str]] | None = None,
    once: Sequence[str] = (),
) -> None:
    """Every answer is documented: status, media type, headers, schema; no 5xx, no warning; wrong data are refused.

    `headers` go with every request, those of `elsewhere` with one operation (`DELETE /api/...`). `known` are values that
    lead somewhere (a list), or the rules that they follow (a schema), where the document cannot tell: of path parameters
    (`path.id`), of fields of bodies (`Credentials.login`), of whole bodies (`application/pdf`), or what else their schema
    says (`Identity`). `once` are operations that succeed once at most: that they refuse is no warning.
    """
    async with aiohttp.ClientSession(url) as client, client.get(f"/api/{service}/openapi.json") as response:
        document = await response.json()
    config, file = folder / "schemathesis.toml", folder / "openapi.json"
    config.write_text(_config(headers, elsewhere or {}, once), encoding="utf-8")
    file.write_text(json.dumps(_leading_somewhere(document, known or {})), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", str(file), "--url", url, "--no-color"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **KEPT},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, output.decode()


def _leading_somewhere(document: dict[str, Any], known: Known) -> dict[str, Any]:
    """The document with known values in the place of what schemas say of them, and without special headers.

    What is told over minutes is left out, for schemathesis would hear it to its end: test_following.py listens.
    """
    left = set(known)
    document["paths"] = {path: each for path, each in document["paths"].items() if not _is_told(each)}
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if slugs := response.get("x-refusals"):
                    _hold_to(response, int(status), slugs)
    special = {f"#/components/parameters/{name.replace('-', '')}" for name in SPECIAL}
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [
                parameter
                for parameter in operation["parameters"]
                if parameter.get("$ref") not in special and parameter.get("name") not in SPECIAL
            ]
            for parameter in operation["parameters"]:
                if parameter.get("in") == "path" and (name := f"path.{parameter['name']}") in known:
                    parameter["schema"] = _one_of(known[name])
                    left.discard(name)
            contents = operation.get("requestBody", {}).get("content", {})
            if here := known.keys() & contents:
                operation["requestBody"]["content"] = {media: {"schema": _one_of(known[media])} for media in here}
                left -= here
    for name in left & document["components"]["schemas"].keys():
        document["components"]["schemas"][name] |= known[name]
        left.discard(name)
    for name in [name for name in left if "." in name]:
        schema, _, field = name.partition(".")
        document["components"]["schemas"][schema]["properties"][field] = _one_of(known[name])
        left.discard(name)
    assert not left, f"the document has no {left}"
    return document


def _is_told(operations: Mapping[str, Any]) -> bool:
    """Whether what is answered there goes on over minutes."""
    return any(EVENTS in response for operation in operations.values() for response in operation["responses"].values())


def _hold_to(response: dict[str, Any], status: int, slugs: Sequence[str]) -> None:
    """Have the schema of a refusal say what stands beside it: which slugs it may bear."""
    for content in response["content"].values():
        narrow = {"properties": {"slug": {"enum": list(slugs)}, "status": {"const": status}}}
        content["schema"] = {"allOf": [content["schema"], narrow]}


def _one_of(values: Sequence[Any] | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(values, Mapping):
        return values
    kinds = {str: "string", int: "integer", list: "array", type(None): "null"}
    return {"type": kinds[type(values[0])], "enum": list(values)}


def _config(headers: Mapping[str, str], elsewhere: Mapping[str, Mapping[str, str]], once: Sequence[str]) -> str:
    """The configuration as TOML; JSON strings and lists are TOML too."""
    lines = [
        f"seed = {SEED}",
        "continue-on-failure = true",
        'hooks = "tests.contracts.api.hooks"',
        "[warnings]",
        f"fail-on = {json.dumps(sorted(WARNINGS))}",
        "[generation]",
        f"max-examples = {EXAMPLES}",
        'database = "none"',
        "no-shrink = true",
        # Unknown headers are nobody's business; unknown query parameters are shown refused in tests/unit/chassis.
        "allow-extra-parameters = false",
        "[checks.positive_data_acceptance]",
        f"expected-statuses = {json.dumps(ACCEPTED)}",
        "[checks.negative_data_rejection]",
        f"expected-statuses = {json.dumps(REFUSED)}",
        "[phases.stateful]",
        f"max-steps = {STEPS}",
        *_table("[headers]", headers),
    ]
    for operation, own in elsewhere.items():
        lines += ["[[operations]]", f"include-name = {json.dumps(operation)}", *_table("[operations.headers]", own)]
    for operation in once:
        lines += ["[[operations]]", f"include-name = {json.dumps(operation)}", "warnings = false"]
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, str]) -> list[str]:
    return [name, *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
