"""What a run may still spend, and whether it was told to stop; one object shared by all threads of a run."""

import contextlib
import queue
import threading
import time

from sources.errors import Stopped, StopReason

_SIGNALS = (StopReason.SIGTERM, StopReason.SIGINT)


class Budget:
    """Counts calls and time, and ends every wait when the run must stop.

    Args:
        max_requests: The most HTTP requests to send, or None for no bound.
        max_seconds: The most seconds to run, counted from now, or None for no bound.
    """

    def __init__(self, *, max_requests: int | None = None, max_seconds: float | None = None) -> None:
        self._max_requests = max_requests
        self._ends_at = None if max_seconds is None else time.monotonic() + max_seconds
        self._calls = 0
        self._lock = threading.Lock()
        self._reason: StopReason | None = None
        # Not an Event: a signal handler that sets an Event while its own thread is inside `wait` can deadlock.
        # SimpleQueue.put is documented as reentrant. One item in it means: told to stop.
        self._told: queue.SimpleQueue[None] = queue.SimpleQueue()

    @property
    def calls(self) -> int:
        """Every HTTP request sent so far, token calls and retries included."""
        return self._calls

    @property
    def calls_left(self) -> int | None:
        """How many more may be sent; None: no bound."""
        return None if self._max_requests is None else max(0, self._max_requests - self._calls)

    def stop(self, reason: StopReason) -> None:
        """Tells every thread of the run to stop and ends their waits; may be called from a signal handler.

        Args:
            reason: Why. The first reason stands, but a signal overrules any other.
        """
        if self._reason is None or (reason in _SIGNALS and self._reason not in _SIGNALS):
            self._reason = reason
        self._told.put(None)

    def check(self) -> None:
        """Returns while the run may go on.

        Raises:
            Stopped: The run was told to stop, or its time is over.
        """
        if self._reason is not None:
            raise Stopped(self._reason)
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            raise Stopped(StopReason.MAX_MINUTES)

    def spend(self) -> None:
        """Counts one call that is about to be sent.

        Raises:
            Stopped: The run must stop, or this call would be one too many; it is not counted then.
        """
        self.check()
        with self._lock:
            if self._max_requests is not None and self._calls >= self._max_requests:
                raise Stopped(StopReason.MAX_REQUESTS)
            self._calls += 1

    def give_back(self) -> None:
        """Takes back one `spend` whose call was not sent after all."""
        with self._lock:
            self._calls -= 1

    def wait(self, seconds: float) -> None:
        """Sleeps, unless the run must stop first.

        Args:
            seconds: How long. A wait that could only end after the time budget ends the run at once instead.

        Raises:
            Stopped: From within the wait, as soon as the run is told to stop.
        """
        self.check()
        if self._ends_at is not None and time.monotonic() + seconds > self._ends_at:
            raise Stopped(StopReason.MAX_MINUTES)
        with contextlib.suppress(queue.Empty):
            self._told.get(timeout=max(seconds, 0.0))
            self._told.put(None)  # wakes the next thread that waits
        self.check()
