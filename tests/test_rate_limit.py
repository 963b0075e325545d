"""The limiter: the window as the server sees it, blocks, and stores and clocks that misbehave."""

import logging
import random
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sources.rate_limit import RateLimiter, shared_store

WINDOW = 60.0


class Time:
    """A clock that only moves when somebody waits, or is set."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        """Passes the time and notes it."""
        self.waits.append(seconds)
        self.now += seconds

    def limiter(self, calls_per_minute: int, store: Path | None = None) -> RateLimiter:
        """Makes a limiter that lives by this clock, like one in a process of its own."""
        return RateLimiter(
            calls_per_minute=calls_per_minute,
            store=store,
            wait=self.wait,
            window_seconds=WINDOW,
            clock=lambda: self.now,
        )


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "limits" / "api.sqlite"


def call(limiter: RateLimiter, clock: Time, *, seconds: float = 0.0) -> float:
    """Makes one call whose answer begins after so many seconds; returns when it was sent."""
    place = limiter.acquire()
    sent = clock.now
    clock.now += seconds
    limiter.arrived(place)
    return sent


def most_in_a_window(times: list[float], window: float) -> int:
    return max(sum(start <= moment < start + window for moment in times) for start in times)


def test_a_burst_up_to_the_limit_then_a_sliding_window(clock: Time) -> None:
    limiter = clock.limiter(3)
    sent = [call(limiter, clock, seconds=1.0) for _ in range(7)]
    assert sent == [1000.0, 1001.0, 1002.0, 1061.0, 1062.0, 1063.0, 1122.0]


def test_the_window_begins_when_the_call_has_arrived(clock: Time) -> None:
    """A call may reach the server only just before its answer begins: it counts from then on."""
    limiter = clock.limiter(1)
    call(limiter, clock, seconds=20.0)
    assert call(limiter, clock) == 1000.0 + 20.0 + WINDOW


def test_a_call_on_its_way_holds_its_place(clock: Time) -> None:
    limiter = clock.limiter(1)
    first = limiter.acquire()
    waits: list[float] = []

    def arrive_late(seconds: float) -> None:
        waits.append(seconds)
        clock.now += seconds
        if len(waits) == 1:
            clock.now -= 55.0
            limiter.arrived(first)
            clock.now += 55.0

    limiter._wait = arrive_late  # noqa: SLF001  # the moment between two tries is what is tested
    limiter.acquire()
    assert waits == [60.0, 5.0]


def test_unlimited_never_waits_but_obeys_a_block(clock: Time, store: Path) -> None:
    limiter = clock.limiter(0, store)
    for _ in range(200):
        call(limiter, clock)
    assert clock.waits == []
    clock.limiter(0, store).block(300.0)
    assert call(limiter, clock) == 1300.0


def test_a_block_stops_every_process_and_lowers_the_rate(clock: Time, store: Path) -> None:
    mine, theirs = clock.limiter(10, store), clock.limiter(10, store)
    call(mine, clock)
    theirs.block(300.0)
    assert call(mine, clock) == 1300.0
    assert [call(mine, clock) for _ in range(8)] == [1300.0] * 7 + [1360.0]


def test_blocks_of_calls_under_way_together_are_one(clock: Time) -> None:
    """The block is prolonged, never shortened, and takes its fifth of the rate once."""
    limiter = clock.limiter(10)
    limiter.block(300.0)
    clock.now += 1.0
    limiter.block(300.0)
    limiter.block(10.0)
    assert [call(limiter, clock) for _ in range(9)] == [1301.0] * 8 + [1301.0 + WINDOW]


def test_the_full_rate_comes_back_after_an_hour(clock: Time) -> None:
    limiter = clock.limiter(10)
    limiter.block(300.0)
    clock.now += 300.0 + 3600.0
    assert {call(limiter, clock) for _ in range(10)} == {4900.0}


def test_the_place_of_a_killed_process_comes_free(clock: Time, store: Path) -> None:
    clock.limiter(1, store).acquire()
    limiter = clock.limiter(1, store)
    assert WINDOW <= call(limiter, clock) - 1000.0 <= 2 * WINDOW


def test_a_clock_that_starts_anew_costs_one_window_at_most(clock: Time, store: Path) -> None:
    """After a restart of the machine the file holds times in the future."""
    before = clock.limiter(2, store)
    call(before, clock)
    call(before, clock)
    clock.now = 5.0
    assert call(clock.limiter(2, store), clock) == 5.0 + WINDOW


def test_a_block_from_the_future_lasts_no_longer_than_it_was_meant(clock: Time, store: Path) -> None:
    clock.limiter(2, store).block(300.0)
    clock.now = 5.0
    assert call(clock.limiter(2, store), clock) == 305.0


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_corrupt_store_is_replaced(
    clock: Time, store: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    store.parent.mkdir()
    store.write_bytes(content)
    call(clock.limiter(1, store), clock)
    assert "corrupt" in caplog.text
    assert call(clock.limiter(1, store), clock) == 1000.0 + WINDOW  # shared again


def test_an_unusable_store_limits_this_process_alone(
    clock: Time, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    limiter = clock.limiter(1, tmp_path / "file" / "api.sqlite")
    assert [call(limiter, clock), call(limiter, clock)] == [1000.0, 1000.0 + WINDOW]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "not shared with other processes" in caplog.text


def test_a_store_that_vanishes_is_made_again(clock: Time, store: Path) -> None:
    limiter = clock.limiter(1, store)
    call(limiter, clock)
    store.unlink()
    call(limiter, clock)
    assert store.exists()


def test_the_store_stays_small(clock: Time, store: Path) -> None:
    limiter = clock.limiter(5, store)
    for _ in range(50):
        call(limiter, clock)
    with sqlite3.connect(store) as db:
        assert db.execute("SELECT count(*) FROM places").fetchone()[0] <= 5
    db.close()


def test_the_shared_store_is_one_per_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert shared_store("https://api.example.com/v1") == tmp_path / "outreach-elt" / "api.example.com.sqlite"
    assert shared_store("http://127.0.0.1:80") != shared_store("http://127.0.0.1:8080")
    assert ":" not in shared_store("http://[::1]:8080").name


def test_threads_share_one_window(store: Path) -> None:
    limiter = RateLimiter(calls_per_minute=10, store=store, wait=time.sleep, window_seconds=0.2)
    times: list[float] = []

    def make_calls() -> None:
        for _ in range(8):
            place = limiter.acquire()
            times.append(time.monotonic())
            limiter.arrived(place)

    threads = [threading.Thread(target=make_calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == 32
    assert most_in_a_window(times, 0.2) <= 10


class ArrivalServer(ThreadingHTTPServer):
    """Notes when calls arrive, each after a journey of its own."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ArrivalHandler)
        self.arrivals: list[float] = []
        self.random = random.Random(7)


class ArrivalHandler(BaseHTTPRequestHandler):
    """Answers every call with an empty list, some of them late."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Notes the arrival after a journey."""
        assert isinstance(self.server, ArrivalServer)
        time.sleep(self.server.random.choice([0.0, 0.0, 0.0, 0.15]))
        self.server.arrivals.append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
        """Keeps quiet."""


@pytest.fixture
def server() -> Iterator[ArrivalServer]:
    with ArrivalServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


CALLS = """
    import sys, time, httpx
    from concurrent.futures import ThreadPoolExecutor
    from pathlib import Path
    from sources.budget import Budget
    from sources.http import HttpClient
    from sources.rate_limit import RateLimiter

    budget = Budget()
    limiter = RateLimiter(calls_per_minute=8, store=Path(sys.argv[2]), wait=budget.wait, window_seconds=0.4)
    with HttpClient(base_url=sys.argv[1], auth=httpx.Auth(), limiter=limiter, budget=budget,
                    is_allowed=lambda *_: True, config_section="sources.example") as http:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: http.request("GET", "/", endpoint="rows"), range(16)))
"""


def test_two_processes_never_exceed_the_limit_as_the_server_sees_it(server: ArrivalServer, store: Path) -> None:
    """With journeys from 0 to 150 ms a limiter that counts times of sending would put too many into a window."""
    command = [sys.executable, "-c", textwrap.dedent(CALLS), f"http://127.0.0.1:{server.server_port}", str(store)]
    processes = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603  # our own code
    assert [process.wait(30) for process in processes] == [0, 0]
    assert len(server.arrivals) == 32
    assert most_in_a_window(server.arrivals, 0.4) <= 8
    # It is not merely slow: the places are used as soon as they come free.
    assert max(server.arrivals) - min(server.arrivals) < 4.0
