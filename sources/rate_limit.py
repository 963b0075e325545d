"""The request limit: a sliding window shared by threads and by all processes of a machine, and the block after a 429.

A call holds a place from before it is sent until one window after the server has surely received it, which is when
its answer begins. However long calls travel, the server therefore never sees more than the limit in any window, and
no margin has to be guessed. That, the block and the lower rate after it change together in one transaction on a
small SQLite file of our own: pyrate-limiter's SQLite bucket keeps the time of sending only, cannot move an entry
afterwards, and knows no block.

Times are the machine's monotonic clock, which is one for all processes and does not jump. It starts anew with the
machine, so a time in the future is one from before and counts as now.
"""

import logging
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import httpx

logger = logging.getLogger(__name__)

T = TypeVar("T")

# What an unlimited caller gets: no row has this id.
_NO_PLACE: Final = 0

# Every block of the last hour takes a fifth of the rate: the limit seems to be lower than we think.
_SLOWER: Final = 0.8
_SLOWER_FOR_SECONDS: Final = 3600.0

# A transaction takes under a millisecond; a lock held longer belongs to a process that was suspended.
_LOCKED_SECONDS: Final = 10.0

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS places (id INTEGER PRIMARY KEY, taken REAL NOT NULL, arrived REAL)",
    "CREATE TABLE IF NOT EXISTS blocks (began REAL NOT NULL, ends REAL NOT NULL)",
)


def shared_store(base_url: str) -> Path:
    """Returns the file that all of this user's processes share for one API.

    One per host and port, whatever the account: whether the limit counts by token, account or address is unknown.

    Args:
        base_url: The API's base URL.
    """
    url = httpx.URL(base_url)
    name = url.host if url.port is None else f"{url.host}_{url.port}"
    return _cache_folder() / "outreach-elt" / f"{name.replace(':', '-')}.sqlite"


def _cache_folder() -> Path:
    configured = os.environ.get("XDG_CACHE_HOME")
    if configured:
        return Path(configured)
    try:
        return Path.home() / ".cache"
    except RuntimeError:  # a container's user without a home
        return Path(tempfile.gettempdir())


class RateLimiter:
    """A sliding window and a block that everything using the same store obeys.

    Args:
        calls_per_minute: The most calls in any window; all may come at once. 0 means no limit, only blocks.
        store: The file that processes share, made when missing. None, a file that cannot be written or one that
            stays locked limits this object alone; a corrupt file is replaced. Both are logged as a warning.
        window_seconds: The length of the window; the limit holds per window.
        wait: Sleeps so many seconds, or raises to end the run.
        clock: Seconds on a clock that all processes share.
    """

    def __init__(
        self,
        *,
        calls_per_minute: int,
        store: Path | None,
        wait: Callable[[float], None],
        window_seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = calls_per_minute
        self._window = window_seconds
        # A place whose process died before the answer began is given up after this long plus a window.
        self._longest_journey = window_seconds / 2
        self._store = _Store(store)
        self._wait = wait
        self._clock = clock

    def acquire(self) -> int:
        """Waits for a place in the window and takes it.

        Returns:
            The place, for `arrived`.
        """
        while True:
            place, seconds = self._store.run(self._take)
            if place is not None:
                return place
            self._wait(seconds)

    def arrived(self, place: int) -> None:
        """Tells that the call of this place has reached the server, or never will; its window begins now.

        Args:
            place: What `acquire` returned.
        """
        if self._limit:
            arrival = (self._clock(), place)
            self._store.run(lambda db: db.execute("UPDATE places SET arrived = ? WHERE id = ?", arrival))

    def block(self, seconds: float) -> None:
        """Stops every process for so long, and lowers the rate for an hour.

        Args:
            seconds: From now on. A block that is on already is prolonged when that ends later.
        """

        def prolong_or_begin(db: sqlite3.Connection) -> None:
            now = self._now(db)
            ends = now + seconds
            if not db.execute("UPDATE blocks SET ends = max(ends, ?) WHERE ends > ?", (ends, now)).rowcount:
                db.execute("INSERT INTO blocks (began, ends) VALUES (?, ?)", (now, ends))

        self._store.run(prolong_or_begin)

    def _take(self, db: sqlite3.Connection) -> tuple[int | None, float]:
        """Returns a place, or None and the seconds after which to try again."""
        now = self._now(db)
        ends, blocks = db.execute("SELECT max(ends), count(*) FROM blocks").fetchone()
        if blocks and ends > now:
            return None, ends - now
        if not self._limit:
            return _NO_PLACE, 0.0
        seconds = self._seconds_to_a_place(db, now, blocks)
        if seconds > 0:
            return None, seconds
        return db.execute("INSERT INTO places (taken) VALUES (?)", (now,)).lastrowid, 0.0

    def _seconds_to_a_place(self, db: sqlite3.Connection, now: float, blocks: int) -> float:
        gone = (now - self._window, now - self._window - self._longest_journey)
        db.execute("DELETE FROM places WHERE arrived <= ? OR (arrived IS NULL AND taken <= ?)", gone)
        limit = max(1, int(self._limit * _SLOWER**blocks))
        # Calls on their way are expected to arrive now; if they take longer, the next try waits for the rest.
        arrivals = db.execute("SELECT coalesce(arrived, ?) FROM places ORDER BY 1", (now,)).fetchall()
        surplus = len(arrivals) - limit
        return 0.0 if surplus < 0 else float(arrivals[surplus][0] + self._window - now)

    def _now(self, db: sqlite3.Connection) -> float:
        """Returns the time, after what was written by a clock that was ahead is brought back to it."""
        now = self._clock()
        db.execute("UPDATE places SET taken = :now WHERE taken > :now", {"now": now})
        db.execute("UPDATE places SET arrived = :now WHERE arrived > :now", {"now": now})
        db.execute("UPDATE blocks SET ends = :now + ends - began, began = :now WHERE began > :now", {"now": now})
        db.execute("DELETE FROM blocks WHERE ends <= ?", (now - _SLOWER_FOR_SECONDS,))
        return now


class _Store:
    """Exclusive transactions on the shared file, or on memory where there is no usable file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._memory: sqlite3.Connection | None = None

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Returns what the work returns, done in one transaction that excludes every other thread and process."""
        with self._lock:
            if self._path is not None:
                try:
                    return self._run_in_file(self._path, work)
                except (sqlite3.Error, OSError) as error:
                    problem = "The request limit is not shared with other processes: %s is unusable (%s)"
                    logger.warning(problem, self._path, error)
                    self._path = None
            if self._memory is None:
                self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            return _transact(self._memory, work)

    def _run_in_file(self, path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return _transact_in(path, work)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            logger.warning("The request limit starts anew: %s was corrupt (%s)", path, error)
            path.unlink(missing_ok=True)
            return _transact_in(path, work)


def _transact_in(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """Opens the file every time: that takes under a millisecond, and no deleted or replaced file is written to.

    Raises:
        sqlite3.OperationalError: The file cannot be written, or stays locked.
        sqlite3.DatabaseError: The file is no database, or a damaged one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=_LOCKED_SECONDS, isolation_level=None)) as db:
        # A crash of the machine may lose the file: its clock starts anew then, and so does the window.
        db.execute("PRAGMA synchronous = OFF")
        return _transact(db, work)


def _transact(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    db.execute("BEGIN IMMEDIATE")
    try:
        for table in _TABLES:
            db.execute(table)
        result = work(db)
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
    return result
