"""Holds a running service to its own OpenAPI document, with schemathesis in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp

SEED: Final = 20260301
EXAMPLES: Final = 12
"""Generated cases per operation, beside those that cover every bound of every schema."""

ACCEPTED: Final = ["2xx", "304", "401", "403", "404", "409", "410", "412", "422", "429"]
"""What may be answered to data that fit the schema: rules of the trade say more than a schema can."""

TAGS: Final = {"header.If-Match": "*", "header.If-None-Match": '"another"'}
"""Entity tags are given: schemathesis writes them without their quotes; tests/unit/chassis has every form of them."""


async def assert_conforms(
    url: str,
    service: str,
    folder: Path,
    *,
    headers: Mapping[str, str],
    path: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> None:
    """Every answer is documented: status, media type, headers, schema; no 5xx, no warning; wrong data are refused.

    `path` are values of path parameters that lead somewhere; `given` take the place of generated ones (`header.X-Name`).
    """
    config = folder / "schemathesis.toml"
    config.write_text(_config(headers, TAGS | dict(given or {})), encoding="utf-8")
    async with aiohttp.ClientSession(url) as client, client.get(f"/api/{service}/openapi.json") as response:
        document = await response.json()
    file = folder / "openapi.json"
    file.write_text(json.dumps(_leading_somewhere(document, path or {})), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(config),
        "run",
        str(file),
        "--url",
        url,
        "--no-color",
        cwd=folder,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
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


def _leading_somewhere(document: dict[str, Any], path: Mapping[str, str]) -> dict[str, Any]:
    """The document with values of path parameters that are known to exist; no schema can tell which do."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter.get("in") == "path" and parameter["name"] in path:
                    parameter["schema"] = {"enum": [path[parameter["name"]]]}
    return document


def _config(headers: Mapping[str, str], given: Mapping[str, str]) -> str:
    """The configuration as TOML; JSON strings and lists are TOML too."""
    lines = [
        f"seed = {SEED}",
        "continue-on-failure = true",
        "[warnings]",
        "fail-on = true",
        "[generation]",
        f"max-examples = {EXAMPLES}",
        'database = "none"',
        "no-shrink = true",
        # Unknown headers are nobody's business; unknown query parameters are shown refused in tests/unit/chassis.
        "allow-extra-parameters = false",
        "[checks.positive_data_acceptance]",
        f"expected-statuses = {json.dumps(ACCEPTED)}",
        "[headers]",
        *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items()),
        "[parameters]",
        *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in given.items()),
    ]
    return "\n".join(lines) + "\n"
