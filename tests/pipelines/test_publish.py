"""Published copies: what is in them, who may read them while they are replaced, and what a publish refuses."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from pipelines.published_file import PublishedFile
from pipelines.published_folder import PublishedFolder
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.pipelines.bi_tool import read_file, read_folder
from tests.warehouse import DATASET

pytestmark = pytest.mark.slow

SELECT = ("--select", "campaigns,emails_sent,custom_fields")
LOADED = {"_dlt_loads", "campaigns", "custom_fields", "emails_sent", "rejected_rows", "sync_runs"}
MARTS = """
    CREATE SCHEMA marts; CREATE SCHEMA marts_staging; CREATE SCHEMA marts_history;
    CREATE TABLE marts.daily AS
        SELECT campaign_id, event_date, count(*) AS sent, sum(1::BIGINT) * 1000000000000000001 AS wide
        FROM snovio.emails_sent GROUP BY ALL;
    COMMENT ON TABLE marts.daily IS 'One row per day; the team''s own.';
    COMMENT ON COLUMN marts.daily.sent IS 'E-mails sent.';
    CREATE TABLE marts_history.members AS SELECT 1 AS list_id;
    CREATE VIEW marts_staging.sent AS FROM snovio.emails_sent;
    CREATE TABLE marts_staging.step AS FROM snovio.emails_sent;
    CREATE TABLE snovio.erased_people (person_hash VARCHAR, key_check VARCHAR, erased_at TIMESTAMPTZ);
"""
PUBLISHES = {"duckdb": read_file, "parquet": read_folder}
FORMATS: dict[str, Any] = {"duckdb": PublishedFile, "parquet": PublishedFolder}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that loads leaves its warehouse to the others."""
    return tmp_path_factory.mktemp("loaded") / "outreach.duckdb"


@pytest.fixture
def project(sandbox: MakeSandbox, outreach: CommandLine, loaded: Path) -> CommandLine:
    """A project whose warehouse was loaded, and has marts."""
    if not loaded.exists():
        server = sandbox(campaigns=3, scale=0.1)
        outreach.use(server)
        outreach.run("load", "snovio", *SELECT)
        with duckdb.connect(str(outreach.warehouse.path)) as connection:
            connection.execute(MARTS)
        shutil.copy(outreach.warehouse.path, loaded)
    shutil.copy(loaded, outreach.warehouse.path)
    return outreach


def relations(path: Path) -> Callable[[str], str]:
    """How a query names a table of a copy; the copy of a DuckDB file is attached as `copy`."""
    return (lambda table: f"'{path}/{table}.parquet'") if path.is_dir() else (lambda table: f"copy.{table}")


@pytest.mark.parametrize("kind", PUBLISHES)
def test_a_copy_holds_every_row_and_comment_and_nothing_technical(project: CommandLine, kind: str) -> None:
    target = project.elsewhere / "bi.copy"
    told = project.json("publish", "bi.copy", "--format", kind)
    assert (told["path"], told["format"]) == (str(target), kind)

    tables = {f"{one['dataset']}.{one['table']}": one["rows"] for one in told["tables"]}
    assert set(tables) == {f"{DATASET}.{name}" for name in LOADED} | {"marts.daily", "marts_history.members"}
    named = relations(target)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{project.warehouse.path}' AS warehouse (READ_ONLY)")
        if kind == "duckdb":
            connection.execute(f"ATTACH '{target}' AS copy (READ_ONLY)")
        for table, rows in tables.items():
            assert len(connection.sql(f"FROM {named(table)}")) == rows
            for one, other in ((f"warehouse.{table}", named(table)), (named(table), f"warehouse.{table}")):
                assert connection.sql(f"FROM {one} EXCEPT ALL FROM {other}").fetchall() == [], table
        query = """
            SELECT schema_name, table_name, NULL, comment FROM duckdb_tables() WHERE {0} AND comment IS NOT NULL
            UNION ALL SELECT schema_name, table_name, column_name, comment FROM duckdb_columns()
            WHERE {0} AND comment IS NOT NULL
        """
        comments = set(connection.sql(query.format("database_name = 'warehouse'")).fetchall())
        found = (
            f"FROM {named('_columns')} SELECT dataset, table_name, column_name, meaning WHERE meaning IS NOT NULL"
            if kind == "parquet"
            else query.format("database_name = 'copy'")
        )
        assert set(connection.sql(found).fetchall()) == comments
    assert ("marts", "daily", None, "One row per day; the team's own.") in comments


@pytest.mark.parametrize("options", [("--no-raw",), ("--dataset", DATASET)], ids=" ".join)
def test_what_loads_wrote_may_be_left_out(project: CommandLine, options: tuple[str, ...]) -> None:
    with duckdb.connect(str(project.warehouse.path)) as connection:
        connection.execute("CREATE SCHEMA other")
        for table in ("_dlt_loads", "_dlt_version"):
            connection.execute(f"CREATE TABLE other.{table} AS FROM snovio.{table}")
    told = project.json("publish", "bi.copy", *options)
    assert {table["dataset"] for table in told["tables"]} == {"marts", "marts_history", *options[1:]}


@pytest.mark.parametrize("kind", PUBLISHES)
def test_readers_keep_the_copy_that_they_opened_and_cannot_write_to_it(project: CommandLine, kind: str) -> None:
    target, moment = project.elsewhere / "bi.copy", "SELECT max(published_at)::VARCHAR FROM "
    project.run("publish", "bi.copy", "--format", kind)
    files = list(target.iterdir()) if target.is_dir() else [target]
    assert files
    assert [one for one in files if one.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)] == []

    opened = duckdb.connect(str(target), read_only=True) if kind == "duckdb" else duckdb.connect()
    record = "_published" if kind == "duckdb" else f"'{target.resolve()}/_published.parquet'"
    with opened as reader:
        before = reader.sql(moment + record).fetchall()
        log = project.elsewhere / "bi.copy.wal"
        log.write_bytes(b"of somebody who could write to the old copy")
        project.run("publish", "bi.copy", "--format", kind)
        assert reader.sql(moment + record).fetchall() == before
    assert PUBLISHES[kind](target) > before[0][0]
    assert log.exists() == (kind == "parquet")


@pytest.mark.parametrize("kind", PUBLISHES)
def test_a_copy_that_is_not_what_the_warehouse_holds_is_thrown_away(project: CommandLine, kind: str) -> None:
    """As a disk would do it that loses what it was given."""
    project.run("publish", "bi.copy", "--format", kind)
    before = PUBLISHES[kind](project.elsewhere / "bi.copy")
    opened = FORMATS[kind].opened

    @contextmanager
    def lossy(copy: Any) -> Iterator[duckdb.DuckDBPyConnection]:
        with patch.object(FORMATS[kind], "copied", lambda *_: "(SELECT 1 AS another)"), opened(copy) as connection:
            yield connection

    with patch.object(FORMATS[kind], "opened", lossy):
        shown = project.run("publish", "bi.copy", "--format", kind, expect=1)
    assert "thrown away" in shown.stderr
    assert PUBLISHES[kind](project.elsewhere / "bi.copy") == before
    assert not (project.elsewhere / ".bi.copy.publishing").exists()


def a_text(target: Path, _: Path) -> None:
    target.write_text("kept")


def a_database(target: Path, _: Path) -> None:
    with duckdb.connect(str(target)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")


def a_folder(target: Path, _: Path) -> None:
    target.mkdir()
    (target / "kept").write_text("kept")


def the_warehouse(target: Path, warehouse: Path) -> None:
    target.symlink_to(warehouse)


def a_link_to_elsewhere(target: Path, _: Path) -> None:
    target.symlink_to(target.parent)


@pytest.mark.parametrize("kind", PUBLISHES)
@pytest.mark.parametrize("there", [a_text, a_database, a_folder, the_warehouse, a_link_to_elsewhere])
def test_what_is_no_copy_is_never_replaced(
    project: CommandLine, kind: str, there: Callable[[Path, Path], None]
) -> None:
    target = project.elsewhere / "bi.copy"
    there(target, project.warehouse.path)
    before = contents(project.elsewhere), project.warehouse.path.read_bytes()
    shown = project.run("publish", "bi.copy", "--format", kind, expect=2)
    assert "choose another path" in shown.stderr
    assert (contents(project.elsewhere), project.warehouse.path.read_bytes()) == before


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere/bi.duckdb",), "nowhere is no folder"),
        ((f"{DATASET}.duckdb",), f"has the name of the dataset '{DATASET}'"),
        (("bi.copy", "--dataset", "other"), "holds no dataset other; there are: snovio"),
        (("bi.copy", "--destination", "motherduck"), "motherduck is neither DuckDB nor PostgreSQL"),
        (("bi.copy", "--readers", "bi_reader"), "roles of PostgreSQL"),
    ],
)
def test_what_cannot_be_published_exits_2(project: CommandLine, arguments: tuple[str, ...], said: str) -> None:
    assert said in project.run("publish", *arguments, expect=2).stderr
    assert contents(project.elsewhere) == {}


def test_without_marts_there_is_nothing_but_what_loads_wrote(project: CommandLine) -> None:
    with duckdb.connect(str(project.warehouse.path)) as connection:
        connection.execute("DROP SCHEMA marts CASCADE; DROP SCHEMA marts_history CASCADE")
    assert "outreach marts" in project.run("publish", "bi.copy", "--no-raw", expect=2).stderr
    project.warehouse.path.unlink()
    assert "outreach load" in project.run("publish", "bi.copy", expect=2).stderr


@pytest.fixture
def bi_tool(project: CommandLine) -> Iterator[subprocess.Popen[str]]:
    """A program that reads both copies over and over."""
    for kind in PUBLISHES:
        project.run("publish", f"bi.{kind}", "--format", kind)
    paths = [str(project.elsewhere / f"bi.{kind}") for kind in PUBLISHES]
    command = [sys.executable, "-m", "tests.pipelines.bi_tool", *paths]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        yield process


ROUNDS = 1
"""Loads and publishes; twenty take a minute or two."""


def test_readers_and_loads_never_fail_while_copies_are_replaced(
    sandbox: MakeSandbox, project: CommandLine, bi_tool: subprocess.Popen[str]
) -> None:
    server, rng = sandbox(campaigns=3, scale=0.1), Random(5)
    project.use(server)
    for _ in range(ROUNDS):
        server.world.move(rng)
        with project.start("publish", "bi.duckdb") as beside:
            project.run("load", "snovio", *SELECT)
            project.run("publish", "bi.parquet", "--format", "parquet")
            told = beside.communicate(timeout=120)
        assert beside.returncode == 0, told
    saw = json.loads(bi_tool.communicate("")[0])
    assert saw["failed"] == []
    assert saw["copies"] > 2
    assert saw["reads"] > saw["copies"]


INSTANTS = {
    "duckdb": {"pipelines.published_file:_comments 3": "old", "os:replace 1": "old", "os:fsync 2": "new"},
    "parquet": {"os:fsync 3": "old", "os:symlink 1": "old", "os:replace 2": "old", "os:fsync 10": "new"},
}
"""By format: before which call of which function a publish is killed, and which copy readers have then."""


@pytest.mark.parametrize("kind", INSTANTS)
def test_a_killed_publish_leaves_the_old_copy_or_the_new_one(project: CommandLine, kind: str) -> None:
    with duckdb.connect(str(project.warehouse.path)) as connection:
        connection.execute("DROP SCHEMA marts CASCADE; DROP SCHEMA marts_history CASCADE")
    target, read = project.elsewhere / "bi.copy", PUBLISHES[kind]
    command = [sys.executable, "-m", "tests.pipelines.killed_publish", str(target), kind]
    with subprocess.Popen(  # noqa: S603  # our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=project.whole_environment()
    ) as process:

        def published(until: str) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{until}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        assert published("os:chmod 1") == "killed"
        assert not target.exists()
        assert published("os:abort 1") == "ended"
        moment, found = read(target), {}
        for instant in INSTANTS[kind]:
            assert published(instant) == "killed", instant
            found[instant] = "old" if read(target) == moment else "new"
            moment = read(target)
        assert published("os:abort 1") == "ended"
    assert found == INSTANTS[kind]
    assert read(target) > moment
    versions = {"duckdb": set(), "parquet": {target.resolve()}}[kind]
    left = {path for path in project.elsewhere.iterdir() if path.name.startswith(".")}
    assert len(left - versions) == (kind == "parquet"), left
