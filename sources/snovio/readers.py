"""Several lists are read at once: while one answer is on its way, others are asked for or taken in.

A reader is an iterator whose every step makes calls. Its steps run in threads, one at a time for each reader and so
many at once for all tables together; whoever takes what a step brought does so in the thread that belongs to dlt, and
nothing else touches dlt's state. A reader is one step ahead of who takes from it: that, and the number of readers,
bound what is in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from sources.errors import CredentialsRefused, RateLimited, Stopped

Job = TypeVar("Job")
Found = TypeVar("Found")

_CALLS_FOR_A_LIST: Final = 10

ENDING = (CredentialsRefused, RateLimited, Stopped)
"""What one reader meets and all others would meet too: nothing more is asked, what is there is still handed on."""


def once(ask: Callable[[Job], Found]) -> Callable[[Job], Iterator[Found]]:
    """Makes a reader of a single step."""

    def begin(job: Job) -> Iterator[Found]:
        yield ask(job)

    return begin


@dataclass(slots=True)
class _Reader(Generic[Job, Found]):
    """One list that is being read, and its step that is under way or done."""

    job: Job
    steps: Iterator[Found]
    step: Future[Found | None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether its step is done."""
        return self.step is not None and self.step.done()


@dataclass(slots=True)
class _Queue(Generic[Job, Found]):
    """The lists of one table: those not begun, and the readers of those that are."""

    waiting: deque[Job]
    begin: Callable[[Job], Iterator[Found]]
    readers: list[_Reader[Job, Found]] = field(default_factory=list)
    ended_by: BaseException | None = None

    def ready(self) -> _Reader[Job, Found] | None:
        """A reader whose step is done."""
        return next((reader for reader in self.readers if reader.is_ready), None)


class Readers:
    """Runs the readers of all tables.

    Args:
        most_at_once: The most lists that are read at once.
        calls_left: How many calls the budget still allows; None: no bound.
        may_ask: Whether another step may begin, given how many are under way.
    """

    def __init__(
        self, most_at_once: int, calls_left: Callable[[], int | None], may_ask: Callable[[int], bool]
    ) -> None:
        self._most_at_once = most_at_once
        self._calls_left = calls_left
        self._may_ask = may_ask
        self._pool = ThreadPoolExecutor(most_at_once, thread_name_prefix="reader")
        self._queues: deque[_Queue[Any, Any]] = deque()

    def read(
        self, jobs: Iterable[Job], begin: Callable[[Job], Iterator[Found]]
    ) -> Iterator[tuple[Job, Callable[[], Found | None]] | None]:
        """Read lists, several at once, beside those of other tables.

        Args:
            jobs: What to read.
            begin: Makes the reader of a job.

        Yields:
            For each step of any reader its job and a function that returns what the step brought, None at the
            reader's end, or raises what the step raised. None alone means that other tables may have their turn.

        Raises:
            CredentialsRefused, RateLimited, Stopped: A step raised it; everything that was read is handed on before.
        """
        queue: _Queue[Job, Found] = _Queue(deque(jobs), begin)
        self._queues.append(queue)
        try:
            while queue.readers or (queue.waiting and queue.ended_by is None):
                self._go_on()
                self._begin(queue)
                reader = queue.ready()
                if reader is None or reader.step is None:
                    self._wait()
                    yield None
                elif self._take(queue, reader, reader.step):
                    found = reader.step.result
                    reader.step = None
                    self._go_on()
                    yield reader.job, found
            if queue.ended_by is not None:
                raise queue.ended_by
        finally:
            self._queues.remove(queue)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, queue: _Queue[Any, Any], reader: _Reader[Any, Any], step: Future[Any]) -> bool:
        """Look at what a step brought; whether it is anything but the end of everything."""
        error = step.exception()
        if queue.ended_by is not None or error is not None or step.result() is None:
            queue.readers.remove(reader)
        if not isinstance(error, ENDING):
            return True
        for each in self._queues:
            each.ended_by = each.ended_by or error
            each.readers[:] = [one for one in each.readers if one.step is not None]
        return False

    def _go_on(self) -> None:
        """Begin the next step of every reader that has none, of whatever table."""
        for queue in self._queues:
            for reader in queue.readers:
                if reader.step is None and queue.ended_by is None and self._may_ask(len(self._under_way())):
                    self._step(reader)

    def _begin(self, queue: _Queue[Any, Any]) -> None:
        """Begin one more list of a table, if there is room; one a turn, so that all tables come to be read."""
        if queue.waiting and queue.ended_by is None and self._has_room() and self._may_ask(len(self._under_way())):
            job = queue.waiting.popleft()
            queue.readers.append(_Reader(job, queue.begin(job)))
            self._step(queue.readers[-1])

    def _has_room(self) -> bool:
        """Whether one more list may be read; near the end of a budget fewer are begun, so that these end."""
        left = self._calls_left()
        most = self._most_at_once if left is None else min(self._most_at_once, 1 + left // _CALLS_FOR_A_LIST)
        return sum(len(queue.readers) for queue in self._queues) < most

    def _step(self, reader: _Reader[Any, Any]) -> None:
        reader.step = self._pool.submit(next, reader.steps, None)

    def _under_way(self) -> list[Future[Any]]:
        """Steps that are not taken yet."""
        return [reader.step for queue in self._queues for reader in queue.readers if reader.step is not None]

    def _wait(self) -> None:
        """Wait until some table can go on."""
        steps = self._under_way()
        if steps:
            wait(steps, return_when=FIRST_COMPLETED)
