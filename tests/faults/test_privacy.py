"""People: masked in what is logged, and out of the warehouse for good once they are erased."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from sources.snovio.tables import TABLES
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.canary import CANARY
from tests.sandbox.faults import Fault
from tests.sandbox.ids import prospect_id
from tests.sandbox.model import Person
from tests.sandbox.server import SandboxServer

pytestmark = pytest.mark.slow

KEY: Final = f"{CANARY}erase-key-0123456789abcdef0123456789"
NOBODY_IN: Final = frozenset({
    "account_balance", "campaign_analytics", "campaign_progress", "campaign_schedule_days", "campaign_schedules",
    "campaign_totals", "custom_fields", "do_not_email_lists", "email_step_contents", "pipeline_stages", "pipelines",
    "sender_account_checks", "sender_analytics", "warmup_statistics", "warmups", "webhooks",
})  # fmt: skip
"""Tables that know of no recipient, whatever the API says."""
ALL: Final = ("--select", ",".join(table for table in TABLES if table not in NOBODY_IN))
UNCOUNTED: Final = (
    "sync_runs", "rejected_rows", "account_balance", "campaign_progress", "sender_account_checks",
)  # fmt: skip
"""Tables in which every load leaves rows, and that of rejected rows."""
HASHES: Final = "erased_people"
KNOW_THEM: Final = frozenset({
    "emails_sent", "email_opens", "email_clicks", "email_replies", "recipient_activity", "campaign_replies",
    "campaign_reply_messages", "list_prospects", "list_prospect_emails", "prospect_profiles", "prospect_jobs",
})  # fmt: skip
"""Tables that know the person of the tests."""
Rows = Mapping[str, list[dict[str, Any]]]


@proves("privacy", "error bodies with e-mail addresses")
@pytest.mark.parametrize(
    "body", ["ann.lee@example.com is unknown", {"message": "no ann.lee%40example.com", "success": False}]
)
def test_addresses_in_answers_that_refuse_are_masked(sandbox: MakeSandbox, outreach: CommandLine, body: Any) -> None:
    server = sandbox(campaigns=1)
    outreach.use(server)
    payload = {"errors": {"email": [body]}} if isinstance(body, str) else body
    server.faults.add(Fault("payload", "custom_fields", options={"payload": payload, "status": 422}))
    ended = outreach.run("--verbose", "load", "snovio", "--select", "campaigns,custom_fields", expect=3)
    [detail] = [
        row["detail"] for row in outreach.warehouse.stored("sync_runs") if row["table_name"] == "custom_fields"
    ]
    for text in (ended.stdout, ended.stderr, detail):
        assert "***" in text
        assert "ann.lee" not in text


def somebody(server: SandboxServer) -> Person:
    """Somebody with an address and a page whom tables of every kind know, a rejected row among them."""
    account = server.world.account("default")
    listed = {one.id for found in account.lists.values() if found.deletion_date is None for one in found.prospects}
    campaign_id, opened = next(
        (number, event)
        for number, events in account.events["email_opens"].items()
        for event in events
        if event.person.email and event.person.source_page and prospect_id(event.person.number) in listed
    )
    for table, spoiled in (("email_replies", ""), ("email_opens", "unreadable_date"), ("email_clicks", "")):
        events = account.events[table][campaign_id]
        events.append(replace(opened, serial=server.world.next_serial(), note="", spoiled=spoiled))
        events.sort(key=lambda event: -event.at)
    return opened.person


def rows_of(outreach: CommandLine) -> Rows:
    """All rows of all tables, history included, without what each load writes anew."""
    found = outreach.warehouse.everything(without=(HASHES, *UNCOUNTED))
    outreach.warehouse.close()
    return {
        table: [{name: row[name] for name in row if not name.startswith("_dlt")} for row in rows]
        for table, rows in found.items()
    }


def split(rows: Rows, words: Collection[str]) -> tuple[Rows, Rows]:
    """The rows that have one of some words in them, and all others."""

    def has(row: Mapping[str, Any]) -> bool:
        return any(word in str(row).lower() for word in words)

    with_them = {table: [row for row in found if has(row)] for table, found in rows.items()}
    without = {table: [row for row in found if not has(row)] for table, found in rows.items()}
    return {table: found for table, found in with_them.items() if found}, without


def counted(rows: Rows) -> dict[str, Counter[str]]:
    return {table: Counter(repr(sorted(row.items())) for row in found) for table, found in rows.items()}


def places_of(words: Collection[str], outreach: CommandLine) -> list[str]:
    """Where something is still to be read: rows, and bytes of the warehouse's and dlt's files."""
    rows = outreach.warehouse.everything(without=(HASHES,))
    outreach.warehouse.close()
    found = [table for table, with_them in split(rows, words)[0].items() for _ in with_them]
    files = (path for folder in (outreach.project, outreach.data) for path in folder.rglob("*") if path.is_file())
    return found + [str(path) for path in files if any(one.encode() in path.read_bytes().lower() for one in words)]


@proves("data", "a person erased comes back in the API")
def test_a_person_erased_stays_out_and_all_others_stay(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=2, most_prospects=20)
    who = somebody(server)
    outreach.use(server)
    outreach.environment |= {f"{SECTION}ERASE_KEY": KEY, f"{SECTION}PROFILES_PER_RUN": "60"}
    outreach.run("load", "snovio", *ALL)
    words = [str(who.email).lower(), str(who.source_page).removeprefix("https://www.")]
    number = prospect_id(who.number)
    addresses = {
        row["email_lower"] for row in outreach.warehouse.stored("list_prospect_emails") if row["id"] == number
    }
    words = [*addresses.union(words)]
    theirs, others = split(rows_of(outreach), [*words, number])
    assert theirs.keys() >= KNOW_THEM
    assert {"rejected_rows", str(outreach.warehouse.path)} <= {*places_of(words, outreach)}

    answer = outreach.json("erase", "snovio", "--email", str(who.email).upper())

    assert {table["table"] for table in answer["tables"]} >= KNOW_THEM
    assert {*answer["further"]} == addresses - {str(who.email).lower()}
    assert places_of(words, outreach) == []
    for load in ((), ("load", "snovio", *ALL), ("load", "snovio", *ALL, "--full-refresh")):
        if load:
            outreach.run(*load)
        now, still = split(rows_of(outreach), ["erased-", number])
        assert counted(still) == counted(others)
        assert {table: len(found) for table, found in now.items()} == {
            table: len(found) for table, found in theirs.items() if not TABLES[table].asked_by_person
        }
        assert [row for found in now.values() for row in found if who.last_name in str(row)] == []
        assert places_of(words, outreach) == []


@proves("data", "a person erased comes back in the API")
def test_new_events_of_a_person_erased_are_counted_and_nothing_more(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    """By somebody whom the API shows in another case, or with a page alone, or under another id in a list."""
    server = sandbox(campaigns=2)
    who = somebody(server)
    outreach.use(server)
    outreach.environment |= {f"{SECTION}ERASE_KEY": KEY, f"{SECTION}SWEEP_DAYS": "0"}
    select = ("--select", "campaigns,email_opens,list_prospect_emails,prospect_profiles")
    outreach.run("load", "snovio", *select)
    outreach.run("erase", "snovio", "--email", str(who.email))
    [before] = outreach.warehouse.query(
        "SELECT count(*) AS opens FROM email_opens WHERE prospect_email LIKE 'erased-%'"
    )
    outreach.warehouse.close()
    with server.lock:
        for found in server.world.account("default").lists.values():
            found.prospects[:] = [
                replace(one, id="another-id") if one.id == prospect_id(who.number) else one for one in found.prospects
            ]
        events = next(one for one in server.world.account("default").events["email_opens"].values() if one)
        for email in (str(who.email).title(), None):
            added = replace(who, email=email)
            events.insert(0, replace(events[0], serial=server.world.next_serial(), person=added, spoiled=""))
    outreach.run("load", "snovio", *select)
    [after] = outreach.warehouse.query(
        "SELECT count(*) AS opens FROM email_opens WHERE prospect_email LIKE 'erased-%'"
    )
    nameless = outreach.warehouse.query(
        "SELECT * FROM email_opens WHERE prospect_email = '' AND prospect_name IS NULL"
    )
    assert after["opens"] == before["opens"] + 1
    assert len(nameless) == 1
    [listed] = outreach.warehouse.query("SELECT DISTINCT id, name FROM list_prospects WHERE id = 'another-id'")
    assert listed["name"] is None
    assert {prospect_id(who.number), "another-id"}.isdisjoint(
        row["id"] for row in outreach.warehouse.stored("prospect_profiles")
    )
    assert places_of([str(who.email).lower(), str(who.source_page).removeprefix("https://www.")], outreach) == []
