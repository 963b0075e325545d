"""Every documented or observed form of a value, and any other JSON: a value or a ValueError, never a crash."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import values
from tests.properties import examples

MOMENT = datetime(2020, 7, 14, 13, 10, 46, tzinfo=UTC)


def php(text: str, kind: int, zone: str | None) -> dict[str, Any]:
    return {"date": text, "timezone_type": kind, "timezone": zone}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (php("2020-07-14 13:10:46.000000", 3, "UTC"), MOMENT),
        (php("2020-07-14 16:10:46.000000", 1, "+03:00"), MOMENT),
        (php("2020-07-14 09:10:46.000000", 2, "EDT"), MOMENT),
        (php("2020-07-14 15:10:46.000000", 2, "CEST"), MOMENT),
        (php("2020-07-14 16:10:46.000000", 3, "Europe/Kyiv"), MOMENT),
        (php("2020-07-14 13:10:46.000000", 3, None), MOMENT),
        ("2020-07-14 13:10:46", MOMENT),
        ("2020-07-14 13:10:46.000000", MOMENT),
        ("2020-07-14T13:10:46Z", MOMENT),
        ("2020-07-14T15:10:46+02:00", MOMENT),
        (" 2020-07-14 13:10:46 ", MOMENT),
        ("2020-07-14", datetime(2020, 7, 14, tzinfo=UTC)),
        (1594732246, MOMENT),
        (1594732246.0, MOMENT),
        ("1594732246", MOMENT),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (None, None),
        ("", None),
        ([], None),
    ],
)
def test_instants(shown: Any, expected: datetime | None) -> None:
    assert values.instant(shown) == expected


@pytest.mark.parametrize(
    "shown",
    [
        "0000-00-00 00:00:00",
        php("0000-00-00 00:00:00.000000", 3, "UTC"),
        php("-0001-11-30 00:00:00.000000", 3, "UTC"),
        php("2020-07-14 13:10:46.000000", 3, "Mars/Olympus"),
        php("0001-01-01 00:00:00.000000", 1, "+14:00"),
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        {},
        "yesterday",
        -1,
        10**12,
        1594732246.5,
        True,
        float("nan"),
        float("inf"),
        ["2020-07-14"],
    ],
)
def test_what_is_no_instant_is_refused(shown: Any) -> None:
    with pytest.raises(ValueError, match=r"is not|does not"):
        values.instant(shown)


@pytest.mark.parametrize(
    ("convert", "shown", "expected"),
    [
        (values.fraction, "67%", 0.67),
        (values.fraction, "90 %", 0.9),
        (values.fraction, 100, 1.0),
        (values.fraction, "0", 0.0),
        (values.fraction, [], None),
        (values.decimal, "25000.00", Decimal("25000.00")),
        (values.decimal, 1241600, Decimal(1241600)),
        (values.decimal, 0.1, Decimal("0.1")),
        (values.decimal, "", None),
        (values.decimal, "0.12345678951", Decimal("0.123456790")),
        (values.integer, 17739963799960, 17739963799960),
        (values.integer, "42", 42),
        (values.integer, 42.0, 42),
        (values.integer, [], None),
        (values.boolean, True, True),
        (values.boolean, 0, False),
        (values.boolean, "true", True),
        (values.boolean, "0", False),
        (values.boolean, None, None),
        (values.calendar_date, "2026-03-26", date(2026, 3, 26)),
        (values.calendar_date, [], None),
        (values.text, "Zoë", "Zoë"),
        (values.text, "", ""),
        (values.text, 7, "7"),
        (values.text, True, "true"),
        (values.text, [], None),
        (values.text, ["a", 1], '["a",1]'),
        (values.text, "nul\x00 \ud83d", "nul\ufffd \ufffd"),
        (values.decoded_text, '"A \\"quoted\\" one"', 'A "quoted" one'),
        (values.decoded_text, '"', '"'),
        (values.decoded_text, '"a" or "b"', '"a" or "b"'),
        (values.decoded_text, "plain", "plain"),
        (values.decoded_text, '"\\ud83d cut"', "\ufffd cut"),
        (values.json_value, {"a": [float("nan"), 2**70]}, {"a": [None, str(2**70)]}),
    ],
)
def test_documented_forms(convert: Callable[[Any], Any], shown: Any, expected: Any) -> None:
    found = convert(shown)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("convert", "shown"),
    [
        (values.fraction, "many"),
        (values.fraction, float("inf")),
        (values.fraction, True),
        (values.decimal, "1,5"),
        (values.decimal, "NaN"),
        (values.decimal, False),
        (values.decimal, "1e40"),
        (values.integer, 2**63),
        (values.integer, "4.5"),
        (values.integer, True),
        (values.integer, float("nan")),
        (values.integer, "1e400"),
        (values.boolean, "perhaps"),
        (values.boolean, 2),
        (values.calendar_date, "26.03.2026"),
    ],
)
def test_values_that_mean_nothing_are_refused(convert: Callable[[Any], Any], shown: Any) -> None:
    with pytest.raises(ValueError, match=r"is not|does not|fit"):
        convert(shown)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.text("0123456789.-+:eT%"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=8,
)
php_dates = st.fixed_dictionaries({"date": json_values, "timezone": json_values})
CONVERTERS = [
    values.text, values.decoded_text, values.integer, values.fraction, values.decimal, values.boolean,
    values.instant, values.calendar_date, values.json_value,
]  # fmt: skip


@pytest.mark.parametrize("convert", CONVERTERS, ids=lambda convert: convert.__name__)
@settings(max_examples=examples(300), deadline=None)
@given(json_values | php_dates)
def test_any_json_gives_a_value_or_a_value_error(convert: Callable[[Any], Any], shown: Any) -> None:
    try:
        found = convert(shown)
    except ValueError as refusal:
        str(refusal).encode()
    else:
        json.dumps(found, default=str, allow_nan=False).encode()


@given(st.dictionaries(st.text(), json_values, max_size=5))
def test_equal_content_has_equal_text_whatever_the_order(payload: dict[str, Any]) -> None:
    turned = dict(reversed(payload.items()))
    assert values.payload_text(payload) == values.payload_text(turned)
    assert values.digest(payload) == values.digest(turned)


def test_a_field_that_cannot_be_stored_gives_way_to_the_reason() -> None:
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    assert json.loads(values.payload_text({"deep": deep, "flat": 1})) == {
        "deep": "left out: nested more than 64 levels deep",
        "flat": 1,
    }


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"customField_рпа": "", "customField_Phone": "1"}, {"рпа": "", "Phone": "1"}),
        ({"customField_": "empty label"}, {"": "empty label"}),
        ({"customFields": None}, None),
        ({"customFields": []}, None),
        ({"customFields": {"a": 1}, "customField_a": 2}, {"a": 2}),
        ({"customFields": [1]}, {"customFields": [1]}),
        ({"customField_A b": "x", "customField_a_b": "y"}, {"A b": "x", "a_b": "y"}),
        ({"customField_\x00": 1, "customField_\ufffd": 2}, {"\ufffd": 2, "\ufffd\ufffd": 1}),
    ],
)
def test_custom_fields_become_one_structure(row: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert values.json_value(values.custom_fields(row)) == expected
