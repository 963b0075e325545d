"""Profiles of prospects: a few a run, in turn, by id or by e-mail."""

from collections import Counter

import duckdb
import pytest

from sources.snovio.members import Members
from sources.snovio.tables import READ_WITH
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.faults import Fault
from tests.sandbox.profiles import profiles
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

slow = pytest.mark.slow

LISTS = ("prospect_lists", "list_prospects", "list_prospect_emails")
PROFILES = ("prospect_profiles", *(part for part, head in READ_WITH.items() if head == "prospect_profiles"))
EVERY = (*LISTS, *PROFILES)


def spent(server: SandboxServer) -> int:
    """Calls for profiles since the last look."""
    calls = server.calls["prospect_profiles"]
    server.reset_counts()
    return calls


@slow
def test_a_queue_that_later_runs_work_off(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Each prospect once; then nothing until they are old; what changed meanwhile is seen then."""
    server = sandbox(campaigns=2, most_prospects=20)
    account = server.world.account("default")
    everyone = len(profiles(account))
    calls = []
    for _ in range(3):
        warehouse.load(server, tables=EVERY, profiles_per_run=everyone // 2 + 1)
        calls.append(spent(server))
    assert calls == [everyone // 2 + 1, everyone - everyone // 2 - 1, 0]
    assert warehouse.differences(server, tables=PROFILES) == {}

    edited = server.world.edit_prospects("default", next(iter(account.lists)), 2)
    server.world.advance(8 * 86_400)
    warehouse.load(server, tables=EVERY, profiles_per_run=everyone)
    assert spent(server) == everyone
    assert warehouse.differences(server, tables=PROFILES) == {}
    names = Counter(row["last_name"] for row in warehouse.rows("prospect_profiles"))
    assert all(names[one.last_name] for one in edited)


@slow
def test_prospects_are_found_by_email_where_ids_of_lists_are_refused(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """The first one costs two calls or so; those without an e-mail cannot be found, and do not stop the queue."""
    server = sandbox(campaigns=1, most_prospects=20)
    server.world.takes_list_ids = False
    found = profiles(server.world.account("default"))
    with_email = [one for one in found if one.prospect.emails]
    warehouse.load(server, tables=EVERY, profiles_per_run=10_000)
    assert spent(server) <= len(with_email) + 10
    rows = warehouse.rows("prospect_profiles")
    assert len(rows) == len(found)
    assert sum(row["is_found"] for row in rows) == len(with_email)
    warehouse.load(server, tables=EVERY, profiles_per_run=10_000)
    assert spent(server) == 0
    server.world.add_prospects("default", next(iter(server.world.account("default").lists)), 3)
    warehouse.load(server, tables=EVERY, profiles_per_run=10_000)
    assert spent(server) <= 3


@slow
def test_a_prospect_that_fails_is_asked_again_by_the_next_run(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1, most_prospects=5)
    server.faults.add(Fault("list_for_object", "prospect_profiles", on_calls=(2,)))
    warehouse.load(server, tables=EVERY)
    assert warehouse.last_run()["prospect_profiles"]["outcome"] == "partial"
    everyone = spent(server)
    warehouse.load(server, tables=EVERY)
    assert spent(server) == 1
    assert len(warehouse.rows("prospect_profiles")) == everyone
    assert warehouse.differences(server, tables=PROFILES) == {}


@slow
def test_profiles_of_a_load_that_was_killed_are_asked_for_again(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1, most_prospects=5)
    warehouse.load(server, tables=EVERY)
    everyone = spent(server)
    warehouse.close()
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("UPDATE snovio.prospect_profiles SET _dlt_load_id = 'killed'")
        connection.execute("DELETE FROM snovio.prospect_jobs")
    warehouse.load(server, tables=EVERY)
    assert spent(server) == everyone
    assert warehouse.differences(server, tables=PROFILES) == {}


@slow
def test_without_any_known_prospect_it_says_what_to_load(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=PROFILES)
    assert "load list_prospects" in warehouse.last_run()["prospect_profiles"]["detail"]
    assert spent(server) == 0


def test_those_never_asked_for_come_first_and_then_those_asked_longest_ago() -> None:
    members = Members(asked={"b": NOW.replace(hour=2), "c": NOW.replace(hour=1), "d": NOW.replace(hour=9)})
    rows = [{"id": name} for name in "dcba"]
    members.replace(7, rows, [{"id": "a", "email": "a@example.org"}, {"id": "a", "email": "A@example.org"}])
    members.replace(8, rows[:1], [])
    assert members.queue(NOW.replace(hour=5)) == [("a", "A@example.org"), ("c", None), ("b", None)]
    members.forget(7)
    assert members.queue(NOW) == [("d", None)]
    assert members.emails_of(7) == members.emails_of(None) == []
