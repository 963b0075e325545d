"""Every fault that a load must survive, as data, and which tests prove it.

A test that proves a row carries `@proves(group, fault)`, wherever in the tests it stands; `test_scenarios.py` fails
while a row has none.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


class Row(NamedTuple):
    """A fault.

    Args:
        group: Where it strikes.
        fault: What happens.
        outcome: What must come of it.
    """

    group: str
    fault: str
    outcome: str


ROWS: Final = (
    Row(
        "process",
        "kill -9 during extract, normalize, load, and between load and commit",
        "the next run ends with exactly the expected rows",
    ),
    Row("process", "SIGTERM, SIGINT", "stops at a page boundary, finished slices committed, exit 143 or 130"),
    Row("process", "a backfill killed late", "at most one slice is asked again"),
    Row("process", "disk full", "clear error, nothing half-committed, resumes when space is back"),
    Row("process", "two runs at once", "the second exits 5 at once, names the holder, touches nothing"),
    Row(
        "process",
        "dlt's working folder lost, or an old copy of it restored",
        "state comes back from the destination; rows right",
    ),
    Row(
        "process",
        "a BI tool holds the DuckDB file",
        "retried for a while, then a message that names the holder and what to do",
    ),
    Row(
        "process",
        "a package left pending, also one from an old copy of the folder",
        "aborted, its slice read again, in the same run",
    ),
    Row(
        "http",
        "429 storm: with Retry-After (0, seconds, date, nonsense), without, with a text body, on the token call",
        "waits, never hammers, ends within its budget or resumably",
    ),
    Row(
        "http",
        "500, 502 with an HTML body, 200 with an HTML body, connection reset, slow drip, timeout",
        "retried; never parsed as data",
    ),
    Row(
        "http",
        "truncated JSON, empty body, null, wrong content type, broken gzip",
        "retried, then an error that names the endpoint",
    ),
    Row("http", "success false, an object where a list belongs", "an error, never zero rows"),
    Row(
        "http",
        "token expired between two pages, token endpoint failing, expiry of 0",
        "renewed once, same page asked again",
    ),
    Row("http", "secret revoked", "exit 4 in seconds, state untouched"),
    Row("http", "redirect to another host", "the token is not sent there"),
    Row("http", "one campaign answers 404 or 422", "recorded, skipped, exit 3; the others are committed"),
    Row(
        "paging",
        "rows added, removed, arriving late or changing between two pages; ties on the second across a page border",
        "present throughout: exactly once; others at most once; exact after a sweep",
    ),
    Row(
        "paging",
        "pages shorter than documented; a page size below the documented one; short and empty pages in the middle; "
        "the list shrinking below the offset; offset ignored by the server; endless pages",
        "nothing lost; a loop is detected and reported",
    ),
    Row("paging", "list not newest first; row ids that change on every call", "right rows, early stop off"),
    Row(
        "time",
        "all four date forms, offsets and zone names, year 0000, a future timestamp, clock jumps on the runner",
        "UTC, or rejected with a reason; watermark not poisoned",
    ),
    Row(
        "data",
        "new column, missing column, type change, list where an object was, number as text",
        "loaded or rejected with a reason; the run goes on",
    ),
    Row(
        "data",
        "two custom fields that normalise to one name, emoji, 500 of them, empty label",
        "kept in the JSON column, none lost",
    ),
    Row(
        "data",
        "lone surrogate, NUL, invalid UTF-8, BOM, 16 MB body, NaN, integers over 64 bits, very deep nesting",
        "cleaned or rejected with a reason; later runs work",
    ),
    Row("data", "null, missing or repeated keys", "rejected or numbered; later runs work"),
    Row("data", "campaign, list or prospect deleted, renamed, moved", "history closed, rows kept"),
    Row("data", "a person erased comes back in the API", "stays out"),
    Row(
        "secrets",
        "a canary secret and token in every test run",
        "found in no log (at any level), error, traceback, table, state, load package, repr or process list",
    ),
    Row("privacy", "error bodies with e-mail addresses", "masked in logs"),
    Row(
        "over time",
        "load N times; full against incremental; any order of backfills",
        "the same rows after a sweep of the still world",
    ),
    Row("over time", "an empty campaign list after a full one", "asked again, exit 3, no history closed"),
)
"""Every fault."""

PROVEN_BY: Final[defaultdict[Row, list[str]]] = defaultdict(list)
"""The tests that prove a row, as far as their files are imported."""


def row_of(group: str, fault: str) -> Row:
    """The row of a group whose fault begins so.

    Raises:
        KeyError: There is none, or more than one.
    """
    found = [row for row in ROWS if row.group == group and row.fault.startswith(fault)]
    if len(found) != 1:
        raise KeyError(f"{group}, {fault}: {len(found)} rows begin so")
    return found[0]


def proves(group: str, fault: str) -> Callable[[Test], Test]:
    """Marks a test as a scenario of a row.

    Args:
        group: The row's group.
        fault: The row's fault, or enough of its beginning to tell it from the others of the group.
    """
    row = row_of(group, fault)

    def note(test: Test) -> Test:
        PROVEN_BY[row].append(f"{test.__module__}.{test.__qualname__}")
        return test

    return note
