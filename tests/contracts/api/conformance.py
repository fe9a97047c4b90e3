"""Holds a running service to its own OpenAPI document, with schemathesis in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
from schemathesis.core.warnings import SchemathesisWarning

from services.chassis.http.openapi import EVENTS

ROOT: Final = Path(__file__).parents[3]
SEED: Final = 20260301
SET: Final = {
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",
    # It looks through all of them for proxies, twice for every case.
    "NO_PROXY": "*",
    # Where hypothesis keeps what it has found out of Unicode, which takes it seconds anew in each folder.
    "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),
}
"""All of the environment that is not the machine's."""
METHODS: Final = ("GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "QUERY")
TYPICAL: Final = ("1" + 25 * "a", 8 * "a", 43 * "a", "a-1", "b-1", "a.pdf", "1")
"""Of which each parameter of a path may have one."""
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
    async with aiohttp.ClientSession(url) as client:
        async with client.get(f"/api/{service}/openapi.json") as response:
            document = await response.json()
        await _assert_no_other_method(client, document["paths"])
    config, file = folder / "schemathesis.toml", folder / "openapi.json"
    config.write_text(_config(headers, elsewhere or {}, once), encoding="utf-8")
    file.write_text(json.dumps(_leading_somewhere(document, known or {})), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", str(file), "--url", url, "--no-color"),
        cwd=folder,
        env={name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | SET,
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


async def _assert_no_other_method(client: aiohttp.ClientSession, paths: Mapping[str, Mapping[str, Any]]) -> None:
    """Whatever a path does not declare is refused, and what it does declare is named.

    Schemathesis would send each for each operation instead of for each path, with all that goes with a case.
    """
    declared = {path: {method.upper() for method in operations} for path, operations in paths.items()}
    for path, operations in paths.items():
        address = _address(path, next(iter(operations.values()))["parameters"])
        # What another path that leads there as well declares is not this path's to refuse.
        of_any = set[str]().union(*(methods for other, methods in declared.items() if _leads(other, address)))
        for method in sorted({*METHODS} - of_any):
            async with client.request(method, address) as response:
                refused = await response.json()
                assert (response.status, refused["slug"]) == (405, "method-not-allowed"), (method, path, refused)
                named = set(response.headers["Allow"].split(", "))
                assert declared[path] <= named and method not in named, (method, path, named)


def _address(path: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    """The path with values in it that its schemas allow."""
    for parameter in parameters:
        if parameter.get("in") == "path":
            schema = parameter["schema"]
            fit = (each for each in TYPICAL if re.fullmatch(schema.get("pattern", "[0-9]{1}"), each))
            value = schema["enum"][0] if "enum" in schema else next(fit)
            path = path.replace(f"{{{parameter['name']}}}", value)
    return path


def _leads(path: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"\\{.+?\\}", "[^/]+", re.escape(path)), address) is not None


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
        "[phases.coverage]",
        "unexpected-methods = []",
        "[phases.stateful]",
        f"max-steps = {STEPS}",
        *_table("[headers]", headers),
    ]
    # Each table is looked through for every case, so those who share their headers share one.
    for shared in {json.dumps(own): own for own in elsewhere.values()}.values():
        names = [operation for operation, own in elsewhere.items() if own == shared]
        lines += ["[[operations]]", f"include-name = {json.dumps(names)}", *_table("[operations.headers]", shared)]
    if once:
        lines += ["[[operations]]", f"include-name = {json.dumps(list(once))}", "warnings = false"]
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, str]) -> list[str]:
    return [name, *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
