"""How a payload becomes a row."""

from typing import Any

import pytest

from sources.snovio.tables import TABLES
from sources.tables import KINDS, REMOVED, BadRow, Column, Table

TABLE = Table(
    "things",
    "GET /things",
    ("id",),
    (
        Column("id", "integer", "Id."),
        Column("position", "integer", "Order.", "order"),
        Column("created_at", "instant", "Creation.", "creationDate", ("creation_date",)),
        Column("imap__valid", "boolean", "IMAP works.", "imap.valid"),
        Column("owner_lower", "text", "Known by the reader.", ""),
    ),
    kept="replaced",
    calls="1",
)


def nested(levels: int) -> list[Any]:
    return [nested(levels - 1)] if levels else []


def row(payload: dict[str, Any], **known: Any) -> dict[str, Any]:
    return TABLE.row(payload, {"account": "default", **known})


def test_columns_are_found_where_the_payload_has_them() -> None:
    found = row({"id": "7", "order": 2, "creation_date": 0, "imap": {"valid": 1}}, owner_lower="ann")
    assert found["id"] == 7
    assert found["position"] == 2
    assert found["created_at"].isoformat() == "1970-01-01T00:00:00+00:00"
    assert found["imap__valid"] is True
    assert found["owner_lower"] == "ann"
    assert next(iter(found)) == "account"


def test_absent_fields_are_null() -> None:
    assert row({"id": 1}) == {
        "account": "default", "id": 1, "position": None, "created_at": None, "imap__valid": None, "owner_lower": None,
    }  # fmt: skip


@pytest.mark.parametrize("empty", [None, []])
def test_an_empty_php_array_stands_for_an_empty_object(empty: object) -> None:
    assert row({"id": 1, "imap": empty})["imap__valid"] is None


def test_columns_may_look_two_levels_down() -> None:
    table = Table("deep", "GET /deep", (), (Column("sent", "integer", "Sent.", "parts.main.sent"),), "replaced", "1")
    found = table.row({"parts": {"main": {"sent": "7", "new": 1}, "other": {"sent": 2}}}, {"account": "default"})
    assert found == {"account": "default", "sent": 7, "parts__main__new": "1", "parts__other": '{"sent":2}'}


@pytest.mark.parametrize("parts", [None, [], {}, {"main": None}, {"main": []}])
def test_an_empty_object_on_the_way_is_null(parts: object) -> None:
    table = Table("deep", "GET /deep", (), (Column("sent", "integer", "Sent.", "parts.main.sent"),), "replaced", "1")
    assert table.row({"parts": parts}, {"account": "default"}) == {"account": "default", "sent": None}


def test_fields_that_no_column_declares_are_kept_as_text() -> None:
    found = row({"id": 1, "newField": 5, "imap": {"valid": True, "port": 993}, "nested": {"a": 1}})
    assert found["new_field"] == "5"
    assert found["imap__port"] == "993"
    assert found["nested"] == '{"a":1}'


@pytest.mark.parametrize(
    ("field", "column"),
    [("_dlt_id", "x_dlt_id"), ("", "x"), ("newField", "new_field"), ("New Field", "new_field"), ("🎉", "x")],
)
def test_an_undeclared_field_never_takes_the_name_of_a_column_with_a_meaning(field: str, column: str) -> None:
    assert set(row({"id": 1, field: "new"})) - set(row({"id": 1})) == {column}


@pytest.mark.parametrize("field", ["Account", "ownerLower", "Position", REMOVED])
def test_an_undeclared_field_that_is_named_like_a_column_does_not_overwrite_it(field: str) -> None:
    assert row({"id": 1, field: "new"}, owner_lower="ann")["account"] == "default"
    assert row({"id": 1, field: "new"}, owner_lower="ann")["owner_lower"] == "ann"
    assert row({"id": 1, field: "new"}, owner_lower="ann")["position"] is None
    assert REMOVED not in row({"id": 1, field: "new"})


def test_the_second_name_of_a_field_leaves_no_column_of_its_own() -> None:
    found = row({"id": 1, "creationDate": 5, "creation_date": 9})
    assert found["created_at"].timestamp() == 5
    assert "creation_date" not in found


def test_what_the_reader_knows_wins_over_the_payload() -> None:
    assert row({"id": 1, "order": 4}, position=9)["position"] == 9


def test_excluded_columns_stay_null_and_are_not_even_converted() -> None:
    known = {"account": "a", "owner_lower": "x"}
    found = TABLE.row({"id": 1, "order": "nonsense"}, known, {"position", "owner_lower"})
    assert found["position"] is None
    assert found["owner_lower"] is None


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"id": None}, "id: a key may not be null"),
        ({}, "id: a key may not be null"),
        ({"id": "x"}, "id: 'x' is not a number"),
        ({"id": 1, "order": 1.5}, "position: 1.5 is not a whole number"),
        ({"id": 1, "imap": {"valid": "maybe"}}, "imap__valid: 'maybe' is not a boolean"),
        ({"id": 1, "imap": {"valid": {"deep": 1}}}, "imap__valid: {'deep': 1} is not a boolean"),
        ({"id": 1, "odd": nested(500)}, "odd: nested more than 64 levels deep"),
    ],
)
def test_a_payload_that_cannot_be_understood_says_which_column_and_why(payload: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRow) as refused:
        row(payload)
    assert str(refused.value) == reason


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_table_describes_itself(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= set(names)
    assert set(table.unit) <= set(table.key)
    assert all(column.kind in KINDS and column.meaning.endswith((".", ")")) for column in table.columns)
    hints = table.hints()
    assert list(hints) == ["account", *names]
    assert {name for name, hint in hints.items() if not hint["nullable"]} == {"account", *table.key}
    assert (REMOVED in names) == bool(table.unit)
