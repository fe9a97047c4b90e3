"""B13: the last minute of the national deadline, on one machine that also makes the load.

37 submissions, 250 uploads of 300 kB and 230 reads of people who are logged in are due every second, each on a connection of
its own if need be, whether those before were answered or not. The first rows are all of that for a minute: what part of each
was answered well, and how late a submission was answered that was. The next rows look for the part of this evening that the
machine carries: so many of each kind that all but one of a hundred are answered well and 95 of a hundred submissions within
two seconds. It is looked for in short trials and then shown for the whole minute. No bare limit stands beside it. At the end
each acknowledged submission, its event and its mail, and the bytes of each acknowledged upload are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.chassis.http.connections import raise_file_limit
from services.chassis.settings import Settings
from tests.load.bench import Bench
from tests.load.evening import READ, SUBMIT, UPLOAD, Evening
from tests.load.figures import Figure, Goal, Spread
from tests.load.ledger import differences
from tests.load.open_loop import Answer, offer
from tests.load.rest import until_idle
from tests.processes import SuiteProcess

TITLE = "The last minute of the national deadline on one machine"

RATES: Final = {SUBMIT: 37.0, UPLOAD: 250.0, READ: 230.0}
SAID: Final = {SUBMIT: "submissions", UPLOAD: "uploads", READ: "reads"}
MOST_SECONDS: Final = 2.0
LEAST_GOOD: Final = 0.99
TRIAL: Final = 4
"""Times the seconds of a benchmark."""
TRIALS: Final = 4
LESS: Final = 0.85
"""What is tried next where a minute shows that a trial was too short."""


async def measure(bench: Bench) -> Sequence[Figure]:
    """The figures of B13; ten minutes."""
    raise_file_limit()
    minute, trial = 60 * bench.minutes, bench.seconds * TRIAL
    people = round(RATES[SUBMIT] * (2 * minute + TRIALS * trial)) + 8
    evening = await Evening.of(Settings(data=bench.folder / "var"), people)
    suite = SuiteProcess(evening.settings.data, fresh=True, offers_sample="false")
    await suite.start()
    await played(suite, evening, 0.1, trial)  # warms up
    whole = await played(suite, evening, 1, minute)
    part = await searched(suite, evening, trial)
    while not is_carried(shown := await played(suite, evening, part, minute)) and part > 0.02:
        part *= LESS
    await until_idle(suite.pid)
    await suite.stop()
    wrong = await differences(evening)
    return [
        *[
            _line(f"{SAID[kind]} answered well, of {rate:.0f} a second", good(whole, kind))
            for kind, rate in RATES.items()
        ],
        _late("submission, 95 of 100 within, of all of it", whole, None),
        _line("part of it that is carried for the whole minute", part, Goal(100, " %", at_least=True)),
        _late("submission, 95 of 100 within, of that part", shown, Goal(MOST_SECONDS, " s")),
        Figure("differences of the ledger", Spread.of([len(wrong)]), None, "", Spread.of([len(wrong)]), Goal(0, "")),
    ]


def _line(what: str, part: float, goal: Goal | None = None) -> Figure:
    return Figure(what, Spread.of([100 * part]), None, " %", Spread.of([100 * part]), goal)


def _late(what: str, answers: Sequence[Answer], goal: Goal | None) -> Figure:
    return Figure(what, Spread.of([late(answers)]), None, " s", Spread.of([late(answers)]), goal)


async def played(suite: SuiteProcess, evening: Evening, part: float, seconds: float) -> Sequence[Answer]:
    """Such a part of the evening, and then rest until all that follows from it is done."""
    await evening.log_in()
    answers = await offer(suite.port, evening.plan({kind: rate * part for kind, rate in RATES.items()}, seconds))
    evening.enter(answers)
    await evening.drained()
    await until_idle(suite.pid)
    return answers


async def searched(suite: SuiteProcess, evening: Evening, seconds: float) -> float:
    """The greatest part that short trials found to be carried, to a few hundredths."""
    carried, too_much = 0.0, 1.0
    for _ in range(TRIALS):
        part = (carried + too_much) / 2
        if is_carried(await played(suite, evening, part, seconds)):
            carried = part
        else:
            too_much = part
    return carried or too_much / 2


def is_carried(answers: Sequence[Answer]) -> bool:
    """Whether nearly all of each kind were answered well, and submissions in time."""
    return late(answers) < MOST_SECONDS and all(good(answers, kind) >= LEAST_GOOD for kind in RATES)


def good(answers: Sequence[Answer], kind: str) -> float:
    """The part of this kind that was answered well."""
    asked = [answer.is_good for answer in answers if answer.planned.kind == kind]
    return sum(asked) / len(asked)


def late(answers: Sequence[Answer]) -> float:
    """Within how many seconds 95 of a hundred of the submissions were answered that were."""
    times = sorted(answer.seconds for answer in answers if answer.planned.kind == SUBMIT and answer.is_good)
    return times[min(len(times) - 1, int(len(times) * 0.95))] if times else float("inf")
