"""The benchmarks by the numbers of the table of figures to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from tests.load.bench import Bench
from tests.load.figures import Figure


class Benchmark(Protocol):
    """What each of the modules has."""

    TITLE: str

    async def measure(self, bench: Bench) -> Sequence[Figure]:
        """Measure, in turns with the bare limit."""
        ...


BENCHMARKS: Final[Mapping[str, str]] = {
    "B1": "tests.load.b01_catalogue",
    "B2": "tests.load.b02_read",
    "B3": "tests.load.b03_submit",
    "B4": "tests.load.b04_submit_cluster",
    "B5": "tests.load.b05_pipeline",
    "B6": "tests.load.b06_upload",
    "B7": "tests.load.b07_latency",
    "B8": "tests.load.b08_lists",
    "B8-MongoDB": "tests.load.b08_lists_mongodb",
    "B9": "tests.load.b09_papers",
    "B10": "tests.load.b10_start",
    "B11": "tests.load.b11_endurance",
    "B12": "tests.load.b12_overload",
    "B13": "tests.load.b13_deadline",
    "B14": "tests.load.b14_event",
    "B15": "tests.load.b15_exports",
    "B16": "tests.load.b16_staff",
    "B17": "tests.load.b17_decisions",
    "B18": "tests.load.b18_erasure",
    "B19": "tests.load.b19_pages",
}
