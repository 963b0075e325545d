"""What loads cost a PostgreSQL server: sessions, time in which no other may write, bytes; and what others' rows cost.

The server is that of the tests: on this machine, and it waits for no disk.
"""

import json
import logging
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg2

from benchmarks.outreach import Outreach
from benchmarks.serving import ServedWorld, world_server
from tests.destinations.server import Server, running

logger = logging.getLogger(__name__)

SMALL: Final = 30
"""Campaigns of the account that is loaded again and again."""

_LARGE: Final = 16
_REPETITIONS: Final = 3
_SECONDS_BETWEEN_LOOKS: Final = 0.02
_SESSIONS: Final = """
    SELECT count(*), coalesce(bool_or(application_name LIKE '%% writes %%'), false)
    FROM pg_stat_activity WHERE datname = %s
"""
_BYTES: Final = """
    SELECT n.nspname, c.relname, pg_total_relation_size(c.oid), c.reltuples::bigint
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname LIKE 'snovio%'
"""


@dataclass(slots=True)
class Watched:
    """What was seen of a database's sessions, the looking one aside.

    Args:
        sessions: The most at once.
        looks: How often one looked.
        writing: In how many of these looks a load had its turn to write.
    """

    sessions: int = 0
    looks: int = 0
    writing: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def look(self, server: Server, database: str) -> None:
        """Look until it is over."""
        with closing(psycopg2.connect(server.url())) as session, session.cursor() as cursor:
            session.autocommit = True
            while not self._over.wait(_SECONDS_BETWEEN_LOOKS):
                cursor.execute(_SESSIONS, (database,))
                [(sessions, writing)] = cursor.fetchall()
                self.sessions = max(self.sessions, sessions)
                self.looks += 1
                self.writing += writing

    @contextmanager
    def on(self, server: Server, database: str) -> Iterator[None]:
        """Look while the context is open."""
        looking = threading.Thread(target=self.look, args=(server, database))
        looking.start()
        try:
            yield
        finally:
            self._over.set()
            looking.join()


def measured() -> dict[str, Any]:
    """A small account alone, loaded first and again; then beside one with many rows, loaded again."""
    with (
        running() as server,
        world_server("campaigns", SMALL) as small,
        world_server("events", _LARGE) as large,
        tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder,
    ):
        database = server.database()
        one = _outreach(Path(folder), small, "small", server.url(database))
        other = _outreach(Path(folder), large, "large", server.url(database))
        first = _load(one, "small", server, database)
        alone = _again(one, server, database)
        beside = _load(other, "large", server, database)
        found = {"first": first, "alone": alone, "large": beside, "beside": _again(one, server, database)}
        server.run("ANALYZE", database=database)
        bytes_of = [
            {"schema": schema, "table": table, "bytes": size, "rows": max(rows, 0)}
            for schema, table, size, rows in server.run(_BYTES, database=database)
        ]
    return {"loads": found, "tables": bytes_of}


def _outreach(folder: Path, served: ServedWorld, account: str, url: str) -> Outreach:
    """The command line of an account of that name."""
    own = folder / account
    own.mkdir()
    client_id, client_secret = served.accounts["default"]
    section = f"SOURCES__SNOVIO__ACCOUNTS__{account.upper()}__"
    settings = {
        f"{section}CLIENT_ID": client_id,
        f"{section}CLIENT_SECRET": client_secret,
        "DESTINATION__POSTGRES__CREDENTIALS": url,
    }
    return Outreach(own, served.url, client_id, client_secret, settings=settings)


def _again(outreach: Outreach, server: Server, database: str) -> dict[str, float]:
    """Loads with nothing new; the median of each figure."""
    found = [_load(outreach, "small", server, database) for _ in range(_REPETITIONS)]
    return {figure: median(one[figure] for one in found) for figure in found[0]}


def _load(outreach: Outreach, account: str, server: Server, database: str) -> dict[str, float]:
    watched = Watched()
    with watched.on(server, database):
        found = outreach.run("load", "snovio", "--account", account, "--destination", "postgres", "--json")
    [report] = json.loads(found.output)["accounts"]
    load = {
        "calls": report["calls"],
        "rows": sum(table["stored"] or 0 for table in report["tables"]),
        "seconds": found.wall,
        "cpu": found.cpu,
        "sessions": watched.sessions,
        "writing": found.wall * watched.writing / watched.looks,
    }
    logger.info("%s into PostgreSQL: %s", account, ", ".join(_told(load)))
    return load


def _told(load: Mapping[str, float]) -> Iterator[str]:
    yield f"{load['rows']:,} rows"
    yield f"{load['seconds']:.1f} s, {load['writing']:.1f} s of them writing"
    yield f"{load['sessions']:.0f} sessions"
