"""What is PostgreSQL's own: its types and names, its locks, and what is said when something is wrong with it."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from typing import Any

import dlt
import psycopg2
import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from pipelines import destinations
from pipelines.postgres import Client
from pipelines.postgres_server import Server as OurServer
from pipelines.postgres_server import ServerUnreachable
from sources.budget import Budget
from sources.errors import Stopped, StopReason
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.destinations.conftest import CREDENTIALS, TO_POSTGRES
from tests.destinations.dataset import PostgresDataset
from tests.destinations.server import PASSWORD, Server

pytestmark = pytest.mark.slow

FEW = ("--select", "campaigns,campaign_details,email_opens")


def server_of(postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> OurServer:
    """The server as a load on some other machine sees it."""
    monkeypatch.setenv(CREDENTIALS, postgres.url(database))
    Container()[PluggableRunContext].reload_providers()
    found: OurServer = destinations.server_of("postgres")
    return found


def sessions(postgres: Server, what: str) -> list[int]:
    """The server's processes whose sessions say what they are for."""
    query = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE %s"
    return [pid for (pid,) in postgres.run(query, f"outreach, %{what}")]


def test_no_command_shows_the_password_or_leaves_it_anywhere(
    sandbox: MakeSandbox, outreach: CommandLine, snovio: PostgresDataset
) -> None:
    """All commands around the load work, and a table that was forgotten is read again."""
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    load = ("--verbose", "load", "snovio", *FEW, *TO_POSTGRES)
    commands = (("plan", "snovio"), ("state", "show", "snovio"), ("state", "reset", "snovio"), ("status",))
    shown = [outreach.run(*load)]
    before = snovio.everything(without=("sync_runs",))
    shown += [outreach.run(*command, *TO_POSTGRES, "--json") for command in commands]
    status = json.loads(shown[-1].stdout)
    assert status["warehouse"].startswith("postgresql://postgres@/")
    rows = {row["table"]: row["rows"] for row in status["tables"]}
    assert rows["email_opens"] == len(before["email_opens"]) > 0
    server.reset_counts()
    shown.append(outreach.run(*load))
    assert server.calls["email_opens"]
    assert snovio.differences(server, tables=FEW[1].split(",")) == {}
    said = "".join(one.stdout + one.stderr for one in shown)
    assert PASSWORD not in said
    assert not [
        file for file in outreach.data.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()
    ]


def test_a_load_keeps_those_of_other_machines_away(
    sandbox: MakeSandbox,
    outreach: CommandLine,
    postgres: Server,
    database: str,
    snovio: PostgresDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = sandbox(campaigns=1)
    outreach.use(server)
    outreach.run("load", "snovio", "--select", "custom_fields", *TO_POSTGRES)
    rows = snovio.stored("custom_fields")
    server.reset_counts()
    with server_of(postgres, database, monkeypatch).alone("snovio_default", "snovio"):
        shown = outreach.run("load", "snovio", *TO_POSTGRES, expect=5)
        outreach.run("state", "reset", "snovio", *TO_POSTGRES, expect=5)
        assert not server.calls
        outreach.run("load", "snovio", "--select", "custom_fields", "--dataset", "other", *TO_POSTGRES)
    assert "process" in shown.stderr
    assert "since" in shown.stderr
    assert snovio.stored("custom_fields") == rows
    outreach.run("state", "reset", "snovio", "--select", "custom_fields", *TO_POSTGRES)


def test_a_load_whose_lock_is_lost_writes_no_more(
    sandbox: MakeSandbox, outreach: CommandLine, postgres: Server, snovio: PostgresDataset
) -> None:
    """The server ended the session that held it: another machine may be loading by now."""
    server = sandbox(campaigns=1)
    outreach.use(server)

    def end_session(*_: Any) -> None:
        for pid in sessions(postgres, "snovio_default"):
            postgres.run("SELECT pg_terminate_backend(%s, 5000)", pid)

    remove = server.before_each_call(end_session)
    shown = outreach.run("load", "snovio", "--select", "custom_fields", *TO_POSTGRES, expect=1)
    remove()
    assert "keeps other loads away" in shown.stderr
    assert not postgres.run("SELECT 1 FROM pg_namespace WHERE nspname = 'snovio'")
    outreach.run("load", "snovio", "--select", "custom_fields", *TO_POSTGRES)
    assert snovio.differences(server, tables=("custom_fields",)) == {}


def test_loads_write_to_a_dataset_one_after_another(
    postgres: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    outreach: CommandLine,  # noqa: ARG001
) -> None:
    """Two that make its tables at once would fail."""
    server = server_of(postgres, database, monkeypatch)
    waited: list[float] = []

    def turn(wait: Callable[[float], None]) -> AbstractContextManager[None]:
        return server.turn("snovio", wait)

    first = turn(waited.append)
    first.__enter__()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        first.__exit__(None, None, None)

    with turn(wait):
        assert len(waited) == 1
    with server.turn("other", waited.append), turn(waited.append):
        assert len(waited) == 1, "another dataset"


def test_loads_that_wait_write_in_the_order_in_which_they_came(
    postgres: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    outreach: CommandLine,  # noqa: ARG001
) -> None:
    """One that is stopped meanwhile leaves the queue; the server's own limits of time do not count."""
    server = server_of(postgres, database, monkeypatch)
    postgres.run(f"ALTER DATABASE {database} SET lock_timeout = '100ms'")
    postgres.run(f"ALTER DATABASE {database} SET statement_timeout = '100ms'")
    written: list[int] = []
    budget = Budget()

    def write(place: int) -> None:
        with server.turn("snovio", budget.wait if place == 1 else lambda _: None):
            written.append(place)

    def wait_for(waiting: int) -> None:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while postgres.run(query) != [(waiting,)]:
            time.sleep(0.05)

    with ThreadPoolExecutor(4) as pool:
        with server.turn("snovio", lambda _: None):
            loads = []
            for place in range(4):
                loads.append(pool.submit(write, place))
                wait_for(place + 1)
            budget.stop(StopReason.SIGTERM)
            wait_for(3)
            time.sleep(0.3)
        with pytest.raises(Stopped):
            loads.pop(1).result()
        for load in loads:
            load.result()
    assert written == [0, 2, 3]


def test_a_server_that_goes_away_is_named_with_what_to_do(
    postgres: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    outreach: CommandLine,  # noqa: ARG001
) -> None:
    server = server_of(postgres, database, monkeypatch)
    with closing(psycopg2.connect(postgres.url(database))) as session:

        def use() -> None:
            with server.turn("snovio", lambda _: None), session.cursor() as cursor:
                cursor.execute("SELECT 1")

        use()
        postgres.run("SELECT pg_terminate_backend(%s, 5000)", session.info.backend_pid)
        with pytest.raises(ServerUnreachable, match=r"went away.*run again"):
            use()
    with pytest.raises(psycopg2.errors.DivisionByZero), server.turn("snovio", lambda _: None):
        postgres.run("SELECT 1 / 0")


def test_a_destination_may_have_a_name_of_its_own(
    postgres: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    outreach: CommandLine,  # noqa: ARG001
) -> None:
    monkeypatch.setenv("DESTINATION__REPORTING__DESTINATION_TYPE", "postgres")
    monkeypatch.setenv("DESTINATION__REPORTING__CREDENTIALS", postgres.url(database))
    Container()[PluggableRunContext].reload_providers()
    server = destinations.server_of("reporting")
    assert server.where == f"postgresql://postgres@{postgres.socket}/{database}"
    assert server.key == "destination.reporting.credentials"
    assert destinations.made("reporting", "%s_staging").client_class is Client


def no_server(postgres: Server, database: str) -> str:
    return postgres.url(database).replace(str(postgres.socket), str(postgres.socket / "nobody"))


def no_database(postgres: Server, _: str) -> str:
    return postgres.url("nosuchdatabase")


def no_user(postgres: Server, database: str) -> str:
    return postgres.url(database, user="nosuchuser")


def wrong_password(postgres: Server, database: str) -> str:
    return postgres.url(database, user=postgres.role(), password="another-password")


def no_rights(postgres: Server, database: str) -> str:
    return postgres.url(database, user=postgres.role())


def wrong_parameter(postgres: Server, database: str) -> str:
    return postgres.url(database) + "&hst=1"


def no_password(*_: object) -> str:
    return "postgresql://postgres@localhost/postgres"


def nothing(*_: object) -> str:
    return ""


@pytest.mark.parametrize(
    ("spoilt", "code", "says"),
    [
        (no_server, 1, "cannot be reached"),
        (no_database, 2, "nosuchdatabase"),
        (no_user, 2, "nosuchuser"),
        (wrong_password, 2, "password authentication failed"),
        (no_rights, 2, "GRANT CREATE ON DATABASE"),
        (wrong_parameter, 2, "hst"),
        (no_password, 2, "is not complete"),
        (nothing, 2, "is missing"),
    ],
)
def test_what_is_wrong_is_said_before_any_call(
    sandbox: MakeSandbox,
    outreach: CommandLine,
    postgres: Server,
    database: str,
    spoilt: Callable[[Server, str], str],
    code: int,
    says: str,
) -> None:
    server = sandbox(campaigns=1)
    outreach.use(server)
    outreach.environment[CREDENTIALS] = spoilt(postgres, database)
    ended = [outreach.run("--verbose", "load", "snovio", *TO_POSTGRES, expect=code)]
    assert not [endpoint for endpoint in server.calls if endpoint != "token"]
    checked = outreach.run("check", "snovio", *TO_POSTGRES, "--json", expect=1)  # this world's clock is wrong too
    found = {one["name"]: one for one in json.loads(checked.stdout)["checks"]}["destination"]
    assert (found["ok"], found["exit_code"]) == (False, code)
    ended.append(checked)
    if spoilt is not no_rights:
        ended.append(outreach.run("status", *TO_POSTGRES, expect=code))
    for one in ended:
        said = one.stdout + one.stderr
        assert says in said
        assert CREDENTIALS in said or spoilt in (no_server, no_rights)
        assert PASSWORD not in said
        assert "another-password" not in said


def test_what_only_looks_cannot_write(
    postgres: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    outreach: CommandLine,  # noqa: ARG001
) -> None:
    server_of(postgres, database, monkeypatch)
    made = destinations.made("postgres", "%s_staging", read_only=True)
    pipeline = dlt.pipeline("looks", destination=made, dataset_name="looked_at")
    with pipeline.sql_client() as client:
        [(zone,)] = client.execute_sql("SHOW timezone") or []
        assert zone == "UTC"
        with pytest.raises(Exception, match="read-only transaction"):
            client.execute_sql("CREATE SCHEMA looked_at")
