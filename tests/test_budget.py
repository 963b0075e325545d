"""The budget: calls and time are bounded, and every wait ends when the run must stop."""

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from sources.budget import Budget
from sources.errors import Stopped, StopReason


def stop_of(call: Callable[[], object]) -> StopReason:
    with pytest.raises(Stopped) as caught:
        call()
    return caught.value.reason


def test_calls_are_counted_up_to_the_bound() -> None:
    budget = Budget(max_requests=2)
    budget.spend()
    budget.spend()
    assert stop_of(budget.spend) is StopReason.MAX_REQUESTS
    assert budget.calls == 2
    budget.check()  # what was read may still be worked on


def test_a_call_that_was_not_sent_is_given_back() -> None:
    budget = Budget(max_requests=1)
    budget.spend()
    budget.give_back()
    budget.spend()
    assert budget.calls == 1


def test_threads_together_never_exceed_the_bound() -> None:
    budget = Budget(max_requests=500)

    def spend_until_stopped() -> None:
        while True:
            try:
                budget.spend()
            except Stopped:
                return

    threads = [threading.Thread(target=spend_until_stopped) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.calls == 500


def test_time_is_over() -> None:
    budget = Budget(max_seconds=0.0)
    assert stop_of(budget.check) is StopReason.MAX_MINUTES
    assert stop_of(budget.spend) is StopReason.MAX_MINUTES
    assert budget.calls == 0


def test_a_wait_beyond_the_time_ends_at_once() -> None:
    budget = Budget(max_seconds=5.0)
    began = time.monotonic()
    assert stop_of(lambda: budget.wait(60.0)) is StopReason.MAX_MINUTES
    assert time.monotonic() - began < 1.0


def test_an_undisturbed_wait_lasts() -> None:
    began = time.monotonic()
    Budget(max_seconds=5.0).wait(0.05)
    Budget().wait(-1.0)
    assert 0.04 < time.monotonic() - began < 1.0


def test_stop_wakes_every_wait() -> None:
    """All threads that wait end, also those that begin to wait later."""
    budget = Budget()
    reasons: list[StopReason] = []
    threads = [threading.Thread(target=lambda: reasons.append(stop_of(lambda: budget.wait(30.0)))) for _ in range(5)]
    for thread in threads:
        thread.start()
    budget.stop(StopReason.MAX_REQUESTS)
    for thread in threads:
        thread.join(5.0)
    assert reasons == [StopReason.MAX_REQUESTS] * 5
    assert stop_of(lambda: budget.wait(30.0)) is StopReason.MAX_REQUESTS


def test_a_signal_handler_ends_the_main_thread_s_wait() -> None:
    budget = Budget()
    before = signal.signal(signal.SIGTERM, lambda *_: budget.stop(StopReason.SIGTERM))
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    try:
        assert stop_of(lambda: budget.wait(30.0)) is StopReason.SIGTERM
    finally:
        timer.join()
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ((StopReason.SIGTERM, StopReason.SIGINT), StopReason.SIGTERM),
        ((StopReason.SIGINT, StopReason.MAX_REQUESTS), StopReason.SIGINT),
        ((StopReason.MAX_REQUESTS, StopReason.SIGTERM), StopReason.SIGTERM),
    ],
)
def test_the_first_reason_stands_but_a_signal_overrules(told: tuple[StopReason, ...], stands: StopReason) -> None:
    budget = Budget()
    for reason in told:
        budget.stop(reason)
    assert stop_of(budget.check) is stands
