"""Values that no one expects: what cannot be stored is cleaned or told, and everything beside it is loaded."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple
from zlib import crc32

import pytest

from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.compare import EVENT_IGNORED, differences
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES
from tests.sandbox.server import SandboxServer
from tests.warehouse import Row, Warehouse

pytestmark = pytest.mark.slow

Change = Callable[[Any], Any]


def each(rows: Any, **changes: Any) -> Any:
    """Every row with some fields changed: a function is given what was there, and ... takes a field away."""
    for row in rows:
        for name, change in changes.items():
            row[name] = change(row.get(name)) if callable(change) else change
            if row[name] is ...:
                del row[name]
    return rows


def of_all(**changes: Any) -> Change:
    """Changes every row of an answer that is a list."""
    return lambda payload: each(payload, **changes)


def within(name: str, **changes: Any) -> Change:
    """Changes every row of the list that an answer holds under a name."""
    return lambda payload: {**payload, name: each(payload[name], **changes)}


def alone(emails: list[Row]) -> Any:
    """One address as it is, without a list around it."""
    return emails[0] if len(emails) == 1 else emails


NEW: Final = {"a": ["b", 1]}
SHAPES: Final[dict[str, Change]] = {
    "campaigns": of_all(id=str, hash=..., status=7, list_id={"id": 1}, brandNew=NEW),
    "custom_fields": of_all(required=["yes"], label=["a", "b"], brandNew=NEW),
    "sender_accounts": within("data", id=str, imap=[], smtp=..., brandNew=NEW),
    "prospect_lists": of_all(id=str, contacts=str, name=5, isDeleted=lambda flag: str(flag).lower(), brandNew=NEW),
    "list_prospects": within("prospects", firstName=["A"], lastName=..., emails=alone),
    "emails_sent": of_all(userName={"first": "A"}, brandNew=NEW),
    "email_opens": of_all(campaignId=str, source=1.5, country=["UA"], industry=..., brandNew=NEW),
    "recipient_activity": within("data", phone=380, company={"name": "A"}, website=..., brandNew=NEW),
}
"""Other types, missing and new fields, lists and objects in each other's place, by table."""


def expected(server: SandboxServer) -> dict[str, list[Row]]:
    """The truth of an account that answers in these shapes."""
    text = json.dumps
    told: dict[str, Row] = {
        "campaigns": {"hash": None, "status": "7", "list_id": None},
        "custom_fields": {"required": None, "label": text(["a", "b"], separators=(",", ":"))},
        "prospect_lists": {"name": "5"},
        "list_prospects": {"first_name": text(["A"]), "last_name": None},
        "emails_sent": {"user_name": text({"first": "A"}, separators=(",", ":"))},
        "email_opens": {"source": "1.5", "country": text(["UA"]), "industry": None},
        "recipient_activity": {
            "phone": "380",
            "company": text({"name": "A"}, separators=(",", ":")),
            "website": None,
        },
    }
    truth = server.truth(only=[*told])
    return {
        table: [{name: changes.get(name, value) for name, value in row.items()} for row in truth[table]]
        for table, changes in told.items()
    }


@proves("data", "new column, missing column, type change")
def test_shapes_that_change_from_one_load_to_the_next_cost_no_row(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1, scale=0.05)
    tables = (*SHAPES, "list_prospect_emails")
    warehouse.load(server, tables=tables)
    columns = set(warehouse.columns())
    for table, change in SHAPES.items():
        server.faults.add(Fault("reshaped", table, options={"change": change}))
    warehouse.load(server, tables=tables, sweep_days=0)
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
    for table, rows in expected(server).items():
        assert (table, differences(rows, warehouse.rows(table))) == (table, [])
    assert len(warehouse.rows("sender_accounts")) == len(server.true_rows("sender_accounts"))
    rejected = warehouse.rows("rejected_rows")
    told = {(row["endpoint"], row["reason"]) for row in rejected}
    assert told == {
        ("campaigns", "loaded with empty values: list_id: {'id': 1} is not a whole number"),
        ("custom_fields", "loaded with empty values: required: ['yes'] is not a boolean"),
    }
    added = set(warehouse.columns()) - columns
    assert {name for _, name, _ in added} == {"brand_new"}
    assert {kind for _, _, kind in added} == {"VARCHAR"}

    server.faults.clear()
    warehouse.load(server, tables=tables, sweep_days=0)
    assert warehouse.differences(server, tables=tables) == {}


LABELS: Final = {
    "Phone": "1", "phone": "2", " PHONE ": "3", "": "of nobody", "🚀": "up",
    "e\u0301": "two letters", "é": "one letter", "account": "not ours",
    "_removed": "not ours", "_dlt_id": "not ours", "nul\x00": "1", "nul\ufffd": "2",
    **{f"Field {number}": str(number) for number in range(500)},
}  # fmt: skip
"""Labels of custom fields, some of which become one as names of columns, or as text that can be stored."""


@proves("data", "two custom fields that normalise to one name")
def test_custom_fields_of_any_label_are_all_kept(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    tables = EVENT_TABLES[1:]
    (campaign_id,) = server.world.account("default").campaigns
    for table in tables:
        for event in server.world.events("default", table, campaign_id)[:2]:
            event.person = replace(event.person, custom_fields=LABELS)
    warehouse.load(server, tables=tables)
    for table in tables:
        stored = {label: value for label, value in LABELS.items() if "\x00" not in label} | {"nul\ufffd\ufffd": "1"}
        expected = [
            {**row, "custom_fields": stored if row["custom_fields"] == LABELS else row["custom_fields"]}
            for row in server.true_rows(table)
        ]
        assert (table, differences(expected, warehouse.rows(table))) == (table, [])
    assert warehouse.rows("rejected_rows") == []


class Place(NamedTuple):
    """Where odd values are put.

    Args:
        field: A field that is no key.
        column: Its column.
        key: Fields that tell its rows apart.
        columns: Their columns.
        whole: Whether a row that cannot be understood is rejected whole.
    """

    field: str
    column: str
    key: tuple[str, ...] = ("id",)
    columns: tuple[str, ...] = ("id",)
    whole: bool = False


PLACES: Final = {
    "campaigns": Place("campaign", "campaign"),
    "prospect_lists": Place("name", "name"),
    "list_prospects": Place("firstName", "first_name"),
    "campaign_replies": Place("prospectName", "prospect_name", ("prospectId",), ("prospect_id",)),
    "emails_sent": Place("userName", "user_name", columns=("source_id",), whole=True),
    "email_opens": Place("links", "links", columns=("source_id",), whole=True),
    "recipient_activity": Place(
        "company", "company", ("recipient_email", "event_type"), ("recipient_email", "event_type"), whole=True
    ),
}
ODD: Final = {
    "@@nan@@": "NaN",
    "@@integer over 64 bits@@": "1" + "0" * 30,
    "@@lone surrogate@@": "\ufffd cut",
    "@@invalid utf-8@@": "caf\ufffd \ufffd",
    "nul\x00nul": "nul\ufffdnul",
    "@@deep@@": None,
}
"""Odd values, in the sandbox's marks for what no JSON writer would produce, and what a column of text holds then."""


def odd_for(row: Row, names: tuple[str, ...]) -> str | None:
    """The odd value that a row gets, if it gets one: always the same, wherever the row stands."""
    number = crc32(repr([row[name] or "" for name in names]).encode())
    return ([*ODD, None] * 2)[number % (2 * len(ODD) + 2)]


def with_odd_values(place: Place) -> Change:
    """Puts an odd value into a field of most rows."""

    def change(payload: Any) -> Any:
        for row in payload if isinstance(payload, list) else payload.get("data", payload.get("prospects")):
            row[place.field] = odd_for(row, place.key) or row[place.field]
        return payload

    return change


def cleaned(place: Place, row: Row) -> Row:
    """A row of the truth as it is loaded."""
    odd = odd_for(row, place.columns)
    value = row[place.column] if odd is None else ODD[odd]
    return {**row, place.column: None if place.column == "links" and odd == "@@nan@@" else value}


def stable(row: Row) -> str:
    """What `rejected_rows` tells rows apart by: an event that differs in nothing but its ids is kept once."""
    return repr(sorted((name, value) for name, value in row.items() if name not in EVENT_IGNORED))


@proves("data", "lone surrogate, NUL, invalid UTF-8, BOM")
def test_what_cannot_be_stored_is_cleaned_or_told_and_all_else_is_loaded(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """In every shape of answer, after a byte order mark."""
    server = sandbox(campaigns=3, scale=0.2)
    tables = tuple(PLACES)
    for table, place in PLACES.items():
        server.faults.add(Fault("reshaped", table, options={"change": with_odd_values(place)}))
        server.faults.add(Fault("bom", table))
    for _ in range(2):
        warehouse.load(server, tables=tables, sweep_days=0)
        assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
        for table, rows in server.truth(only=tables).items():
            place = PLACES[table]
            deep = [row for row in rows if odd_for(row, place.columns) == "@@deep@@"]
            there = [row for row in rows if not place.whole or row not in deep]
            expected = [cleaned(place, row) for row in there]
            assert (table, differences(expected, warehouse.rows(table), ("occurrence",))) == (table, [])
            reasons = [row["reason"] for row in warehouse.rows("rejected_rows") if row["endpoint"] == table]
            assert (table, len(reasons)) == (table, len({stable(row) for row in deep}))
            assert all("nested more than 64 levels deep" in reason for reason in reasons)
    assert {row["endpoint"] for row in warehouse.rows("rejected_rows")} >= {"list_prospects", *tables[4:]}
