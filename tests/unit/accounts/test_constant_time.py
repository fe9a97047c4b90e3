"""Neutral answers leave on a beat, whatever they had to do (acceptance 14)."""

import asyncio
import selectors
from collections.abc import Mapping
from typing import Any

import pytest

from services.accounts.usecases.constant_time import constant_time


class _Hasty(selectors.SelectSelector):
    """Never waits: says how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.waited += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose time is what it would have waited."""

    def __init__(self) -> None:
        self._hasty = _Hasty()
        super().__init__(self._hasty)

    def time(self) -> float:
        return self._hasty.waited


BEATS: Mapping[float, float] = {0.0: 0.25, 0.01: 0.25, 0.24: 0.25, 0.26: 0.5, 0.6: 0.75}


@pytest.mark.parametrize(("work", "beat"), BEATS.items())
def test_short_and_long_work_end_on_the_beat(work: float, beat: float) -> None:
    async def answer() -> float:
        async with constant_time(250):
            await asyncio.sleep(work)
        return asyncio.get_running_loop().time()

    assert _run(answer()) == pytest.approx(beat, abs=1e-3)


def test_so_does_work_that_fails_and_nothing_waits_without_a_beat() -> None:
    async def fail(milliseconds: int) -> float:
        with pytest.raises(ValueError, match="wrong"):
            async with constant_time(milliseconds):
                raise ValueError("wrong")
        return asyncio.get_running_loop().time()

    assert _run(fail(250)) == pytest.approx(0.25, abs=1e-3)
    assert _run(fail(0)) == 0.0


def _run(work: Any) -> Any:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
