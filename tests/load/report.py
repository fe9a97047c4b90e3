"""`docs/benchmarks.md`: a section for each benchmark, put in the place of the same one of an earlier run."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from tests.load.catalogue import BENCHMARKS
from tests.load.figures import Figure

HEAD = """# Benchmarks

Written by `make bench`. Every figure stands beside the bare limit of the same run: the same library doing only that, on the
same machine, measured in turns with it; the machine runs the load as well. Each cell is the median of the rounds, with the
least and the greatest. The result is what the goal speaks of: a share of the bare limit, or a bound. It is the median of the
ratios of the turns, so that a machine that is slower for a while is so for both sides.

Absolute figures say something of the machine alone. `make bench ARGS="B3 --quick"` measures one benchmark with tiny numbers.
"""


@dataclass(frozen=True)
class Section:
    """The figures of one benchmark."""

    number: str
    title: str
    figures: Sequence[Figure]
    about: str = ""

    def plain(self) -> str:
        """For a terminal."""
        lines = [f"{self.number}  {self.title}"]
        for figure in self.figures:
            bare = f", bare {figure.bare.shown(figure.unit)}" if figure.bare else ""
            lines.append(f"  {figure.what}: {figure.own.shown(figure.unit)}{bare}")
            if figure.goal is not None:
                lines.append(f"      {figure.result.shown(figure.goal.unit)}, {figure.goal}: {figure.verdict}")
        return "\n".join(lines)

    def markdown(self) -> str:
        """For the document."""
        lines = [f"## {self.number} {self.title}", ""]
        if self.about:
            lines += [self.about, ""]
        lines += [facts(), ""]
        lines += ["| | Parvis | bare | result | goal | |", "|---|---|---|---|---|---|"]
        for figure in self.figures:
            bare = figure.bare.shown(figure.unit) if figure.bare else ""
            result = figure.result.shown(figure.goal.unit) if figure.goal else ""
            goal = str(figure.goal or "")
            lines.append(
                f"| {figure.what} | {figure.own.shown(figure.unit)} | {bare} | {result} | {goal} | {figure.verdict} |"
            )
        return "\n".join([*lines, ""])


def facts() -> str:
    """Day and machine, in one line: no name, no path."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} cores, {memory} GiB, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}; load of the machine "
        f"{os.getloadavg()[0]:.1f} at the end of the run."
    )


def write(document: Path, section: Section) -> None:
    """Put the section in its place."""
    text = document.read_text(encoding="utf-8") if document.exists() else ""
    sections = {part.split(maxsplit=1)[0]: part.strip() for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]}
    sections[section.number] = section.markdown().removeprefix("## ").strip()
    ordered = [sections[number] for number in BENCHMARKS if number in sections]
    document.write_text("\n".join([HEAD, *(f"## {part}\n" for part in ordered)]), encoding="utf-8")
