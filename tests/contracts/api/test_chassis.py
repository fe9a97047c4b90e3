"""The typed routes do what their document says, shown on a service that is nothing but routes."""

from __future__ import annotations

from pathlib import Path

from services.contracts.actors import Role
from tests.contracts.api.conformance import assert_conforms
from tests.unit.chassis.demo import run_demo


async def test_typed_routes_answer_as_documented(tmp_path: Path) -> None:
    async with run_demo(tmp_path) as stand:
        headers = stand.bearer()
        for basket in ("b-a", "b-b"):
            async with stand.client.post(
                f"/api/demo/baskets/{basket}/fruits", json={"fruit": "kiwi"}, headers=headers
            ) as response:
                assert response.status == 201
        manager = stand.bearer(kind="staff", grants=[{"role": Role.MANAGER, "centres": ["UPVD-SEE"]}])
        await assert_conforms(
            stand.url,
            "demo",
            tmp_path,
            headers=headers,
            elsewhere={"GET /api/demo/shelves": manager},
            known={"path.id": ["b-a"]},
        )
