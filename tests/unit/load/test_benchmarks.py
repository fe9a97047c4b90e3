"""Benchmarks run, with tiny numbers: what they find is told by `make bench` alone."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.load.bench import Bench
from tests.load.catalogue import BENCHMARKS, Benchmark
from tests.load.figures import Figure, Goal, Spread, bound, share
from tests.load.report import Section, write

TINY = {"rounds": 1, "seconds": 0.1, "size": 0.02, "minutes": 0.02, "servers": False}


@pytest.mark.parametrize("number", ["B3", "B6", "B7"])
async def test_it_runs(number: str, tmp_path: Path) -> None:
    module: Benchmark = importlib.import_module(BENCHMARKS[number])
    figures = await module.measure(Bench(tmp_path, **TINY))  # type: ignore[arg-type] # by name
    assert figures
    # What memory is added may be less than none: a process gives some back meanwhile.
    assert all(figure.own.low > 0 for figure in figures if figure.unit != " MB")
    assert f"## {number} {module.TITLE}" in Section(number, module.TITLE, figures).markdown()


def test_a_share_is_that_of_each_turn() -> None:
    figure = share("submit", [10.0, 30.0, 20.0], [100.0, 100.0, 40.0], " /s", 30)
    assert (figure.result, figure.verdict) == (Spread(10, 30, 50), "reached")
    assert share("submit", [29.9], [100.0], " /s", 30).verdict == "missed"


def test_a_bound_is_reached_at_the_bound() -> None:
    assert bound("memory", [100.0, 90.0, 300.0], None, " MB", 100).verdict == "reached"
    assert bound("memory", [100.1], None, " MB", 100).verdict == "missed"


def test_a_section_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    for number, value in (("B3", 1.0), ("B1", 2.0), ("B3", 3.0)):
        line = Figure("it", Spread.of([value]), None, " s", Spread.of([value]), Goal(5, " s"))
        write(document, Section(number, "Something", [line]))
    text = document.read_text()
    assert text.index("## B1 Something") < text.index("## B3 Something")
    assert "| it | 3 s |" in text
    assert "| it | 1 s |" not in text
