"""`python -m tests.load [B1 B3 ...]`: measures beside the bare limits, prints, and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import structlog

from tests.load.bench import Bench
from tests.load.catalogue import BENCHMARKS, Benchmark
from tests.load.report import Section, write
from tests.processes import ROOT
from tests.servers.available import NotAvailable

DOCUMENT = ROOT / "docs" / "benchmarks.md"
QUICK = {"rounds": 1, "seconds": 0.3, "size": 0.05, "minutes": 0.1}


async def run(name: str, bench: Bench) -> Section:
    """Measure one benchmark in a folder of its own."""
    module: Benchmark = importlib.import_module(BENCHMARKS[name])
    with tempfile.TemporaryDirectory(prefix=f"parvis-{name}-", ignore_cleanup_errors=True) as folder:
        figures = await module.measure(replace(bench, folder=Path(folder)))
    _, _, about = (module.__doc__ or "").partition("\n\n")
    return Section(name, module.TITLE, figures, about.strip())


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument(
        "numbers", nargs="*", metavar="NUMBER", help=f"of {', '.join(BENCHMARKS)}; all if none is given"
    )
    parser.add_argument("--quick", action="store_true", help="tiny numbers: shows that it runs; writes no document")
    parser.add_argument("--full", action="store_true", help="endurance for ten minutes")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured")
    given = parser.parse_args()
    for number in given.numbers:
        if number not in BENCHMARKS:
            parser.error(f"no benchmark {number}")
    return given


def main() -> int:
    """Run what is asked for; 1 if a figure is missed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    given = arguments()
    folder = Path()
    bench = Bench(folder, rounds=given.rounds, minutes=10 if given.full else 1)
    if given.quick:
        bench = Bench(folder, **QUICK)  # type: ignore[arg-type] # by name
    missed = 0
    for name in given.numbers or BENCHMARKS:
        try:
            section = asyncio.run(run(name, bench))
        except NotAvailable as missing:
            print(f"\n{name}: not run for want of {missing.server}. To install: {missing.what_to_install}", flush=True)
            continue
        print(f"\n{section.plain()}", flush=True)
        missed += sum(not figure.reached for figure in section.figures)
        if not given.quick:
            write(DOCUMENT, section)
    return 1 if missed and not given.quick else 0


if __name__ == "__main__":
    raise SystemExit(main())
