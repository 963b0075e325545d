"""A runner whose clock is wrong: everything that asks for the time of day gets one that is off."""

import time
from datetime import datetime, timedelta, tzinfo
from typing import Self

import dlt.common.time
import pendulum
import pytest
from dlt.common.storages import load_package

import pipelines.lock
import sources.reading
import sources.transport


class WrongClock:
    """What the runner takes for the time.

    Args:
        patch: Undoes it all at the end.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._off = 0.0
        self._patch = patch
        wrong = _datetime_of(self)
        for module in (sources.reading, sources.transport, pipelines.lock):
            patch.setattr(module, "datetime", wrong)
        for module in (dlt.common.time, load_package):
            patch.setattr(module, "precise_time", self.seconds)
        right = pendulum.now
        patch.setattr(pendulum, "now", lambda zone=None: right(zone) + timedelta(seconds=self._off))
        self.set()

    def seconds(self) -> float:
        """Seconds since 1970, as the runner believes."""
        return time.time() + self._off

    def set(self, **off: float) -> None:
        """Puts the clock so far ahead of the right time, or behind it; the arguments are those of `timedelta`.

        The next process knows nothing of the clock of those before it.
        """
        self.jump(**off)
        self._patch.setattr(dlt.common.time.increasing_precise_time, "_last", 0.0)

    def jump(self, **off: float) -> None:
        """The same in the middle of a process."""
        self._off = timedelta(**off).total_seconds()


def _datetime_of(clock: WrongClock) -> type[datetime]:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            """The wrong time."""
            return cls.fromtimestamp(clock.seconds(), tz)

    return Wrong
