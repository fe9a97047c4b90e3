"""B12: submissions and uploads at three times the rate that the all-in-one can answer: how much of its capacity is left.

One of four requests submits an application, the others upload 300 kB. Capacity, in the column of the bare limit, is what is
answered well when 32 clients ask again as soon as they are answered. Then a crowd comes that does not wait: three times as
many requests a second, each on a connection of its own if need be, for ten seconds. Counted are good answers until the last
answer has come. Whoever is not served must be told so by 429 or 503, with when to come again: what is answered otherwise, or
not at all, stands in the third row. At the end each acknowledged submission and upload is looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.chassis.http.connections import raise_file_limit
from services.chassis.settings import Settings
from tests.load.bench import Bench
from tests.load.evening import SUBMIT, UPLOAD, Evening
from tests.load.figures import Figure, Goal, Spread, bound, share
from tests.load.ledger import differences
from tests.load.open_loop import Answer, offer
from tests.load.rest import until_idle
from tests.processes import SuiteProcess

TITLE = "Three times the capacity of submissions and uploads"

AT_ONCE: Final = 32
SUBMISSIONS: Final = 100
UPLOADS: Final = 300
TIMES: Final = 3
OFFERED: Final = 5
"""Times the seconds of a benchmark: long enough for every queue to be full."""
LEAST: Final = 80.0
MOST_A_SECOND: Final = 100
"""Submissions that are counted on in finding out how many people are needed."""


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B12; three minutes."""
    raise_file_limit()
    numbers = {SUBMIT: bench.many(SUBMISSIONS), UPLOAD: bench.many(UPLOADS)}
    seconds = bench.seconds * OFFERED
    turns = bench.rounds + 1
    people = turns * numbers[SUBMIT] + round(seconds * MOST_A_SECOND * (turns + TIMES))
    evening = await Evening.of(Settings(data=bench.folder / "var"), people)
    suite = SuiteProcess(evening.settings.data, fresh=True, offers_sample="false")
    await suite.start()
    capacities: dict[str, list[float]] = {SUBMIT: [], UPLOAD: []}
    served: dict[str, list[float]] = {SUBMIT: [], UPLOAD: []}
    lost = []
    for turn in range(turns):
        await evening.log_in()
        await until_idle(suite.pid)
        calm = await offer(suite.port, evening.at_once(numbers), most=AT_ONCE)
        evening.enter(calm)
        capacity = {kind: good(calm, kind) for kind in numbers}
        await evening.drained()
        await until_idle(suite.pid)
        asked = evening.plan({kind: TIMES * rate for kind, rate in capacity.items()}, seconds)
        crowded = await offer(suite.port, asked)
        evening.enter(crowded)
        await evening.drained()
        if turn:
            lost.append(float(sum(not answer.is_good and not answer.is_put_off for answer in crowded)))
            for kind, rate in capacity.items():
                capacities[kind].append(rate)
                served[kind].append(good(crowded, kind))
    await until_idle(suite.pid)
    await suite.stop()
    wrong = await differences(evening)
    return [
        share("submissions", served[SUBMIT], capacities[SUBMIT], " /s", LEAST),
        share("uploads of 300 kB", served[UPLOAD], capacities[UPLOAD], " /s", LEAST),
        bound("answered otherwise, or not at all", lost, None, " requests", 0),
        Figure("differences of the ledger", Spread.of([len(wrong)]), None, "", Spread.of([len(wrong)]), Goal(0, "")),
    ]


def good(answers: Sequence[Answer], kind: str) -> float:
    """Good answers a second, until the last of them has come."""
    until = max(answer.planned.at + answer.seconds for answer in answers)
    return sum(answer.is_good for answer in answers if answer.planned.kind == kind) / until
