"""What a load costs as accounts, campaigns and events grow: the same three loads at three sizes of each.

The sandbox runs in a process of its own. Seconds are those of a machine that has other things to do, so what is told
of them is ratios.
"""

import json
import logging
import random
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from zlib import decompress

import duckdb

from benchmarks.outreach import Outreach
from benchmarks.serving import ServedWorld, world_server

logger = logging.getLogger(__name__)

SIZES: Final[Mapping[str, Sequence[int]]] = {
    "accounts": (1, 2, 4),
    "campaigns": (30, 90, 300),
    "events": (1, 4, 16),
}
"""By what grows, the sizes; those of the events multiply the e-mails of 12 campaigns."""
FIRST, QUIET, MOVED = LOADS = ("first", "nothing new", "a fifteenth moved")
MOVED_OF: Final = 15
"""Of so many campaigns one moves: of those that are running, a fifth, one in three."""

_MOVED_OF_RUNNING: Final = 3
_HOUR: Final = 3_600
_NEW_ROWS: Final = 3
_NEWEST_STATES: Final = """
    SELECT arg_max(state, _dlt_load_id), count(*) FROM snovio._dlt_pipeline_state GROUP BY pipeline_name
"""


def measured() -> dict[str, list[dict[str, Any]]]:
    """All loads of all sizes, by what grows."""
    return {kind: [_grown(kind, size) for size in sizes] for kind, sizes in SIZES.items()}


def _grown(kind: str, size: int) -> dict[str, Any]:
    moves: Sequence[Callable[[ServedWorld], None]] = (_stay, _stay, _move)
    with world_server(kind, size) as served, tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        client_id, client_secret = next(iter(served.accounts.values()))
        outreach = Outreach(Path(folder), served.url, client_id, client_secret, settings=served.settings())
        loads = []
        for name, move in zip(LOADS, moves, strict=True):
            move(served)
            loads.append({"load": name, **_load(outreach)})
            logger.info("%d %s, %s: %s", size, kind, name, ", ".join(_told(loads[-1])))
    return {"size": size, "loads": loads}


def _stay(_: ServedWorld) -> None:
    pass


def _move(served: ServedWorld) -> None:
    """An hour passes, and one in so many campaigns sends and is opened."""
    served.move(action="advance", seconds=_HOUR)
    count = max(1, len(served.running) // _MOVED_OF_RUNNING)
    for campaign_id in random.Random(count).sample(served.running, count):  # noqa: S311  # which ones is no secret
        for table in ("emails_sent", "email_opens"):
            served.move(action="add_events", account="default", table=table, campaign_id=campaign_id, count=_NEW_ROWS)


def _load(outreach: Outreach) -> dict[str, Any]:
    """One load of all accounts, and what was planned for it."""
    planned = json.loads(outreach.run("plan", "snovio", "--account", "all", "--json").output)
    found = outreach.run("load", "snovio", "--account", "all", "--json")
    accounts = json.loads(found.output)["accounts"]
    tables = [table for account in accounts for table in account["tables"]]
    packed, plain, kept = _states(outreach.warehouse)
    return {
        "calls": sum(account["calls"] for account in accounts),
        "least": planned["least"],
        "most": planned["most"],
        "rows": sum(table["stored"] or 0 for table in tables),
        "events": sum(table["stored"] or 0 for table in tables if table["table"] == "emails_sent"),
        "records": len(tables),
        "seconds": found.wall,
        "cpu": found.cpu,
        "peak_mb": found.peak_mb,
        "state_packed": packed,
        "state_plain": plain,
        "states_kept": kept,
        "file_bytes": outreach.warehouse.stat().st_size,
    }


def _states(warehouse: Path) -> tuple[int, int, int]:
    """Bytes of the newest state of every account, as it is stored and as it is, and how many states there are."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        found = connection.execute(_NEWEST_STATES).fetchall()
    packed = [state.encode() for state, _ in found]
    return sum(map(len, packed)), sum(len(decompress(b64decode(one))) for one in packed), sum(one[1] for one in found)


def _told(load: Mapping[str, Any]) -> Iterator[str]:
    yield f"{load['calls']:,} calls"
    yield f"{load['rows']:,} rows"
    yield f"{load['seconds']:.1f} s"
    yield f"{load['peak_mb']:.0f} MB"
    yield f"state {load['state_plain']:,} bytes, {load['state_packed']:,} packed"
