"""Every body of the OpenAPI documents has an example, which fits its own schema; those of forms are taken as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from services.chassis.testing import run_suite
from services.cli.docs_generation import openapi_documents
from tests.candidate import Candidate, Mailbox

STEPS = ("identity", "address", "baccalaureate")


@pytest.fixture(scope="module")
def documents() -> Mapping[str, dict[str, Any]]:
    return openapi_documents()


def bodies(described: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is said of every body that is JSON, and where it stands."""
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for status, holder in {"request": operation.get("requestBody", {}), **operation["responses"]}.items():
                for media_type, content in holder.get("content", {}).items():
                    if media_type.endswith("json"):
                        yield f"{method} {path} {status}", content


def test_every_body_has_an_example_that_fits(documents: Mapping[str, dict[str, Any]]) -> None:
    for described in documents.values():
        for where, content in bodies(described):
            schema = {**content["schema"], "components": described["components"]}
            checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
            assert "example" in content, where
            assert not [error.message for error in checker.iter_errors(content["example"])], where


def test_the_example_of_a_refusal_is_one_that_its_status_knows(documents: Mapping[str, dict[str, Any]]) -> None:
    refused = documents["applications"]["paths"]["/api/applications/applications/{id}"]["get"]["responses"]["404"]
    example = refused["content"]["application/problem+json"]["example"]
    assert example["slug"] in refused["x-refusals"]
    assert (example["status"], example["type"]) == (404, f"/problems/{example['slug']}")
    assert "{" not in example["detail"]


async def test_the_examples_of_the_profile_are_taken(documents: Mapping[str, dict[str, Any]], tmp_path: Path) -> None:
    paths = documents["accounts"]["paths"]
    async with run_suite(tmp_path, services=("accounts", "offers", "mailer")) as suite:
        await suite.settle()
        person = Candidate(suite.client, suite.url, Mailbox(tmp_path / "mail"))
        await person.registers()
        await person.validates()
        await person.logs_in()
        for step in STEPS:
            body = paths[f"/api/accounts/me/profile/{step}"]["put"]["requestBody"]["content"]["application/json"]
            await person.must("PUT", f"/api/accounts/me/profile/{step}", 200, json=body["example"])
        profile = await person.must("GET", "/api/accounts/me/profile", 200)
        assert profile["missing"] == []
