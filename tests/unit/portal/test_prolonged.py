"""The home page asks again at once where nobody told it until when last days are extended."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from services.chassis.clock import FixedClock
from services.chassis.security.sealing import SESSIONS, Sealer
from services.contracts.api.endpoints.incidents import PROLONGED
from services.portal.api import Api
from services.portal.prolonged import ASK_SECONDS, Prolonged
from services.portal.visits import Visits
from tests.ents import served


async def test_an_api_that_was_away_is_asked_by_the_next_request_and_one_that_answered_after_a_while(
    tmp_path: Path,
) -> None:
    clock = FixedClock(datetime(2027, 2, 1, 11, tzinfo=UTC))
    answers = [web.Response(status=503, text="away")]
    answers += [web.json_response({"until": f"2027-03-0{day}"}) for day in (1, 2)]

    async def say(_: web.Request) -> web.StreamResponse:
        return answers.pop(0)

    async with served({("GET", PROLONGED.at()): say}) as host:
        sealer = Sealer("", tmp_path, SESSIONS)
        visits = Visits(sealer, clock, "https://parvis.test")
        async with sealer.running(), Api(f"http://{host}", visits) as api:
            prolonged = Prolonged(api, clock, ZoneInfo("Europe/Paris"))

            async def told() -> date | None:
                return await prolonged.until(make_mocked_request("GET", "/"))

            assert [await told() for _ in range(3)] == [None, date(2027, 3, 1), date(2027, 3, 1)]
            clock.advance(seconds=ASK_SECONDS)
            assert await told() == date(2027, 3, 2)
            for moment, known in ((day(2, 22, 59), date(2027, 3, 2)), (day(2, 23), None)):
                clock.advance(seconds=(moment - clock.now()).total_seconds())
                answers.append(web.Response(status=503, text="away"))
                assert await told() == known, "a day that is over in Paris is told of no more"


def day(number: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2027, 3, number, hour, minute, tzinfo=UTC)
