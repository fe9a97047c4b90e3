"""What a service says of itself: OpenAPI for programs, a page for people."""

from __future__ import annotations

import base64
import hashlib
import re

from services.cli.docs_generation import openapi_documents
from tests.unit.chassis.demo import DEMO, DemoService


async def test_the_document_tells_every_route_with_its_refusals(demo_service: DemoService) -> None:
    async with demo_service.client.get("/api/demo/openapi.json") as response:
        assert response.content_type == "application/json"
        assert response.headers["Cache-Control"] == "public, max-age=300"
        document = await response.json()
    assert document["openapi"] == "3.1.0"
    paths = document["paths"]
    assert {(path, method) for path, methods in paths.items() for method in methods} == {
        (endpoint.full_path, endpoint.method.lower()) for endpoint in DEMO
    } | {("/api/demo/jwks.json", "get")}
    put = paths["/api/demo/baskets/{id}/fruits"]["post"]
    assert put["security"] == [{"bearer": []}]
    assert put["responses"]["409"]["x-refusals"] == ["basket-full"]
    assert {"201", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "500", "503"} == set(
        put["responses"]
    )
    assert paths["/api/demo/baskets"]["get"]["security"] == []


async def test_the_page_is_plain_speaks_both_languages_and_needs_nothing_from_outside(
    demo_service: DemoService,
) -> None:
    for language, word in (("fr", "Réponses"), ("en", "Answers")):
        async with demo_service.client.get("/api/demo/docs", headers={"Accept-Language": language}) as response:
            page = await response.text()
            assert response.headers["Content-Language"] == language
            style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
            assert style is not None
            digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
            assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]
        assert f'<html lang="{language}">' in page
        assert word in page
        assert "basket-full" in page
        assert all(endpoint.path in page for endpoint in DEMO)
        assert not re.search(r"<script|https?://|@import|url\(", page)


async def test_a_copy_of_the_page_at_hand_is_not_sent_again(demo_service: DemoService) -> None:
    async with demo_service.client.get("/api/demo/docs") as response:
        tag = response.headers["ETag"]
    async with demo_service.client.get("/api/demo/docs", headers={"If-None-Match": tag}) as response:
        assert response.status == 304


def test_makers_of_clients_find_what_they_need() -> None:
    """Who may call is always said, bytes are bytes, refusals have one type, and the keys are described."""
    for service, document in openapi_documents().items():
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                where = f"{method} {path}"
                assert operation["security"] in ([], [{"bearer": []}]), where
                bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
                for content in (content for body in bodies for content in body.get("content", {}).items()):
                    assert content[1]["schema"], f"{where}: {content[0]}"
                for status, response in operation["responses"].items():
                    if int(status) >= 400:
                        assert response["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
                        assert response["x-refusals"], where
        has_keys = f"/api/{service}/jwks.json" in document["paths"]
        assert has_keys is (service in ("accounts", "applications", "documents")), service
