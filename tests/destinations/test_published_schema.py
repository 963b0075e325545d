"""Copies in PostgreSQL: what is in them, who may read them, what readers see meanwhile, and what is refused."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from unittest.mock import patch

import psycopg2
import pytest
from dlt.destinations.impl.postgres.configuration import PostgresCredentials
from psycopg2.errors import InsufficientPrivilege

from pipelines import publishable_postgres
from pipelines.postgres_server import Server as OurServer
from pipelines.publishable import Content
from tests.command_line import CommandLine
from tests.conftest import NOW
from tests.destinations.conftest import CREDENTIALS, TO_POSTGRES
from tests.destinations.server import PASSWORD, Server
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world

pytestmark = pytest.mark.slow

PUBLISH = ("publish", "bi", *TO_POSTGRES)
MARTS = """
    CREATE SCHEMA marts; CREATE SCHEMA marts_staging; CREATE SCHEMA marts_history;
    CREATE TABLE marts.daily AS
        SELECT campaign_id, event_date, count(*) AS sent, 1.5::double precision AS rate FROM snovio.emails_sent
        GROUP BY 1, 2;
    COMMENT ON TABLE marts.daily IS 'One row per day; the team''s own, 100%.';
    COMMENT ON COLUMN marts.daily.sent IS 'E-mails sent.';
    CREATE TABLE marts_history.members AS SELECT 1 AS list_id;
    CREATE VIEW marts_staging.sent AS SELECT * FROM snovio.emails_sent;
    CREATE TABLE marts_staging.step AS SELECT * FROM snovio.emails_sent;
    CREATE TABLE snovio.erased_people (person_hash text);
    CREATE SCHEMA payroll; CREATE TABLE payroll.salaries AS SELECT 1 AS salary;
"""
SCHEMAS = {"marts": "bi", "marts_history": "bi_marts_history", "sendkit": "bi_sendkit", "snovio": "bi_snovio"}
"""Where the copy called `bi` has what."""
SENT, DAILY = "SELECT count(*) FROM bi_snovio.emails_sent", "SELECT sum(sent) FROM bi.daily"
AFTERWARDS = 2
"""The copy of a table is asked what it holds before its rows are replaced, and so often in all when they were."""
COMMENTS = """
    SELECT c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = %s::regnamespace AND c.relname = %s
"""


class Warehouse:
    """The database of a test, with what was loaded into it and a role that has no rights yet.

    Args:
        server: The server.
        database: The database.
    """

    def __init__(self, server: Server, database: str) -> None:
        self.server = server
        self.database = database
        self.reader = server.role()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the superuser."""
        return self.server.run(statement, *values, database=self.database)

    @contextmanager
    def reading(self, isolation: str | None = None) -> Iterator[Callable[[str], Any]]:
        """A session of the reader: in one transaction, if its isolation is named; it waits for nobody for long."""
        url = self.server.url(self.database, user=self.reader)
        with closing(psycopg2.connect(url, options="-cstatement_timeout=5s")) as session:
            session.set_session(isolation_level=isolation, autocommit=isolation is None)

            def ask(query: str) -> Any:
                with session.cursor() as cursor:
                    cursor.execute(query)
                    return [value for (value,) in cursor.fetchall()]

            yield ask

    def tables(self, schema: str) -> list[str]:
        """The tables of a schema."""
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s) ORDER BY 1"
        return [name for (name,) in self.run(query, schema)]

    def have_the_same(self, one: str, other: str) -> bool:
        """Whether two tables have the same rows."""
        pairs = ((one, other), (other, one))
        missing = [f"EXISTS (SELECT * FROM {a} AS a EXCEPT ALL SELECT * FROM {b} AS b)" for a, b in pairs]  # noqa: S608
        return self.run(f"SELECT {' OR '.join(missing)}") == [(False,)]


@pytest.fixture(scope="module")
def built(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with both sources and marts, of which each test has a copy."""
    folder, name = tmp_path_factory.mktemp("built"), postgres.database()
    for part in ("project/.dlt", "elsewhere"):
        (folder / part).mkdir(parents=True)
    (folder / "project" / ".dlt" / "config.toml").touch()
    outreach = CommandLine(folder / "project", folder / "elsewhere", folder / "dlt")
    outreach.environment[CREDENTIALS] = postgres.url(name)
    world = build_world(seed=1, now=NOW, campaigns=2, scale=0.05)
    with SandboxServer(world) as snovio, SendkitServer(World(1, NOW, campaigns=2, leads=5)) as sendkit:
        outreach.use(snovio)
        outreach.environment |= {
            "SOURCES__SENDKIT__BASE_URL": sendkit.url,
            "SOURCES__SENDKIT__API_KEY": sendkit.key(),
            "SOURCES__SENDKIT__REQUESTS_PER_MINUTE": "0",
        }
        outreach.run("load", "snovio", "--select", "campaigns,emails_sent,custom_fields", *TO_POSTGRES)
        outreach.run("load", "sendkit", "--select", "campaigns", *TO_POSTGRES)
    postgres.run(MARTS, database=name)
    return name


@pytest.fixture
def warehouse(postgres: Server, built: str, outreach: CommandLine) -> Warehouse:
    """A database with both sources and marts, to which the command line is pointed."""
    found = Warehouse(postgres, postgres.database(built))
    outreach.environment[CREDENTIALS] = postgres.url(found.database)
    return found


@contextmanager
def meanwhile(table: str, act: Callable[[], object]) -> Iterator[None]:
    """Do something in the midst of a publish: when a table's rows are replaced, and nothing is committed."""
    asked: list[str] = []

    def content(session: Any, where: str, columns: Any) -> Content:
        found = publishable_postgres.content(session, where, columns)
        asked.append(where.replace('"', ""))
        if asked[-1] == table and asked.count(table) == AFTERWARDS:
            act()
        return found

    with patch("pipelines.published_table.content", content):
        yield
    assert asked.count(table) == AFTERWARDS, "nothing was replaced"


def test_a_copy_holds_every_row_and_comment_and_is_all_that_its_readers_may_read(
    warehouse: Warehouse, outreach: CommandLine
) -> None:
    shown = outreach.run("--verbose", *PUBLISH, "--json", "--readers", warehouse.reader)
    told = outreach.json(*PUBLISH)
    assert told["size"] > 0
    assert (told["path"], told["format"], told["readers"]) == ("bi", "schema", [warehouse.reader])
    assert PASSWORD not in shown.stdout + shown.stderr

    copied = {(one["dataset"], one["table"]): one["rows"] for one in told["tables"]}
    loaded = [(dataset, table) for dataset in SCHEMAS for table in warehouse.tables(dataset)]
    wanted = [one for one in loaded if not one[1].startswith(("_dlt_version", "_dlt_pipeline", "erased"))]
    assert list(copied) == sorted(wanted)
    assert {("snovio", "campaigns"), ("sendkit", "campaigns"), ("snovio", "_dlt_loads")} < set(copied)
    with warehouse.reading() as ask:
        for (dataset, table), rows in copied.items():
            original, copy = f"{dataset}.{table}", f"{SCHEMAS[dataset]}.{table}"
            assert ask(f"SELECT count(*) FROM {copy}") == [rows]  # noqa: S608  # our own names
            assert warehouse.have_the_same(original, copy), table
            comments = [warehouse.run(COMMENTS, schema, table) for schema in (dataset, SCHEMAS[dataset])]
            assert comments[0] == comments[1], table
            for refused in (f"TABLE {original}", f"TRUNCATE {copy}", f"DROP TABLE {copy}"):
                with pytest.raises(InsufficientPrivilege):
                    ask(refused)
        for refused in (
            "CREATE TABLE bi.mine (one int)",
            "CREATE SCHEMA mine",
            "SELECT salary FROM payroll.salaries",
        ):
            with pytest.raises(InsufficientPrivilege):
                ask(refused)
        record = ask("SELECT concat_ws(' ', dataset, table_name, rows) FROM bi._published")
    assert sorted(record) == sorted(" ".join(map(str, (*table, rows))) for table, rows in copied.items())
    assert "100%" in str(warehouse.run(COMMENTS, "bi", "daily"))
    assert set(SCHEMAS.values()) == {
        name for (name,) in warehouse.run("SELECT nspname FROM pg_namespace") if name[:2] == "bi"
    }


def test_nobody_waits_and_each_reader_has_one_copy_while_it_is_replaced(
    warehouse: Warehouse, outreach: CommandLine
) -> None:
    """Also readers who come to a table only later in their transaction, and those of a view on the copy."""
    outreach.run(*PUBLISH, "--readers", warehouse.reader)
    warehouse.run("CREATE VIEW public.total AS SELECT sum(sent) AS total FROM bi.daily")
    warehouse.run(f"GRANT SELECT ON public.total TO {warehouse.reader}")
    with warehouse.reading("REPEATABLE READ") as early, warehouse.reading() as other:
        sent, [daily] = early(SENT), other(DAILY)
        warehouse.run("DELETE FROM snovio.emails_sent WHERE ctid IN (SELECT ctid FROM snovio.emails_sent LIMIT 3)")
        warehouse.run("UPDATE marts.daily SET sent = sent + 1")
        seen: list[Any] = []
        with meanwhile("bi_snovio.emails_sent", lambda: seen.extend((other(SENT), early(SENT)))):
            outreach.run(*PUBLISH)
        assert seen == [sent, sent]
        assert (early(SENT), early(DAILY)) == (sent, [daily])
        assert other(SENT) == [sent[0] - 3]
        assert other(DAILY) == other("SELECT total FROM public.total")
        assert other(DAILY) > [daily]
    assert warehouse.have_the_same("snovio.emails_sent", "bi_snovio.emails_sent")


def test_a_copy_follows_the_tables_and_leaves_what_others_put_there(
    warehouse: Warehouse, outreach: CommandLine
) -> None:
    """Columns that come, go and change; tables that are gone; new ones, for the same readers."""
    outreach.run(*PUBLISH, "--readers", f"{warehouse.reader},")
    warehouse.run("CREATE TABLE bi.notes AS SELECT 'kept' AS note")
    with warehouse.reading("READ COMMITTED") as ask:
        [daily] = ask(DAILY)
        warehouse.run(
            "ALTER TABLE marts.daily ALTER rate TYPE text, DROP event_date, ADD day date DEFAULT '2026-01-31'; "
            "COMMENT ON COLUMN marts.daily.day IS 'The day.'; CREATE TABLE marts.fresh AS SELECT 1 AS one"
        )
        with patch("pipelines.published_table._SECONDS_TO_TRY", 0.0):
            assert "Run again" in outreach.run(*PUBLISH, expect=1).stderr
        assert ask("SELECT count(rate + 1) > 0 FROM bi.daily") == [True]
    outreach.run(*PUBLISH, "--no-raw")
    assert warehouse.have_the_same("(SELECT campaign_id, sent, rate, day FROM marts.daily)", "bi.daily")
    assert warehouse.run(COMMENTS, "bi", "daily") == warehouse.run(COMMENTS, "marts", "daily")
    assert warehouse.tables("bi") == ["_published", "daily", "fresh", "notes"]
    assert warehouse.tables("bi_snovio") == []
    outreach.run(*PUBLISH, "--dataset", "sendkit")
    with warehouse.reading() as ask:
        assert ask(DAILY) == [daily]
        assert ask("SELECT one FROM bi.fresh") == [1]
        assert ask("SELECT count(*) > 0 FROM bi_sendkit.campaigns") == [True]


def test_a_publish_that_is_killed_or_wrong_leaves_the_old_copy(warehouse: Warehouse, outreach: CommandLine) -> None:
    outreach.run(*PUBLISH)
    warehouse.run("UPDATE marts.daily SET sent = sent + 1; ALTER TABLE snovio.emails_sent ADD extra text DEFAULT 'x'")
    before = warehouse.run("SELECT max(published_at) FROM bi._published"), warehouse.run(DAILY)

    def kill() -> None:
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE %s"
        assert warehouse.run(ended, "outreach, %publishes bi") == [(True,)]

    for table in ("bi.daily", "bi_snovio.emails_sent"):
        with meanwhile(table, kill):
            outreach.run(*PUBLISH, expect=1)
        assert (warehouse.run("SELECT max(published_at) FROM bi._published"), warehouse.run(DAILY)) == before
    warehouse.run(
        "CREATE FUNCTION public.lost() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; "
        "CREATE TRIGGER lost BEFORE INSERT ON bi.daily FOR EACH ROW EXECUTE FUNCTION public.lost()"
    )
    assert "thrown away" in outreach.run(*PUBLISH, expect=1).stderr
    assert (warehouse.run("SELECT max(published_at) FROM bi._published"), warehouse.run(DAILY)) == before
    warehouse.run("DROP TRIGGER lost ON bi.daily")
    outreach.run(*PUBLISH)
    assert warehouse.have_the_same("marts.daily", "bi.daily")
    assert warehouse.have_the_same("snovio.emails_sent", "bi_snovio.emails_sent")


def test_no_load_is_published_before_it_is_whole(warehouse: Warehouse, outreach: CommandLine) -> None:
    """Neither while one writes, whatever it loads, nor after one was killed."""
    waited: list[float] = []
    credentials = PostgresCredentials(warehouse.server.url(warehouse.database))
    writing = OurServer("", credentials).turn("sendkit", waited.append)
    writing.__enter__()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert warehouse.tables("bi") == []
        writing.__exit__(None, None, None)

    with patch("pipelines.publish.time.sleep", wait):
        outreach.run(*PUBLISH)
    assert len(waited) == 1

    warehouse.run("UPDATE snovio.emails_sent SET _dlt_load_id = '9999999999.0'")
    assert "Make it good with: outreach load snovio" in outreach.run(*PUBLISH, expect=1).stderr
    assert not warehouse.have_the_same("snovio.emails_sent", "bi_snovio.emails_sent")


REFUSED: Sequence[tuple[tuple[str, ...], str]] = (
    (("bi.duckdb",), "a name such as bi"),
    (("/srv/bi",), "a name such as bi"),
    (("BI",), "a name such as bi"),
    (("pg_bi",), "a name such as bi"),
    (("public",), "a name such as bi"),
    (("b" * 60,), "takes 63 characters"),
    (("snovio",), "choose another name"),
    (("snovio_staging_north",), "choose another name"),
    (("marts",), "choose another name"),
    (("north_marts_history",), "choose another name"),
    (("payroll",), "no published copy"),
    (("finance",), "finance_snovio exists and is no published copy"),
    (("bi", "--format", "parquet"), "on PostgreSQL a copy is a schema"),
    (("bi", "--dataset", "other"), "holds no dataset other; there are: sendkit, snovio"),
    (("bi", "--readers", "nobody"), 'CREATE ROLE "nobody" LOGIN'),
)
"""What is not published, and what is said."""


def test_what_cannot_be_published_exits_2_and_nothing_is_made(warehouse: Warehouse, outreach: CommandLine) -> None:
    warehouse.run("CREATE SCHEMA finance_snovio")
    there = warehouse.run("SELECT nspname, obj_description(oid) FROM pg_namespace ORDER BY 1")
    for arguments, said in REFUSED:
        shown = outreach.run("publish", *arguments, *TO_POSTGRES, expect=2).stderr
        assert said in " ".join(shown.split()), arguments
    outreach.run("publish", "north", *TO_POSTGRES)
    assert "of the name north_snovio" in outreach.run("publish", "north_snovio", *TO_POSTGRES, expect=2).stderr

    outreach.environment[CREDENTIALS] = warehouse.server.url(warehouse.database, user=warehouse.reader)
    assert "nothing is loaded yet" in outreach.run(*PUBLISH, expect=2).stderr
    for schema in SCHEMAS:
        warehouse.run(f"GRANT USAGE ON SCHEMA {schema} TO {warehouse.reader}")
        warehouse.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {warehouse.reader}")
    assert "GRANT CREATE ON DATABASE" in outreach.run(*PUBLISH, expect=2).stderr
    left = warehouse.run(
        "SELECT nspname, obj_description(oid) FROM pg_namespace WHERE nspname !~ '^north' ORDER BY 1"
    )
    assert left == there


def test_without_marts_there_is_nothing_but_what_loads_wrote(warehouse: Warehouse, outreach: CommandLine) -> None:
    warehouse.run("DROP SCHEMA marts CASCADE; DROP SCHEMA marts_history CASCADE")
    assert "outreach marts --destination postgres" in outreach.run(*PUBLISH, "--no-raw", expect=2).stderr
    assert "bi: 10 tables" in outreach.run(*PUBLISH, "--readers", warehouse.reader).stdout
