"""Questions for single documents, asked together: what comes while the server is busy with others is one question."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from copy import deepcopy
from typing import Final, Generic, TypeVar

from services.chassis.ports import Document

MOST: Final = 100
"""Documents that are asked for at once."""
_UNDER_WAY: Final = 2

Q = TypeVar("Q", bound=Hashable)


class BatchLoader(Generic[Q]):
    """Single documents of one collection; `ask` answers several questions at once, and raises for all who wait for them.

    A question is sent after it was put, never before, so that nobody is answered from before his own write.
    """

    def __init__(self, ask: Callable[[Sequence[Q]], Awaitable[Mapping[Q, Document]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Q, asyncio.Future[Document | None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0

    async def get(self, question: Q) -> Document | None:
        """The document that answers, which belongs to the caller; raises what asking raises."""
        answer: asyncio.Future[Document | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._under_way < _UNDER_WAY:
            self._under_way += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                wanted = [
                    (question, answer) for question, answer in taken if not answer.done()
                ]  # who gave up is not asked for
                if wanted:
                    await self._answer(wanted)
        finally:
            # At once: one who comes before the task counts as done would wait for ever.
            self._under_way -= 1

    async def _answer(self, wanted: Sequence[tuple[Q, asyncio.Future[Document | None]]]) -> None:
        try:
            found = await self._ask(list(dict.fromkeys(question for question, _ in wanted)))
        except asyncio.CancelledError:
            for _, answer in wanted:
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - told to all who wait, as each would have met it
            for _, answer in wanted:
                if not answer.done():
                    answer.set_exception(error)
            return
        given: set[Q] = set()
        for question, answer in wanted:
            if not answer.done():
                document = found.get(question)
                answer.set_result(deepcopy(document) if question in given else document)
                given.add(question)
