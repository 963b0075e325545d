"""A column converted at once holds what its values are when converted one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.arrow import TYPES, Problems, column_of, fields_of, json_text, text_hash
from sources.tables import KINDS
from tests.properties import examples
from tests.sandbox.dates import DATE_FORMS, shown

AT = int(datetime(2025, 6, 1, 12, 30, 7, tzinfo=UTC).timestamp())

any_text = st.text(st.characters(), max_size=12) | st.text('0123456789.-+:eT%Z "\\\x00\ud800', max_size=25)
scalars = st.none() | st.booleans() | st.integers() | st.integers(2**62, 2**90) | st.floats() | any_text
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
php_dates = st.fixed_dictionaries({"date": any_text | json_values, "timezone": any_text | json_values})
dates = st.builds(shown, st.integers(AT - 10**9, AT + 10**9), st.sampled_from(DATE_FORMS), st.integers(0, 5))
quoted = any_text.map(json.dumps) | any_text.map(lambda text: f'"{text}"')

GOOD: dict[str, st.SearchStrategy[Any]] = {
    "text": any_text,
    "decoded text": quoted | any_text,
    "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-(2**63), 2**63 - 1).map(str),
    "fraction": st.integers(-200, 200).map(lambda number: f"{number}%") | st.integers(-200, 200),
    "number": st.floats() | st.integers(-(10**9), 10**9) | st.sampled_from(["1.5", "-0", "1e9"]),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, places=9, max_value=10**20).map(str),
    "boolean": st.booleans() | st.sampled_from([0, 1, "true", "False", "0", "1"]),
    "instant": dates,
    "date": st.dates().map(date.isoformat),
    "json": json_values,
    "list": json_values,
}
"""Values as they are documented, for each kind."""

STRUCTURES = frozenset({"json", "list"})

CASES: dict[str, list[Any]] = {
    "text": ["", "a", "\x00", "\ud800", "line\n\u2028", 7, True, 1.5, 10**30, float("nan"), [], ["a"], {"b": 1}],
    "decoded text": ['"a"', '"', '""', '"\\ud800"', '"\\u0000"', '"a" or "b"', "[1]", '"1', 7, [], {}, "\x00"],
    "integer": [0, 7.0, "42", "4.5", True, [], "", 2**63, "x", float("nan"), float("inf"), {}, 10**400],
    "fraction": ["67%", "90 %", 67, "many", [], "", True, float("inf"), {}, "1e400", 10**400],
    "decimal": [
        "25000.00", 1241600, 0.1, "", [], "1,5", "NaN", False, "1e40", {}, ["1"], "9" * 29, "-" + "9" * 29,
        "9" * 29 + ".9999999999", "1.00000000000000000000", "0E-30", "1E-30", "1E+20",
    ],
    "boolean": [True, 0, "true", "FALSE", "", [], 2, "perhaps", {}, 1.0, None],
    "instant": [
        "2025-06-01 12:30:07", "2025-06-01T12:30:07Z", "2025-06-01T12:30:07+05:30", AT, str(AT), [], "", {}, "x",
        {"date": "2025-06-01 12:30:07.000000", "timezone": "UTC"}, {"date": "2025-06-01 12:30:07.000000"},
        {"date": "2025-06-01 12:30:07.000000", "timezone": "Europe/Kyiv"}, {"timezone": "UTC"}, {"date": "20250601"},
        {"date": "2025-06-01 12:30:07", "timezone": ["UTC"]}, {"date": "2025-06-01T12:30:07Z", "timezone": "UTC"},
        "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "20250601", "2025-06-01", -1, 1e300,
    ],
    "date": ["2026-03-26", "26.03.2026", [], "", {}, 7, "2026-03-26T23:59:59-14:00", "0001-01-01", "9999-12-31"],
    "json": [
        "", "text", "\x00", "\ud800", "\\u0000", 0, -0.0, False, [], {}, 1.5, 1e19, 2**63, -(2**63), 10**30,
        float("nan"), float("-inf"), [float("nan")], {"b": 1, "a": [None]}, {"\x00": 1}, {"a": "\ud800"},
        {"\ud800": 1}, ["1" * 30], "[" * 100, {"": {"": []}},
    ],
}  # fmt: skip
CASES["list"] = CASES["json"]
"""Values on the border of what is documented, for each kind."""


def plainly(name: str, kind: str, found: Sequence[Any]) -> tuple[list[Any], Problems]:
    """The values of a column and what is wrong with them, one by one, as `Table.row` has them."""
    converted: list[Any] = []
    problems: Problems = {}
    for position, value in enumerate(found):
        try:
            converted.append(KINDS[kind].convert(value))
        except (ValueError, RecursionError) as problem:
            converted.append(None)
            problems[position] = f"{name}: {problem}"
    return converted, problems


def comparable(kind: str, value: Any) -> Any:
    """Structures, and floats of which NaN is one, as text."""
    return repr(value) if value is None or kind not in STRUCTURES else json.dumps(value, sort_keys=True)


def assert_same(kind: str, found: Sequence[Any]) -> None:
    """The whole column, and each of its values alone, are what the plain path gives."""
    expected, reasons = plainly("column", kind, found)
    problems: Problems = {}
    array = column_of("column", kind, found, problems)
    assert array.type == TYPES[kind]
    assert problems == reasons
    array.validate(full=True)
    shown_values = array.to_pylist()
    if kind in STRUCTURES:
        shown_values = [None if text is None else json.loads(text) for text in shown_values]
        nulls = [value is None for value in expected]
        assert array.is_null().to_pylist() == nulls
    assert [comparable(kind, value) for value in map(in_utc, shown_values)] == [
        comparable(kind, value) for value in map(in_utc, map(as_stored, expected))
    ]


def in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def as_stored(value: Any) -> Any:
    """A decimal as a column of nine places has it, where zero has no sign."""
    return (
        Context(prec=64).add(value.quantize(Decimal("1e-9"), context=Context(prec=64)), 0)
        if isinstance(value, Decimal)
        else value
    )


def nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


EVERY_KIND = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "number"])
"""A bare number is only what we measure ourselves."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_type(kind: str) -> None:
    """And a column without values has it too, as has one without rows."""
    assert column_of("column", kind, [], {}).type == TYPES[kind]
    problems: Problems = {}
    assert column_of("column", kind, [None, None], problems).to_pylist() == [None, None]
    assert problems == {}


@EVERY_KIND
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_documented_values_at_once_and_one_by_one(kind: str, data: st.DataObject) -> None:
    found = data.draw(st.lists(GOOD[kind], max_size=6))
    assert_same(kind, found)
    assert_same(kind, [*found, None])


@EVERY_KIND
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_any_values_at_once_and_one_by_one(kind: str, data: st.DataObject) -> None:
    """One value that is not as documented changes nothing for the others."""
    found = data.draw(st.lists(GOOD[kind] | json_values | php_dates, max_size=6))
    assert_same(kind, found)


BORDERS = [pytest.param(kind, value, id=f"{kind}-{repr(value)[:30]}") for kind in CASES for value in CASES[kind]]


@pytest.mark.parametrize(("kind", "value"), BORDERS)
def test_values_on_the_border(kind: str, value: Any) -> None:
    """Alone, where nothing but its like is in the column, and beside others."""
    assert_same(kind, [value])
    assert_same(kind, [value, None, value])
    assert_same(kind, [CASES[kind][0], value, None])


@EVERY_KIND
def test_all_values_on_the_border_in_one_column(kind: str) -> None:
    if kind != "fraction":
        assert_same(kind, CASES[kind])
        assert_same(kind, CASES[kind][::-1])
    usual = [value for value in CASES[kind] if value != 10**400]
    assert_same(kind, usual)


@pytest.mark.parametrize("levels", [63, 64, 65, 70, 900, 5_000])
@EVERY_KIND
def test_nesting(kind: str, levels: int) -> None:
    """Up to 64 levels are kept by text and structures; nothing crashes beyond."""
    for deep in (nested(levels), {"a": nested(levels - 1)}, {"date": nested(levels)}):
        problems: Problems = {}
        array = column_of("column", kind, [deep, None, deep], problems)
        if kind in {"text", "decoded text", *STRUCTURES}:
            kept = array[0].is_valid
            assert kept is (levels <= 64 if isinstance(deep, list) or "a" in deep else levels < 64)
        else:
            kept = False
        assert set(problems) == (set() if kept else {0, 2})
        assert all(reason.startswith("column: ") for reason in problems.values())


@pytest.mark.parametrize("nothing", [None, float("nan"), float("inf")], ids=str)
def test_a_structure_that_means_nothing_is_null_and_not_the_text_null(nothing: float | None) -> None:
    for found in ([nothing], [nothing, "text"], [nothing, {"a": 1}]):
        assert column_of("links", "json", found, {})[0].as_py() is None


def test_structures_become_the_same_text_whatever_stands_beside_them() -> None:
    """Texts are compared from load to load: the order of keys and the way to write numbers are part of them."""
    values = [{"b": 1.0, "a": [1e22, "é", "\x7f", {"z": 1e-7, "y": -0.0}]}, ["</script>", "\t\u2028"]]
    at_once = column_of("links", "json", values, {}).to_pylist()
    beside = column_of("links", "json", [*values, "\x00", "\ud800", 10**30], {}).to_pylist()[:2]
    assert at_once == beside == [json_text(value) for value in values]


@pytest.mark.parametrize("kind", ["text", "decoded text", "json"])
def test_line_breaks_do_not_move_values_to_other_rows(kind: str) -> None:
    breaks = [f"a{mark}b" for mark in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"]
    assert_same(kind, breaks)
    assert_same(kind, ["\r\n", *breaks, None])


def test_problems_hold_the_first_reason() -> None:
    """What was found before, in another column, stays; what is found now is told with the column and the value."""
    problems: Problems = {1: "campaign_id: another"}
    found = column_of("visited_at", "instant", ["never", "never", None, "2025-06-01", "ever"], problems)
    assert problems == {
        0: "visited_at: 'never' is not a date",
        1: "campaign_id: another",
        4: "visited_at: 'ever' is not a date",
    }
    assert found.to_pylist() == [None, None, None, datetime(2025, 6, 1, tzinfo=UTC), None]


def test_a_position_has_the_reason_of_the_first_bad_column() -> None:
    problems: Problems = {}
    column_of("one", "integer", [1, "x"], problems)
    column_of("two", "integer", ["y", "y"], problems)
    assert problems == {0: "two: 'y' is not a number", 1: "one: 'x' is not a number"}


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(0, 3)), max_size=6),
    st.lists(st.sampled_from("abcde"), unique=True),
    st.sampled_from([0, 199, 200, 401]),
)
def test_the_fields_of_payloads(payloads: list[dict[str, Any]], names: list[str], more: int) -> None:
    """Whatever of them a payload has; also where payloads with all fields fill the parts that are turned at once."""
    payloads = [*(dict.fromkeys("abcde", 7) for _ in range(more)), *payloads]
    assert fields_of(payloads, names) == {name: [payload.get(name) for payload in payloads] for name in names}


def test_the_hash_of_a_text_is_the_same_in_every_process_and_release() -> None:
    """It is kept in the state of a load."""
    assert text_hash("") == 3244421341483603138
    assert text_hash("outreach") == text_hash("out" + "reach") != text_hash("Outreach")


def test_json_text_sorts_keys_and_keeps_null() -> None:
    assert json_text({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    assert json_text(None) is None
    assert pa.array([json_text({})], pa.string()).to_pylist() == ["{}"]
