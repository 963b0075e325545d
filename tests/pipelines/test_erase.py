"""`outreach erase`: what it refuses, what it says, and what it leaves of SendKit, of marts and of senders."""

from collections.abc import Iterator
from typing import Any, Final

import dlt
import duckdb
import pytest

from pipelines import lock
from pipelines.erase_identities import identities
from pipelines.erase_sql import Rows
from sources.snovio.tables import EMAIL_OPENS, LIST_PROSPECT_EMAILS, PROSPECT_SOCIALS
from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.canary import CANARY
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sendkit.conftest import Sendkit

pytestmark = pytest.mark.slow

KEY: Final = f"{CANARY}erase-key-0123456789abcdef0123456789"
ERASE_KEY: Final = f"{SECTION}ERASE_KEY"
NOBODY: Final = ("erase", "snovio", "--email", "nobody@example.com")
PEOPLE: Final = ("--select", "leads,campaign_leads,inbox_threads,do_not_contact")
SENT: Final = ("--select", "campaigns,emails_sent")


def first_address(outreach: CommandLine) -> str:
    [row] = outreach.warehouse.query("SELECT min(user_email) AS email FROM emails_sent WHERE user_email <> ''")
    outreach.warehouse.close()
    return str(row["email"])


def erased_people(outreach: CommandLine) -> list[dict[str, Any]]:
    found = outreach.warehouse.query("SELECT * FROM erased_people")
    outreach.warehouse.close()
    return found


def test_it_refuses_what_it_cannot_do_and_says_what_to_do(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=1)
    outreach.use(server)
    shown = outreach.run(*NOBODY, expect=2).stderr
    assert ERASE_KEY in shown
    assert "token_hex(32)" in shown
    outreach.environment[ERASE_KEY] = "short-key"
    assert "short-key" not in outreach.run(*NOBODY, expect=2).stderr
    outreach.environment[ERASE_KEY] = KEY
    assert "is no e-mail address" in outreach.run("erase", "snovio", "--email", "nobody", expect=2).stderr
    assert not outreach.warehouse.path.exists()

    outreach.run("load", "snovio", *SENT)
    rows = outreach.warehouse.everything()
    outreach.warehouse.close()
    with lock.held(outreach.data / "pipelines", "snovio_default"):
        assert "is running" in outreach.run("erase", "snovio", "--email", first_address(outreach), expect=5).stderr
    with duckdb.connect(str(outreach.warehouse.path)) as other:
        assert other.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'erased_people'"
        ).fetchone() == (0,)
    assert outreach.warehouse.everything() == rows


def test_who_is_unknown_is_kept_out_from_the_first_load_on(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Before there is a warehouse; and a load without the key, or with another, brings nobody back."""
    server = sandbox(campaigns=1)
    outreach.use(server)
    email = next(row["user_email"] for row in server.truth("default")["emails_sent"] if row["user_email"])
    outreach.environment[ERASE_KEY] = KEY
    answer = outreach.json("erase", "snovio", "--email", email)
    assert not answer["found"]
    assert answer["tables"] == []
    assert "later loads will leave them out" in outreach.run("erase", "snovio", "--email", email).stdout
    [person] = erased_people(outreach)
    assert email not in str(person)

    for key in (None, "another-key-0123456789abcdef0123456789"):
        outreach.environment |= {ERASE_KEY: key} if key else {}
        if key is None:
            del outreach.environment[ERASE_KEY]
        assert f"{ERASE_KEY}" in outreach.run("load", "snovio", *SENT, expect=2).stderr
        assert outreach.warehouse.tables() == ["erased_people"]
        outreach.warehouse.close()
    assert ERASE_KEY in outreach.run("erase", "snovio", "--email", email, expect=2).stderr

    outreach.environment[ERASE_KEY] = KEY
    outreach.run("load", "snovio", *SENT)
    rows = outreach.warehouse.rows("emails_sent")
    assert len(rows) == len(server.truth("default")["emails_sent"])
    assert any(row["user_email"].startswith("erased-") and row["user_name"] is None for row in rows)
    assert all(row["user_email"].lower() != email.lower() for row in rows)


def test_marts_free_text_and_comments(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Marts lose the person's rows, free text is told of, and the file that is written anew lacks nothing else."""
    server = sandbox(campaigns=1)
    outreach.use(server)
    outreach.environment[ERASE_KEY] = KEY
    outreach.run("load", "snovio", *SENT)
    email = first_address(outreach)
    with duckdb.connect(str(outreach.warehouse.path)) as other:
        other.execute("CREATE SCHEMA marts; CREATE SCHEMA marts_history; CREATE SCHEMA notes")
        other.execute(
            "CREATE TABLE marts.people AS SELECT DISTINCT user_email AS person, 1 AS n FROM snovio.emails_sent"
        )
        other.execute("CREATE VIEW marts.everybody AS SELECT * FROM marts.people")
        other.execute("CREATE TABLE marts_history.members AS SELECT person AS contact, 1 AS n FROM marts.people")
        other.execute("CREATE TABLE notes.calls AS SELECT ? AS note", [f"rang {email} twice"])
        other.execute("UPDATE snovio.emails_sent SET campaign = ? WHERE user_email <> ?", [f"for {email}", email])
        [people] = other.execute("SELECT count(*) FROM marts.people").fetchall()[0]
        comments = other.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY ALL").fetchall()

    package = outreach.data / "pipelines" / "snovio_default" / "load" / "normalized" / "1" / "rows.jsonl"
    package.parent.mkdir(parents=True)
    package.write_text(email)

    shown = outreach.run("erase", "snovio", "--email", email).stdout

    assert not package.exists()
    assert "outreach marts" in shown
    assert "notes.calls.note: 1 row" in shown
    assert "emails_sent.campaign" in shown
    assert "published copies" in shown
    with duckdb.connect(str(outreach.warehouse.path)) as other:
        for table in ("marts.everybody", "marts_history.members"):
            assert other.execute(f"SELECT count(*) FROM {table}").fetchall() == [(people - 1,)]  # noqa: S608
        now = other.execute(
            "SELECT table_name, comment FROM duckdb_tables() WHERE table_name <> 'erased_people' ORDER BY ALL"
        ).fetchall()
    assert now == comments
    assert any(comment for _, comment in comments)
    assert {path.name for path in outreach.project.iterdir()} == {".dlt", "outreach.duckdb"}


def test_senders_and_owners_are_erased_and_recipients_stay(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=1)
    account = server.world.account("default")
    sender, owner = account.senders[0], next(iter(account.campaigns.values())).owner_email
    outreach.use(server)
    outreach.environment |= {ERASE_KEY: KEY, f"{SECTION}CAMPAIGN_OWNERS": f'["{owner}"]'}
    select = ("--select", "campaigns,recipient_activity,sender_accounts,sender_analytics")
    outreach.run("load", "snovio", *select)
    before = outreach.warehouse.rows("recipient_activity")
    outreach.warehouse.close()

    shown = outreach.run("erase", "snovio", "--email", sender.email_from, "--email", owner).stdout
    assert "campaign_owners" in shown
    counters = outreach.warehouse.rows("sender_analytics")
    outreach.warehouse.close()
    server.reset_counts()
    outreach.run("load", "snovio", *select, "--full-refresh")

    [row] = [row for row in outreach.warehouse.rows("sender_accounts") if row["id"] == sender.id]
    assert row["email_from"].startswith("erased-")
    assert (row["sender_name"], row["imap__username"]) == (None, None)
    after = outreach.warehouse.rows("recipient_activity")
    kept = ("recipient_email", "recipient_name", "event_time", "occurrence")
    assert [[row[name] for name in kept] for row in after] == [[row[name] for name in kept] for row in before]
    assert sender.email_from not in str([*after, *outreach.warehouse.stored("sender_accounts")])

    assert outreach.warehouse.rows("sender_analytics") == counters
    owners = {row["scope_id"] for row in counters if row["scope"] == "campaign_owner"}
    assert [found for found in owners if not found.startswith("erased-")] == []
    assert owners
    assert owner not in str([call.query for call in server.log])
    assert server.calls["campaign_analytics"]


@pytest.fixture
def server() -> Iterator[SendkitServer]:
    """A small SendKit."""
    with SendkitServer(World(1, NOW, campaigns=2, leads=20)) as running:
        yield running


def test_a_lead_of_sendkit(outreach: CommandLine, server: SendkitServer) -> None:
    """Also one that is gone: history keeps the versions of a blocked address."""
    section = "SOURCES__SENDKIT__"
    outreach.environment |= {
        f"{section}BASE_URL": server.url,
        f"{section}REQUESTS_PER_MINUTE": "0",
        f"{section}API_KEY": server.key(),
        f"{section}ERASE_KEY": KEY,
    }
    workspace = server.world.workspaces["default"]
    lead = next(one for one in workspace.leads.values() if one.email.startswith("Person"))
    blocked = next(iter(workspace.blocked.values()))
    blocked.email = lead.email
    outreach.run("load", "sendkit", *PEOPLE)
    del workspace.blocked[blocked.id]
    outreach.run("load", "sendkit", *PEOPLE)
    loaded = Sendkit(outreach.warehouse.path)
    counts = {table: len(loaded.stored(table)) for table in loaded.tables()}
    assert [row["email"] for row in loaded.closed("do_not_contact")] == [lead.email]
    loaded.close()

    outreach.run("erase", "sendkit", "--email", lead.email)

    for load in ((), ("load", "sendkit", *PEOPLE, "--full-refresh")):
        if load:
            outreach.run(*load)
        rows = loaded.everything(without=("erased_people", "sync_runs"))
        loaded.close()
        assert lead.email.lower() not in str(rows).lower()
        assert {table: len(found) for table, found in rows.items()} == {table: counts[table] for table in rows}
        [row] = [row for row in rows["leads"] if row["id"] == lead.id]
        assert (row["first_name"], row["email"]) == (None, row["email"])
        assert row["email"].startswith("erased-")
        assert {one["email"] for one in rows["campaign_leads"] if one["lead_id"] == lead.id} <= {row["email"]}


def test_whom_an_address_is_of(tmp_path: Any, dlt_folder: Any) -> None:  # noqa: ARG001  # dlt in its own folder
    """What stands beside nobody else is theirs; what is shared is not."""
    pipeline = dlt.pipeline(
        "people", destination=dlt.destinations.duckdb(str(tmp_path / "w.duckdb")), dataset_name="snovio"
    )
    tables = {
        LIST_PROSPECT_EMAILS.name: "(VALUES ('1', 'ann@a'), ('1', 'Ann@home'), ('1', 'info@a'), ('2', 'ben@a'), "
        "('2', 'info@a')) AS t(id, email)",
        EMAIL_OPENS.name: "(VALUES ('ann@home', 'x1', 'www.in/ann'), ('ann@a', 'x1', 'https://shared/'), "
        "('ben@a', 'x2', 'https://shared'), ('', 'x3', 'https://in/ann')) "
        "AS t(prospect_email, prospect_id, source_page)",
        PROSPECT_SOCIALS.name: "(VALUES ('1', 'https://in/ann-2'), ('2', 'https://in/ben')) AS t(id, link)",
    }
    with pipeline.sql_client() as client:
        client.create_dataset()
        for name, rows in tables.items():
            place = client.make_qualified_table_name(name)
            client.execute_sql(f"CREATE TABLE {place} AS SELECT * FROM {rows}")  # noqa: S608  # made up here
        found = identities(Rows(client), (LIST_PROSPECT_EMAILS, EMAIL_OPENS, PROSPECT_SOCIALS), ["ANN@a "])
    assert found.emails == {"ann@a", "ann@home"}
    assert found.shared == {"info@a"}
    assert found.others == {"1", "x1", "in/ann", "in/ann-2"}
