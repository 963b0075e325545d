"""The seeded world: the same for the same seed, rich in awkward cases, and it moves as told."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from tests.sandbox.compare import EVENT_IGNORED, differences
from tests.sandbox.model import EVENT_TABLES, Account
from tests.sandbox.move_events import day_span
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import World, build_world

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return build_world(now=NOW)


@pytest.fixture
def account(world: World) -> Account:
    return world.account("default")


@pytest.fixture
def busy(account: Account) -> int:
    """The campaign with most events."""
    sent = account.events["emails_sent"]
    return max(sent, key=lambda campaign_id: len(sent[campaign_id]))


def all_tables(world: World, account: str = "default") -> dict[str, list[dict[str, object]]]:
    return Sandbox(world).truth(account)


def true_rows(world: World, table: str, account: str = "default") -> list[dict[str, object]]:
    return Sandbox(world).true_rows(table, account)


def test_equal_arguments_give_equal_worlds_also_after_equal_moves() -> None:
    build = partial(build_world, now=NOW, campaigns=8, scale=0.2)
    first, second = build(seed=3), build(seed=3)
    assert all_tables(first) == all_tables(second)
    for world in (first, second):
        world.move(random.Random(1))
    assert all_tables(first) == all_tables(second)
    assert all_tables(build(seed=4)) != all_tables(first)


def test_accounts_have_their_own_credentials_and_sizes() -> None:
    world = build_world(now=NOW, accounts=("default", "north", "south"))
    opens = [len(true_rows(world, "email_opens", name)) for name in ("default", "north", "south")]
    assert opens[0] > opens[1] > opens[2] > 0
    assert len({owner.client_secret for owner in world.accounts.values()}) == 3
    assert world.account("north").name == "north"


def test_scale_multiplies_the_events() -> None:
    small, large = build_world(now=NOW), build_world(now=NOW, scale=5)
    assert large.last_serial > 4 * small.last_serial


def test_campaigns_have_every_status_and_some_have_no_events(account: Account) -> None:
    campaigns = account.campaigns.values()
    assert {"Active", "Paused", "Draft", "Completed", "Archived"} == {record.status for record in campaigns}
    assert all((record.started_at is None) == (record.status == "Draft") for record in campaigns)
    assert any(not account.events["emails_sent"][record.id] for record in campaigns if record.started_at)
    linkedin = [key for key, rows in account.events["linkedin"].items() if rows]
    assert linkedin
    assert not any(account.events["emails_sent"][key] for key in linkedin)


def test_events_are_newest_first_and_never_after_now(account: Account) -> None:
    for table in account.events.values():
        for rows in table.values():
            times = [row.at for row in rows]
            assert times == sorted(times, reverse=True)
            assert all(at <= NOW.timestamp() for at in times)


def test_events_have_bursts_silence_twins_and_repeated_people(account: Account, busy: int) -> None:
    sent = account.events["emails_sent"][busy]
    days = Counter(row.at // 86_400 for row in sent)
    assert max(days.values()) > 5 * min(days.values())
    assert len(days) < (max(days) - min(days)) / 2
    assert max(Counter((row.at, row.person) for row in sent).values()) > 1
    assert max(Counter((row.at, row.person, row.content) for row in sent).values()) > 1
    assert max(Counter(row.person for row in account.events["email_opens"][busy]).values()) > 3


def test_people_and_lists_have_the_awkward_cases(account: Account) -> None:
    people = [person for record in account.campaigns.values() for person in record.people]
    assert any(person.email is None for person in people)
    assert any(person.email and person.email != person.email.lower() for person in people)
    assert any(not person.name.isascii() for person in people)
    assert any(not person.custom_fields for person in people)
    lists = list(account.lists.values())
    assert any(not found.prospects for found in lists)
    assert any(found.deletion_date for found in lists)
    assert max(len(found.prospects) for found in lists) == 1_200
    assert {0, 1, 2} <= {len(member.emails) for found in lists for member in found.prospects}


def test_head_and_late_events_land_where_they_belong(world: World, account: Account, busy: int) -> None:
    rows = account.events["email_opens"][busy]
    newest = rows[0].at
    head = world.add_events("default", "email_opens", busy, 3)
    assert {row.serial for row in rows[:3]} == {row.serial for row in head}
    assert all(newest <= row.at <= world.now_seconds for row in head)
    day = (NOW - timedelta(days=20)).date()
    first, last = day_span(rows, day)
    world.add_late_events("default", "email_opens", busy, day, 4)
    after = day_span(rows, day)
    assert (after[0], after[1]) == (first, last + 4)
    assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)


def test_a_twin_is_one_more_row_that_differs_in_its_ids_alone(world: World, busy: int) -> None:
    world.add_twin("default", "email_opens", busy, index=3)
    own = [row for row in true_rows(world, "email_opens") if row["campaign_id"] == busy]
    shown = [{key: row[key] for key in row if key not in EVENT_IGNORED} for row in own]
    assert any(shown.count(row) > 1 for row in shown[:10])


def test_events_are_deleted_by_index_day_number_and_condition(world: World, account: Account, busy: int) -> None:
    rows = account.events["emails_sent"][busy]
    third = rows[2]
    assert world.delete_events("default", "emails_sent", busy, index=2) == [third]
    day = datetime.fromtimestamp(rows[10].at, UTC).date()
    assert world.delete_events("default", "emails_sent", busy, day=day)
    assert day_span(rows, day)[0] == day_span(rows, day)[1]
    before = len(rows)
    assert len(world.delete_events("default", "emails_sent", busy, 5)) == 5
    gone = world.delete_events("default", "emails_sent", busy, where=lambda row: row.step == 2)
    assert len(rows) == before - 5 - len(gone)
    assert all(row.step != 2 for row in rows)


def test_edits_change_what_is_shown_and_nothing_else(world: World, busy: int) -> None:
    before = true_rows(world, "email_opens")
    for change in ("subject", "name", "email_case"):
        world.edit_events("default", "email_opens", busy, 2, change)
    after = true_rows(world, "email_opens")
    assert len(after) == len(before)
    assert 0 < len(differences(before, after)) <= 12
    with pytest.raises(ValueError, match="unknown change"):
        world.edit_events("default", "email_opens", busy, 1, "colour")


def test_campaigns_come_change_and_go(world: World, account: Account, busy: int) -> None:
    added = world.add_campaign("default")
    assert account.events["emails_sent"][added.id]
    world.rename_campaign("default", added.id, "Renamed")
    world.change_status("default", added.id, "Paused")
    world.delete_campaign("default", busy)
    truth = all_tables(world)
    assert busy not in {row["campaign_id"] for table in EVENT_TABLES for row in truth[table]}
    assert [row["campaign"] for row in truth["campaigns"] if row["id"] == added.id] == ["Renamed"]


def test_lists_come_change_and_go(world: World, account: Account) -> None:
    first, second, third, *_ = (found.id for found in account.lists.values() if len(found.prospects) > 4)
    added = world.add_list("default", prospects=2)
    world.add_prospects("default", first, 2)
    world.remove_prospects("default", first, 1)
    edited = world.edit_prospects("default", first)[0]
    world.empty_list("default", second)
    world.mark_list_deleted("default", third)
    world.delete_list("default", added.id)
    truth = all_tables(world)
    assert {second, third, added.id}.isdisjoint(row["list_id"] for row in truth["list_prospects"])
    assert added.id not in {row["id"] for row in truth["prospect_lists"]}
    assert edited.name in {row["name"] for row in truth["list_prospects"]}


def test_a_mixed_move_changes_one_account_only() -> None:
    world = build_world(now=NOW, accounts=("default", "north"), campaigns=8, scale=0.2)
    before = all_tables(world), all_tables(world, "north")
    world.move(random.Random(7))
    assert all_tables(world) != before[0]
    assert all_tables(world, "north") == before[1]
    assert world.now > NOW
