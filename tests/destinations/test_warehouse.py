"""The commands around the warehouse do on PostgreSQL what they do on DuckDB: marts, verify, dashboard, erase."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from pipelines import marts_build
from pipelines.postgres_server import Server as OurServer
from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.destinations.conftest import TO_POSTGRES
from tests.destinations.server import Server
from tests.pipelines.parsed_once import ParsedOnce
from tests.sandbox.canary import CANARY

pytestmark = pytest.mark.slow

EVENTS = ("emails_sent", "email_opens", "email_replies", "recipient_activity")
SELECT = (
    "--select",
    f"campaigns,campaign_analytics,email_clicks,{','.join(EVENTS)},prospect_lists,list_prospects,list_prospect_emails",
)
SETTLED = (NOW - timedelta(days=7)).date()
"""Before this day, no read of what is new changes anything."""
TABLES = """
    SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
"""
HISTORY = "marts_history.snovio__list_memberships_seen"
PEOPLE = f"SELECT min(lower(email)) FROM {HISTORY} UNION SELECT min(lower(user_email)) FROM snovio.emails_sent"  # noqa: S608
"""Somebody who is in a list, and somebody who was written to."""
SILENT = """
    SELECT c.relname, a.attname FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'marts'::regnamespace AND c.relkind = 'r'
        AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)
"""
"""Columns of marts that nobody says anything of."""


@pytest.fixture(autouse=True, scope="module")
def _parsed_once() -> Iterator[None]:
    """Spares the verifications most of what dbt takes."""
    with patch.object(marts_build, "dbtRunner", ParsedOnce):
        yield


class Database:
    """The database that the commands use.

    Args:
        server: The server.
        name: The database.
    """

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self._name = name

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        return self._server.run(statement, *values, database=self._name)

    def delete_by_hand(self) -> set[tuple[int, str]]:
        """Delete an event of each kind, on a day of a campaign of its own each; return where."""
        rng, places = Random(7), set[tuple[int, str]]()
        for table in EVENTS:
            query = (
                f"SELECT campaign_id, event_date::text, ctid::text FROM snovio.{table} "  # noqa: S608  # our own tables
                f"WHERE event_date < %s {'AND event_type = ANY(%s)' * (table == EVENTS[-1])} ORDER BY 1, 2, 3"
            )
            counted = [["bounce"]] if table == EVENTS[-1] else []
            found = [row for row in self.run(query, SETTLED, *counted) if row[:2] not in places]
            campaign, day, row = rng.choice(found)
            self.run(f"DELETE FROM snovio.{table} WHERE ctid = %s::tid", row)  # noqa: S608  # likewise
            places.add((campaign, day))
        return places

    def naming(self, addresses: list[str]) -> dict[str, int]:
        """Tables, and how many of their rows have an address anywhere."""
        query = "SELECT count(*) FROM {} AS stored WHERE lower(stored::text) ~ ANY(%s)"
        found = {table: self.run(query.format(table), addresses)[0][0] for (table,) in self.run(TABLES)}
        return {table: rows for table, rows in found.items() if rows}


def test_marts_wait_for_every_load_that_writes(outreach: CommandLine, postgres: Server, database: str) -> None:
    """Whatever it loads, and on whatever machine."""
    waited: list[float] = []
    writing = OurServer("", PostgresCredentials(postgres.url(database))).turn("sendkit", waited.append)
    writing.__enter__()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        built.assert_not_called()
        writing.__exit__(None, None, None)

    with patch("pipelines.marts_build._run") as built, patch("pipelines.marts_build.time.sleep", wait):
        outreach.run("marts", *TO_POSTGRES)
    built.assert_called_once()
    assert len(waited) == 1


def test_what_was_loaded_is_built_verified_shown_published_and_erased(
    sandbox: MakeSandbox, outreach: CommandLine, postgres: Server, database: str
) -> None:
    server, there = sandbox(campaigns=3, scale=0.2, most_prospects=20), Database(postgres, database)
    outreach.use(server)
    outreach.environment[f"{SECTION}ERASE_KEY"] = f"{CANARY}erase-key-0123456789abcdef0123456789"
    answer = outreach.json("load", "snovio", *SELECT, "--marts", *TO_POSTGRES)
    assert (answer["exit_code"], answer["marts"]["failed"], answer["marts"]["skipped"]) == (0, [], [])
    assert answer["marts"]["tests_passed"] > len(answer["marts"]["models"]) > 20
    assert there.run(SILENT) == []

    [account] = outreach.json("verify", *TO_POSTGRES)["accounts"]
    assert account["compared"] == account["equal"] + sum(account["explained"].values())
    assert account["equal"] > 100
    places = there.delete_by_hand()
    [account] = outreach.json("verify", *TO_POSTGRES, expect=3)["accounts"]
    assert {(one["campaign_id"], one["date"]) for one in account["unexplained"]} == places

    page = outreach.elsewhere / "page.html"
    outreach.run("dashboard", "--html", str(page), *TO_POSTGRES)
    assert [name for (name,) in there.run("SELECT campaign FROM marts.snovio__campaigns") if name in page.read_text()]

    outreach.run("publish", "bi", *TO_POSTGRES)
    people = [address for (address,) in there.run(PEOPLE)]
    named = there.naming(people)
    assert {HISTORY, "marts.snovio__campaign_recipients", "snovio.emails_sent", "bi_snovio.emails_sent"} < set(named)
    told = outreach.json("erase", "snovio", "--email", people[0], "--email", people[1], *TO_POSTGRES)
    removed = {one["table"]: one["removed"] for one in told["tables"] if one["table"].startswith("marts")}
    assert set(removed) == {table for table in named if table.startswith("marts")}
    assert all(rows >= named[table] for table, rows in removed.items()), "by an id, or another address, too"
    assert any("outreach publish bi --destination postgres" in one for one in told["not_reached"])
    assert [table for table in there.naming(people) if not table.startswith("bi")] == []
    outreach.run("publish", "bi", *TO_POSTGRES)
    assert there.naming(people) == {}
