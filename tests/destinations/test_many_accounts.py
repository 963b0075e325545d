"""Twenty accounts on four workers at once, into one PostgreSQL: each has its rows, and the limit is kept."""

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from tests.command_line import SECTION, CommandLine
from tests.destinations.conftest import TO_POSTGRES
from tests.destinations.dataset import PostgresDataset
from tests.destinations.server import Server
from tests.destinations.workers import Turn, load_at_once, move, small_accounts
from tests.faults.phases import Death
from tests.faults.processes import KILLED, loads_at_once
from tests.sandbox.server import SandboxServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # forty seconds, unless the machine is busy

ACCOUNTS = tuple(f"client{number:02}" for number in range(1, 21))
ON_MACHINES = ACCOUNTS[:6]
"""Those that are loaded on several machines."""
WORKERS = 4
TABLES = (
    "campaigns", "campaign_details", "emails_sent", "email_opens", "recipient_activity", "completed_prospects",
    "list_prospects", "list_prospect_emails", "custom_fields",
)  # fmt: skip
"""Tables kept in each of the ways."""
LOAD = ("--select", ",".join(TABLES), *TO_POSTGRES)
MINUTE = 1.0
"""Seconds of a minute here, for the sandbox and for the loads."""
ALLOWED = 20
ALLOWED_EACH = 5
COME_TO_WRITE = """
    SELECT bool_or(wait_event_type = 'Lock' AND query LIKE 'CREATE SCHEMA%%'),
        count(*) FILTER (WHERE application_name LIKE '%% writes %%')
    FROM pg_stat_activity WHERE datname = %s
"""
"""Whether somebody is about to make a schema, and how many write or wait for their turn to do so."""


def test_twenty_accounts_on_four_workers_of_which_one_is_killed(
    outreach: CommandLine, snovio: PostgresDataset, postgres: Server, database: str, tmp_path: Path
) -> None:
    """First loads on one machine, which keeps one limit; then loads of what moved on four, with a limit each."""
    world = small_accounts(ACCOUNTS)
    with loads_at_once(tmp_path, WORKERS) as workers:
        with SandboxServer(world, calls_per_minute=ALLOWED, time_scale=60 / MINUTE) as server:
            use(outreach, server, ALLOWED)
            killed = {ACCOUNTS[5]: Death("merging", 4, 0)}
            with first_writes_meet(postgres, database):
                turns = load_at_once(workers, [outreach] * WORKERS, ACCOUNTS, LOAD, killed, MINUTE)
            assert_loaded(turns, ACCOUNTS, killed)
            assert_right(snovio, server)
            assert_limited(server)
            assert server.most_calls_in_a_window() == ALLOWED

        for place, account in enumerate(ON_MACHINES):
            move(world, account, place)
        with SandboxServer(world, calls_per_minute=ALLOWED_EACH, time_scale=60 / MINUTE, limit_each=True) as server:
            use(outreach, server, ALLOWED_EACH)
            # one folder for all limits, else the account of the killed load would have two of them
            outreach.environment |= {f"{SECTION}OWN_LIMIT": "true", "XDG_CACHE_HOME": str(tmp_path / "cache")}
            machines = [replace(outreach, data=tmp_path / f"machine-{number}") for number in range(WORKERS)]
            killed = {ON_MACHINES[2]: Death("asking", 5, 0)}
            turns = load_at_once(workers[::-1], machines, ON_MACHINES, LOAD, killed, MINUTE)
            assert_loaded(turns, ON_MACHINES, killed)
            assert_right(snovio, server)
            assert_limited(server)
            assert max(map(server.most_calls_in_a_window, ON_MACHINES)) == ALLOWED_EACH
            assert server.most_calls_in_a_window() > ALLOWED_EACH


@contextmanager
def first_writes_meet(postgres: Server, database: str) -> Iterator[None]:
    """Let nobody make a schema until every worker has come to write, so that all of them would make it at once."""
    with closing(psycopg2.connect(postgres.url(database))) as holder, holder.cursor() as cursor:
        cursor.execute("LOCK TABLE pg_namespace IN SHARE MODE")

        over = threading.Event()

        def let_go() -> bool:
            met = False
            while not (met or over.wait(0.1)):
                met = postgres.run(COME_TO_WRITE, database) == [(True, WORKERS)]
            time.sleep(1)  # for those that do not wait for their turn
            holder.rollback()
            return met

        with ThreadPoolExecutor(1) as pool:
            meeting = pool.submit(let_go)
            try:
                yield
            finally:
                over.set()
            assert meeting.result()


def use(outreach: CommandLine, server: SandboxServer, allowed: int) -> None:
    """Point the settings at a sandbox that keeps a limit, and keep it too."""
    outreach.use(server, *ACCOUNTS)
    outreach.environment[f"{SECTION}REQUESTS_PER_MINUTE"] = str(allowed)
    outreach.environment[f"{SECTION}BLOCK_SECONDS"] = str(MINUTE)


def assert_loaded(turns: Sequence[Turn], accounts: Sequence[str], killed: Collection[str]) -> None:
    """All ended well but those that were killed, which another worker loaded then; every worker had its turn."""
    ends = sorted((turn.account, turn.ended.code) for turn in turns)
    output = "\n".join(turn.ended.output for turn in turns if turn.ended.code not in {0, KILLED})
    assert ends == sorted([*((name, 0) for name in accounts), *((name, KILLED) for name in killed)]), output
    assert {turn.worker for turn in turns} == set(range(WORKERS))
    for name in killed:
        dead, again = (turn.worker for turn in turns if turn.account == name)
        assert dead != again


def assert_limited(server: SandboxServer) -> None:
    """Nothing was refused, and calls of several accounts came at once."""
    assert server.rate_limited == 0
    assert server.violations == []
    at_once = max(
        len({other.account for other in server.log if 0 <= other.at - call.at < MINUTE}) for call in server.log
    )
    assert at_once > 1


def assert_right(snovio: PostgresDataset, server: SandboxServer) -> None:
    """Every account has the rows that the sandbox shows of it, nobody else has any, and no history was made up."""
    assert {name: found for name in ACCOUNTS if (found := snovio.differences(server, name, tables=TABLES))} == {}
    for table in snovio.tables():
        holders = snovio.query(f"SELECT DISTINCT account FROM {table}")  # noqa: S608  # our own names
        assert {row["account"] for row in holders} <= set(ACCOUNTS), table
    assert [name for name in ACCOUNTS if snovio.closed("campaigns", name)] == []
