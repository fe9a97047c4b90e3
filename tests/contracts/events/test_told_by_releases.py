"""What a release told is read by the models of today, and they would tell it in the same words (acceptance 112)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from services.contracts.events.all import CATALOGUE
from services.contracts.events.envelope import Envelope

STORED: Final = Path(__file__).parents[1] / "stored"
TOLD: Final = [
    pytest.param(row["body"], id=f"{file.parent.name}-{row['type']}")
    for file in sorted(STORED.glob("*/*.json"))
    for journal, rows in json.loads(file.read_text()).items()
    if journal in ("journal", "internal")
    for row in rows
]


def test_there_are_samples_of_every_publisher() -> None:
    assert len(TOLD) >= len(list(STORED.glob("*/*.json")))


@pytest.mark.parametrize("body", TOLD)
def test_the_same_is_told_of_it_today(body: str) -> None:
    envelope = Envelope.decode(body.encode())
    event = CATALOGUE[envelope.type].model_validate(envelope.data)
    assert event.model_dump(mode="json", exclude_none=True) == envelope.data
