"""Several lists are read at once: while one answer is on its way, others are asked for or taken in.

A reader is an iterator whose every step makes calls. Its steps run in threads, one at a time for each reader and so
many at once for all tables together; whoever takes what a step brought does so in the thread that belongs to dlt, and
nothing else touches dlt's state. Readers are a bounded number of steps ahead of who takes from them: that bounds what
is in memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Condition
from typing import Any, Final, Generic, TypeVar

from sources.errors import CredentialsRefused, RateLimited, Stopped

Job = TypeVar("Job")
Found = TypeVar("Found")

MOST_AHEAD: Final = 4
"""Steps that are under way or done and not taken."""

_CALLS_FOR_A_LIST: Final = 10

ENDING = (CredentialsRefused, RateLimited, Stopped)
"""What one reader meets and all others would meet too: nothing more is asked, what is there is still handed on."""


def once(ask: Callable[[Job], Found]) -> Callable[[Job], Iterator[Found]]:
    """Makes a reader of a single step."""

    def begin(job: Job) -> Iterator[Found]:
        yield ask(job)

    return begin


@dataclass(slots=True, eq=False)
class _Reader(Generic[Job, Found]):
    """One list that is being read.

    Args:
        job: Which.
        steps: Reads it.
        done: Steps that are done and not taken.
        is_busy: Whether a step is under way.
        is_over: Whether the last step that was done ended it.
    """

    job: Job
    steps: Iterator[Found]
    done: deque[Future[Found | None]] = field(default_factory=deque)
    is_busy: bool = False
    is_over: bool = False


@dataclass(slots=True, eq=False)
class _Queue(Generic[Job, Found]):
    """The lists of one table: those not begun, and the readers of those that are.

    Args:
        waiting: Lists not begun.
        begin: Makes the reader of a list.
        readers: Lists that are being read, or have steps that are not taken.
        is_cut: Whether some of it will not be read.
    """

    waiting: deque[Job]
    begin: Callable[[Job], Iterator[Found]]
    readers: list[_Reader[Job, Found]] = field(default_factory=list)
    is_cut: bool = False


class Readers:
    """Runs the readers of all tables.

    Args:
        most_at_once: The most lists that are read at once.
        calls_left: How many calls the budget still allows; None: no bound.
        may_ask: Whether another step may begin, given how many are under way or not taken.
    """

    def __init__(
        self, most_at_once: int, calls_left: Callable[[], int | None], may_ask: Callable[[int], bool]
    ) -> None:
        self._most_at_once = most_at_once
        self._calls_left = calls_left
        self._more_may_be_asked = may_ask
        self._pool = ThreadPoolExecutor(most_at_once, thread_name_prefix="reader")
        self._queues: list[_Queue[Any, Any]] = []
        self._ended_by: BaseException | None = None
        self._changed = Condition()  # guards all of the above; notified whenever a step is done

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
        with self._changed:
            self._queues.append(queue)
        try:
            while queue.readers or (queue.waiting and self._ended_by is None):
                yield self._taken(queue)
        finally:
            with self._changed:
                self._queues.remove(queue)
        if self._ended_by is not None and (queue.is_cut or queue.waiting):
            raise self._ended_by

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _taken(self, queue: _Queue[Job, Any]) -> tuple[Job, Callable[[], Any]] | None:
        """A step that is done; None if there is nothing to hand on, after a wait if nothing more could be begun."""
        with self._changed:
            begun = self._begin_one(queue)
            reader = next((reader for reader in queue.readers if reader.done), None)
            if reader is None:
                if not begun:
                    self._wait(queue)
                return None
            step = reader.done.popleft()
            if reader.is_over and not reader.done:
                queue.readers.remove(reader)
            self._go_on()
        if isinstance(step.exception(), ENDING):
            queue.is_cut = True
            return None
        return reader.job, step.result

    def _begin_one(self, queue: _Queue[Any, Any]) -> bool:
        """Begin one more list of a table, if there is room; one a turn, so that all tables come to be read."""
        if not queue.waiting or not self._has_room(queue):
            return False
        job = queue.waiting.popleft()
        queue.readers.append(_Reader(job, queue.begin(job)))
        self._step(queue.readers[-1])
        return True

    def _has_room(self, queue: _Queue[Any, Any]) -> bool:
        """Whether one more list may be read; near the end of a budget fewer are begun, so that these end."""
        left = self._calls_left()
        most = self._most_at_once if left is None else min(self._most_at_once, 1 + left // _CALLS_FOR_A_LIST)
        return self._may_ask(queue) and sum(len(each.readers) for each in self._queues) < most

    def _may_ask(self, queue: _Queue[Any, Any]) -> bool:
        """Whether another step of a table may begin; what is ahead is shared among the tables."""
        share = max(1, MOST_AHEAD // len(self._queues))
        steps = [sum(reader.is_busy + len(reader.done) for reader in each.readers) for each in self._queues]
        own = steps[self._queues.index(queue)]
        ahead = sum(steps)
        return self._ended_by is None and own < share and ahead < MOST_AHEAD and self._more_may_be_asked(ahead)

    def _go_on(self) -> None:
        """Begin the next step of every reader that is idle, as far as they may."""
        for queue in self._queues:
            for reader in queue.readers:
                if not (reader.is_busy or reader.is_over) and self._may_ask(queue):
                    self._step(reader)

    def _step(self, reader: _Reader[Any, Any]) -> None:
        reader.is_busy = True
        self._pool.submit(next, reader.steps, None).add_done_callback(partial(self._note, reader))

    def _note(self, reader: _Reader[Any, Any], step: Future[Any]) -> None:
        """Take note of a step that is done; called in the thread that did it."""
        with self._changed:
            error = step.exception()
            reader.is_busy = False
            reader.is_over = error is not None or step.result() is None
            reader.done.append(step)
            if isinstance(error, ENDING):
                self._ended_by = self._ended_by or error
            self._go_on()
            self._changed.notify_all()

    def _wait(self, queue: _Queue[Any, Any]) -> None:
        """Wait until some table can go on."""
        everyone = [reader for each in self._queues for reader in each.readers]
        while not any(reader.done for reader in everyone) and any(reader.is_busy for reader in everyone):
            self._changed.wait()
        if self._ended_by is not None:
            alive = [reader for reader in queue.readers if reader.is_busy or reader.done]
            queue.is_cut = queue.is_cut or len(alive) < len(queue.readers)
            queue.readers[:] = alive
