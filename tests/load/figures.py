"""Measured figures: their spread over the rounds, the bare limit of the same run beside them, and what is to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Least, middle and greatest of what the rounds gave."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(min(values), median(values), max(values))

    def shown(self, unit: str) -> str:
        """`middle (low to high)` with the unit."""
        if self.low == self.high:
            return f"{amount(self.middle)}{unit}"
        return f"{amount(self.middle)}{unit} ({amount(self.low)} to {amount(self.high)})"


@dataclass(frozen=True)
class Goal:
    """What is to be reached, in `unit`; `at_least` says on which side."""

    value: float
    unit: str
    at_least: bool = False

    def holds(self, value: float) -> bool:
        """Whether it is reached."""
        return value >= self.value if self.at_least else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {amount(self.value)}{self.unit}"


@dataclass(frozen=True)
class Figure:
    """One line of the table: `own` and `bare` in `unit`, `result` in the unit of the goal.

    A figure without a goal is there for the reader, and decides nothing.
    """

    what: str
    own: Spread
    bare: Spread | None
    unit: str
    result: Spread
    goal: Goal | None

    @property
    def reached(self) -> bool:
        """Whether the middle of the result is on the right side of the goal."""
        return self.goal is None or self.goal.holds(self.result.middle)

    @property
    def verdict(self) -> str:
        """One word."""
        return "" if self.goal is None else "reached" if self.reached else "missed"


def share(what: str, own: Sequence[float], bare: Sequence[float], unit: str, least: float) -> Figure:
    """Rates measured in turns: each as a percentage of the bare one of the same turn, of which `least` are to be reached."""
    percent = [100 * mine / theirs for mine, theirs in zip(own, bare, strict=True)]
    return Figure(what, Spread.of(own), Spread.of(bare), unit, Spread.of(percent), Goal(least, " %", at_least=True))


def beside(what: str, own: Sequence[float], bare: Sequence[float], unit: str, most: float | None) -> Figure:
    """Times measured in turns: how many times longer than the bare one of the same turn, which `most` is to bound."""
    times = [mine / theirs for mine, theirs in zip(own, bare, strict=True)]
    goal = None if most is None else Goal(most, " times")
    return Figure(what, Spread.of(own), Spread.of(bare), unit, Spread.of(times), goal)


def bound(what: str, own: Sequence[float], bare: Sequence[float] | None, unit: str, most: float | None) -> Figure:
    """What is to stay below a bound in its own unit; `bare` only tells the reader what is due to the libraries."""
    own_spread = Spread.of(own)
    return Figure(
        what,
        own_spread,
        Spread.of(bare) if bare else None,
        unit,
        own_spread,
        None if most is None else Goal(most, unit),
    )


def amount(value: float) -> str:
    """Three figures are enough."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
