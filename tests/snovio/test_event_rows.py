"""A page converted at once is, row for row and reason for reason, what its payloads are when converted one by one."""

from __future__ import annotations

import json
import pickle
import random
import reprlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import values
from sources.arrow import TYPES
from sources.snovio.event_rows import EVENT_LISTS, Conversion, EventList, EventRows, Rejected, numbered, removed
from sources.snovio.pages import Page
from sources.snovio.reading import UNSTABLE
from sources.tables import BadRow, Row
from tests.properties import examples
from tests.sandbox.dates import DATE_FORMS, shown
from tests.sandbox.spoiling import HARMLESS, SPOILERS, spoil
from tests.sandbox.vocabulary import CUSTOM_VALUES, LABELS

Payload = dict[str, Any]

SENT, OPENS, CLICKS, REPLIES = EVENT_LISTS
CAMPAIGN = 1234567
NOW = datetime(2025, 6, 18, 15, tzinfo=UTC)
AT = int(datetime(2025, 6, 1, 12, 30, 7, tzinfo=UTC).timestamp())
EXAMPLES = Path(__file__).parents[1] / "examples" / "snovio"
LONG = "<p>Lorem ipsum dolor sit amet</p>" * 40
ALL_LISTS = pytest.mark.parametrize("events", EVENT_LISTS, ids=lambda events: str(events.table.name))
EACH_SHAPE = pytest.mark.parametrize("events", [SENT, OPENS], ids=lambda events: str(events.table.name))
"""One list of each shape, where what is tested depends on the shape alone."""
OPEN = {
    "visitedAt": {"date": "2025-06-01 12:30:07.000000", "timezone_type": 3, "timezone": "UTC"},
    "campaignId": CAMPAIGN,
    "campaign": "My top campaign",
    "prospectId": "a9e58c3e",
    "prospectFirstName": "John",
    "prospectLastName": "Doe",
    "prospectName": "John Doe",
    "sourcePage": None,
    "source": "copy",
    "locality": None,
    "industry": "Airlines/Aviation",
    "country": None,
    "prospectEmail": "Johndoe@snov.io",
    "hash": "20b1aeb0",
    "emailSubject": '"Special content for you"',
    "emailBody": '"<p>Lorem ipsum</p>"',
    "skills": "",
    "links": None,
    "customFields": None,
    "id": "c2a67a47",
    "customField_Phone": "",
}
SENT_ROW = {
    "sentDate": {"date": "2025-06-01 12:30:07.000000", "timezone_type": 3, "timezone": "UTC"},
    "userName": "John Doe",
    "userEmail": "johndoe@snov.io",
    "campaign": "Test",
    "hash": "be8fd412",
    "id": "010f091d",
}


def payload(events: EventList, **changed: Any) -> Payload:
    return {**(SENT_ROW if events is SENT else OPEN), **changed}


def opened(**changed: Any) -> Payload:
    return payload(OPENS, **changed)


def without(name: str, events: EventList = OPENS) -> Payload:
    return {key: value for key, value in payload(events).items() if key != name}


def page(payloads: Sequence[Payload], events: EventList = OPENS, excluded: Sequence[str] = ()) -> Page[EventRows]:
    return Conversion(events, CAMPAIGN, "default", NOW, frozenset(excluded))(payloads)


def rows(*payloads: Payload, events: EventList = OPENS) -> EventRows:
    return page(payloads, events).rows


def nested(levels: int, inner: Any = None) -> list[Any]:
    found: list[Any] = [inner]
    for _ in range(levels):
        found = [found]
    return found


# The plain path: what a row is, said once more without a column in sight.


def plain_row(events: EventList, shown_row: Payload, excluded: Sequence[str]) -> Row:
    """Converts one payload.

    Raises:
        BadRow: It cannot be loaded.
    """
    table = events.table
    if "campaignId" in shown_row and shown_row["campaignId"] not in (CAMPAIGN, str(CAMPAIGN)):
        raise BadRow("campaign_id: the row is of campaign ")  # which one is told in whatever way
    moment = plainly(events.time, values.instant, shown_row.get(table.place(events.time)))
    if moment is None:
        raise BadRow(f"{events.time}: a key may not be null")
    if moment > NOW + timedelta(days=1):
        raise BadRow(f"{events.time}: {moment.isoformat()} lies in the future")
    if moment.year < 2000:
        raise BadRow(f"{events.time}: {moment.isoformat()} lies before the year 2000")
    email = plainly(events.email, values.text, shown_row.get(table.place(events.email))) or ""
    known = {
        "account": "default",
        "campaign_id": CAMPAIGN,
        "event_date": moment.date(),
        events.time: moment,
        events.email: email,
        f"{events.email}_lower": email.lower(),
        "occurrence": 0,
    }
    if events.has_custom_fields:
        known["custom_fields"] = plainly(
            "custom_fields", lambda row: values.json_value(values.custom_fields(row)), shown_row
        )
        shown_row = {name: value for name, value in shown_row.items() if not name.startswith("customField_")}
    return table.row(shown_row, known, excluded)


def plainly(name: str, convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except (ValueError, RecursionError) as problem:
        raise BadRow(f"{name}: {problem}") from None


def plain_seconds(found: Sequence[Row | str], time: str) -> list[int]:
    """The second of each row; a rejected one carries that of the row before it, or else of the first."""
    known = [int(row[time].timestamp()) for row in found if not isinstance(row, str)]
    last = known[0] if known else int(NOW.timestamp())
    seconds = []
    for row in found:
        last = last if isinstance(row, str) else int(row[time].timestamp())
        seconds.append(last)
    return seconds


def without_campaign(reason: str) -> str:
    beginning = "campaign_id: the row is of campaign "
    return beginning if reason.startswith(beginning) else reason


def comparable(events: EventList, row: Row, parse: Callable[[Any], Any]) -> Row:
    """A row with its structures as one text each, and without fields that only other rows have."""
    structures = {column.name for column in events.table.columns if column.kind == "json"}
    declared = {column.name for column in events.table.columns} | {"account"}
    return {
        name: json.dumps(parse(value), sort_keys=True) if name in structures and value is not None else value
        for name, value in row.items()
        if value is not None or name in declared
    }


def assert_same(events: EventList, payloads: Sequence[Payload], excluded: Sequence[str] = ()) -> EventRows:
    """Both paths give the same rows, reject the same payloads for the same reasons, and tell the same seconds."""
    fast = page(payloads, events, excluded)
    plain: list[Row | str] = []
    for one in payloads:
        try:
            plain.append(plain_row(events, one, excluded))
        except BadRow as problem:
            plain.append(str(problem))
    reasons = {position: found for position, found in enumerate(plain) if isinstance(found, str)}
    assert {position: without_campaign(bad.reason) for position, bad in fast.rows.rejected.items()} == reasons
    assert all(bad.payload is payloads[position] for position, bad in fast.rows.rejected.items())
    columns = [column.name for column in events.table.columns]
    assert fast.rows.table.column_names[: len(columns) + 1] == ["account", *columns]
    assert fast.rows.table.num_rows == len(fast.rows) == len(payloads)
    for found, expected in zip(fast.rows.table.to_pylist(), plain, strict=True):
        if not isinstance(expected, str):
            assert comparable(events, found, json.loads) == comparable(events, expected, lambda value: value)
    assert list(fast.seconds) == plain_seconds(plain, events.time)
    return fast.rows


EXAMPLE_FILES = [
    (SENT, "emails_sent"),
    (OPENS, "email_opens"),
    (OPENS, "email_opens_string_date"),
    (CLICKS, "email_clicks"),
    (REPLIES, "email_replies"),
    (REPLIES, "email_replies_older"),
]


@pytest.mark.parametrize(("events", "file"), EXAMPLE_FILES, ids=lambda part: part if isinstance(part, str) else "")
def test_documented_examples(events: EventList, file: str) -> None:
    assert not assert_same(events, json.loads((EXAMPLES / f"{file}.json").read_text())).rejected


RAW_VALUES = {
    "@@nan@@": float("nan"),
    "@@integer over 64 bits@@": 10**30,
    "@@lone surrogate@@": json.loads(r'"\ud83d cut"'),
    "@@invalid utf-8@@": "caf\ufffd \ufffd",
    "@@deep@@": nested(5_000),
}


def spoiled(name: str, events: EventList) -> Payload:
    """A spoiled row as the decoder hands it on: what spoilers mark is put in place."""
    row = payload(events)
    spoil(name, row)
    return {key: RAW_VALUES.get(value, value) if isinstance(value, str) else value for key, value in row.items()}


@pytest.mark.parametrize("other", [CLICKS, REPLIES], ids=lambda events: str(events.table.name))
def test_lists_of_one_shape_are_told_apart_by_nothing_but_their_names(other: EventList) -> None:
    assert replace(other, table=OPENS.table, ask=OPENS.ask) == OPENS
    for column, like in zip(other.table.columns, OPENS.table.columns, strict=True):
        assert replace(column, meaning=like.meaning, mark=like.mark) == like
    assert other.table.key == OPENS.table.key


@EACH_SHAPE
@pytest.mark.parametrize("name", SPOILERS)
def test_every_kind_of_spoiled_row(name: str, events: EventList) -> None:
    """Also beside good rows, whose column is then converted value by value."""
    bad = spoiled(name, events)
    assert_same(events, [bad])
    beside = assert_same(events, [payload(events), bad, payload(events, id="other")])
    if name in HARMLESS:
        assert not beside.rejected


@EACH_SHAPE
def test_all_kinds_of_spoiled_rows_on_one_page(events: EventList) -> None:
    assert_same(events, [spoiled(name, events) for name in SPOILERS])


@EACH_SHAPE
@pytest.mark.parametrize("form", DATE_FORMS)
def test_every_form_of_dates(form: str, events: EventList) -> None:
    name = events.table.place(events.time)
    payloads = [payload(events, **{name: shown(AT + 977 * step, form, step)}) for step in range(30)]
    assert not assert_same(events, payloads).rejected


DATES: list[Any] = [
    "2025-06-01 12:30:07",
    "2025-06-01 12:30:07.250000",
    " 2025-06-01 12:30:07 ",
    "2025-06-01T12:30:07Z",
    "2025-06-01T12:30:07+05:30",
    "2025-06-01",
    "20250601",
    "2025-W22-7",
    "2025-06-01T24:00:00",
    AT,
    float(AT),
    AT + 0.5,
    str(AT),
    f" {AT} ",
    str(AT).translate({ord("0") + digit: chr(0x660 + digit) for digit in range(10)}),
    {"date": "2025-06-01 12:30:07.000000"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": None},
    {"date": "2025-06-01 12:30:07.000000", "timezone": ""},
    {"date": "2025-06-01 12:30:07.000000", "timezone": "utc"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": "EDT"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": "Europe/Kyiv"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": "-03:00"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": "Mars/Olympus"},
    {"date": "2025-06-01 12:30:07.000000", "timezone": ["UTC"]},
    {"date": "2025-06-01T12:30:07+02:00", "timezone": "UTC"},
    {"date": "20250601", "timezone": "UTC"},
    {"date": AT, "timezone": "UTC"},
    {"date": None, "timezone": "UTC"},
    {"date": nested(5_000), "timezone": "UTC"},
    {"timezone": "UTC"},
    {},
    [],
    ["2025-06-01"],
    None,
    "",
    "yesterday",
    "\ud800",
    True,
    -1,
    0,
    float("nan"),
    float("inf"),
    10**30,
    "1999-12-31 23:59:59.999999",
    "2000-01-01 00:00:00",
    "2000-01-01T00:00:00+00:01",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999",
    "9999-12-31T23:59:59-14:00",
    (NOW + timedelta(days=1)).isoformat(),
    (NOW + timedelta(days=1, microseconds=1)).isoformat(),
    (NOW + timedelta(days=1)).replace(tzinfo=None).isoformat(),
    (NOW + timedelta(days=1, microseconds=1)).replace(tzinfo=None).isoformat(),
]


@pytest.mark.parametrize("date", DATES, ids=reprlib.repr)
def test_any_date_alone_twice_and_beside_documented_ones(date: Any) -> None:
    assert_same(OPENS, [opened(visitedAt=date)])
    assert_same(OPENS, [opened(visitedAt=date), opened(visitedAt=date, id="other")])
    assert_same(OPENS, [opened(), opened(visitedAt=date), opened(visitedAt="2025-06-01 00:00:00")])


def test_all_dates_on_one_page() -> None:
    """The rejected ones carry the second of a neighbour, whichever side it is on."""
    payloads = [opened(visitedAt=date) for date in DATES]
    assert_same(OPENS, payloads)
    assert_same(OPENS, payloads[::-1])


VALUES: list[Any] = [
    None,
    "",
    "nul\x00nul",
    json.loads(r'"\ud800"'),
    json.loads(r'"\udc00\ud800"'),
    r"\u0000 is only text",
    "line\nbreak\r\u2028\x0b\x0c\x1c\x85end",
    '"quoted"',
    '"a \\ud800 \\u0000 quoted one"',
    '"',
    "é" * 5_000,
    0,
    7,
    -0.0,
    1.5,
    1e300,
    2**63 - 1,
    2**63,
    10**30,
    float("nan"),
    float("-inf"),
    True,
    False,
    [],
    [[]],
    ["a", 1],
    ["\x00", "\ud800", float("nan"), 2**70],
    {},
    {"b": 1, "a": {"\x00": ["\ud800", float("inf"), 10**30]}},
    nested(60),
    nested(70),
    nested(5_000),
]
FIELDS = [*OPEN, "customField_Two", "brandNewColumn"]


@pytest.mark.parametrize("name", [*(name for name in FIELDS if name not in ("visitedAt", "campaignId"))])
def test_any_value_in_any_field(name: str) -> None:
    """Alone, in every row, and beside documented rows."""
    for value in VALUES:
        assert_same(OPENS, [opened(**{name: value})])
        twice = [opened(**{name: value}), opened(**{name: value}), opened(**{name: value, "id": "other"})]
        assert_same(OPENS, twice)
        assert_same(OPENS, [opened(), opened(**{name: value}), opened(**{name: "text"})])


@pytest.mark.parametrize("name", [*(name for name in SENT_ROW if name != "sentDate"), "brandNewColumn"])
def test_any_value_in_any_field_of_an_email_sent(name: str) -> None:
    for value in VALUES:
        assert_same(SENT, [payload(SENT), payload(SENT, **{name: value}), payload(SENT, **{name: "text"})])


@EACH_SHAPE
def test_missing_fields(events: EventList) -> None:
    names = list(payload(events))
    assert_same(events, [without(name, events) for name in names])
    for name in names:
        assert_same(events, [without(name, events)] * 2)
    assert set(assert_same(events, [{}, {}]).rejected) == {0, 1}


NEW_FIELDS: list[list[Payload]] = [
    [{"newField": "a"}, {}, {"newField": None}],
    [{"newField": "a", "new_field": "b"}],
    [{"newField": None, "new_field": "b"}],
    [{"newField": [], "new_field": "b"}],
    [{"newField": "a"}, {"new_field": "b"}, {"new_field": "c", "newField": "d"}],
    [{"newField": "a", "new_field": nested(70)}],
    [{"new_field": nested(70), "newField": "a"}],
    [{"one": nested(70), "two": nested(5_000)}, {"two": nested(70), "one": nested(70)}],
    [{"account": "theirs"}, {"_removed": True}, {"_dlt_id": "1"}, {"removed": "2"}],
    [{"campaign_id": 5, "event_date": "never", "visited_at": "x", "prospect_email": "y", "occurrence": 9}],
    [{"sourceId": "a", "source_id": "b", "customFields_": "c", "custom_fields": "d"}],
    [{"": "empty"}, {" ": "blank"}, {".": "dot"}, {"a.b": "c"}, {"\ud800": "lone"}, {"\x00": "nul"}, {"🚀": "e"}],
    [{"x" * 300: "long"}, {"ключ": "кириллица"}, {"select": "sql"}, {"a=b": "c"}],
]


@pytest.mark.parametrize("added", NEW_FIELDS, ids=lambda added: reprlib.repr(list(added[0])))
def test_fields_that_no_column_declares(added: list[Payload]) -> None:
    assert_same(OPENS, [opened(**fields) for fields in added])
    assert_same(SENT, [payload(SENT, **fields) for fields in added])


def custom(**fields: Any) -> Payload:
    return opened(**{f"customField_{label}": value for label, value in fields.items()})


CUSTOM_FIELDS: list[list[Payload]] = [
    [custom(**{label: value}) for label in LABELS for value in CUSTOM_VALUES],
    [custom(**dict.fromkeys(LABELS, value)) for value in CUSTOM_VALUES],
    [custom(**{"": "empty label", "🚀 emoji": "🙂", "a\x00": "1", "a\ud800": "2"}), opened()],
    [custom(Number=7, Nothing=None, Yes=True, Many=[1, "a"], Object={"b": 1, "a": 2}), opened()],
    [custom(Deep=nested(70)), custom(Deep=nested(5_000)), opened()],
    [custom(Nan=float("nan"), Large=2**70, Text="nul\x00"), opened()],
    [custom(Text="\ud800"), custom(Text="\\u0000")],
    [opened(customFields={"a": 1, "Phone": "nested"}), opened(), without("customField_Phone")],
    [opened(customFields=[1]), opened(customFields={}), opened(customFields=[]), opened(customFields="text")],
    [opened(customFields=""), opened()],
    [opened(customFields=0), opened(customFields=False)],
    [opened(customFields=nested(70)), opened()],
    [{**without("customField_Phone"), "customFields": {"\ud800": float("inf")}}],
    [without("customField_Phone"), opened(customField_Other="x")],
]


@pytest.mark.parametrize("payloads", CUSTOM_FIELDS, ids=range(len(CUSTOM_FIELDS)))
def test_custom_fields(payloads: list[Payload]) -> None:
    assert_same(OPENS, payloads)
    for one in payloads:
        assert_same(OPENS, [one])


def test_custom_fields_of_emails_sent_are_kept_like_other_new_fields() -> None:
    """No column of this table takes them, and a field the API adds is never lost."""
    found = assert_same(SENT, [payload(SENT, customField_Phone="+1 555"), payload(SENT)])
    assert found.table["custom_field_phone"].to_pylist() == ["+1 555", None]


@EACH_SHAPE
def test_excluded_columns(events: EventList) -> None:
    """An excluded column is null and nothing in it is looked at."""
    free = [column.name for column in events.table.columns if column.name not in events.table.key]
    deep = "campaign" if events is SENT else "links"
    payloads = [payload(events), payload(events, **{deep: nested(70)}, newField="a")]
    for name in free:
        assert_same(events, payloads, [name])
    found = assert_same(events, payloads, free)
    assert all(found.table[name].null_count == 2 for name in free)
    assert not found.rejected


@ALL_LISTS
def test_an_empty_page(events: EventList) -> None:
    assert assert_same(events, []).digest() == (0, 0)


CAMPAIGNS: list[Any] = [
    CAMPAIGN + 1, CAMPAIGN, str(CAMPAIGN), float(CAMPAIGN), f" {CAMPAIGN}", None, True, "", [], [CAMPAIGN],
    {"id": CAMPAIGN}, "\ud800", "\x00", float("nan"), 10**30,
]  # fmt: skip


def test_rows_of_another_campaign() -> None:
    for found in CAMPAIGNS:
        assert_same(OPENS, [opened(campaignId=found)])
    bad = assert_same(OPENS, [opened(campaignId=found) for found in CAMPAIGNS]).rejected
    assert set(bad) == set(range(len(CAMPAIGNS))) - {1, 2, 3}


@pytest.mark.parametrize("levels", [70, 5_000])
def test_a_campaign_nested_deeply_is_another_campaign(levels: int) -> None:
    found = rows(opened(), opened(campaignId=nested(levels)))
    assert list(found.rejected) == [1]
    assert found.rejected[1].reason.startswith("campaign_id: ")


def test_the_first_of_several_reasons_is_told() -> None:
    """Campaign, time, e-mail, custom fields, the columns in their order, then new fields."""
    deep = nested(70)
    worst = custom(Deep=deep) | {"campaignId": 1, "visitedAt": "x", "prospectEmail": deep, "links": deep, "new": deep}
    good = opened()
    payloads = [dict(worst)]
    for name in ("campaignId", "visitedAt", "prospectEmail", "customField_Deep", "links", "new"):
        worst[name] = good.get(name)
        payloads.append(dict(worst))
    found = assert_same(OPENS, payloads)
    firsts = [bad.reason.split(":")[0] for bad in found.rejected.values()]
    assert firsts == ["campaign_id", "visited_at", "prospect_email", "custom_fields", "links", "new"]


any_text = st.text(st.characters(), max_size=12) | st.text('0123456789.-+:TZ "\\\x00\ud800', max_size=25)
scalars = st.none() | st.booleans() | st.integers() | st.integers(2**62, 2**90) | st.floats() | any_text
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
moments = st.integers(AT - 10**6, AT + 3 * 10**6)
dates = (
    st.builds(shown, moments, st.sampled_from(DATE_FORMS), st.integers(0, 5))
    | st.fixed_dictionaries({"date": json_values, "timezone": json_values})
    | json_values
)
names = st.sampled_from(FIELDS) | st.sampled_from(["new_field", "newField", "NewField", "account", "_removed"])
custom_names = any_text.map(lambda label: f"customField_{label}")


@st.composite
def payloads_of(draw: st.DrawFn, events: EventList) -> Payload:
    """A documented row with a few fields changed to anything, and perhaps some missing."""
    good = payload(events)
    gone = draw(st.sets(st.sampled_from(sorted(good)), max_size=2))
    shown_row = {name: value for name, value in good.items() if name not in gone}
    shown_row |= draw(st.dictionaries(names | custom_names | any_text, json_values, max_size=4))
    time = events.table.place(events.time)
    if draw(st.booleans()):
        shown_row |= {time: draw(dates)}
    elif time in gone or draw(st.booleans()):
        shown_row |= {time: good[time]}
    if draw(st.integers(0, 4)):
        shown_row.pop("campaignId", None)
    return shown_row


@settings(max_examples=examples(200), deadline=None)
@given(st.data(), st.sampled_from(EVENT_LISTS))
def test_any_page_of_json(data: st.DataObject, events: EventList) -> None:
    """Every value of every field may be anything: never a crash, the same rows, the same rejected positions."""
    assert_same(events, data.draw(st.lists(payloads_of(events), max_size=5)))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(payloads_of(OPENS), min_size=1, max_size=5))
def test_a_hash_does_not_depend_on_the_other_rows_of_any_page(payloads: list[Payload]) -> None:
    assert rows(*payloads).hashes == [rows(one).hashes[0] for one in payloads]


@settings(max_examples=examples(100), deadline=None)
@given(payloads_of(OPENS), payloads_of(OPENS))
def test_hashes_are_equal_where_the_stable_columns_are(one: Payload, other: Payload) -> None:
    """Loaded rows have equal hashes if and only if nothing but ids tells them apart."""
    found = rows(one, other)
    if not found.rejected:
        first, second = map(stable, found.table.to_pylist())
        assert (found.hashes[0] == found.hashes[1]) is (first == second)


def stable(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in UNSTABLE}


@ALL_LISTS
def test_ids_are_no_part_of_a_hash(events: EventList) -> None:
    other = {name: "another" for name in ("id", "hash", "prospectId") if name in payload(events)}
    first, second = rows(payload(events), payload(events, **other), events=events).hashes
    assert first == second


def test_ids_are_no_part_of_the_hash_of_a_rejected_row() -> None:
    """Neither is their absence; what else the row holds is."""
    bad = opened(visitedAt="never")
    others = [opened(visitedAt="never", **{name: "another"}) for name in ("id", "hash", "prospectId")]
    fewer = {name: value for name, value in bad.items() if name not in ("id", "hash", "prospectId")}
    found = rows(bad, *others, fewer, opened(visitedAt="never", campaign="another"))
    assert len(found.rejected) == 6
    assert len(set(found.hashes[:5])) == 1
    assert found.hashes[5] != found.hashes[0]


HASHED = [name for name in FIELDS if name not in ("campaignId", "id", "hash", "prospectId", "visitedAt")]


@pytest.mark.parametrize("name", HASHED)
@pytest.mark.parametrize("value", ["another", "", None, LONG], ids=["text", "empty", "null", "long"])
def test_every_other_column_is_part_of_a_hash(name: str, value: str | None) -> None:
    one = opened(**{name: "one"})
    first, second = rows(one, one | {name: value}).hashes
    assert first != second


def test_the_time_is_part_of_a_hash_to_the_microsecond() -> None:
    first, second = rows(
        opened(visitedAt="2025-06-01 12:30:07.000001"), opened(visitedAt="2025-06-01 12:30:07.000002")
    ).hashes
    assert first != second


def test_equal_moments_in_different_forms_have_equal_hashes() -> None:
    found = rows(*(opened(visitedAt=shown(AT, form)) for form in DATE_FORMS))
    assert len(set(found.hashes)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"locality": "", "industry": None}, {"locality": None, "industry": ""}),
        ({"locality": "a", "industry": ""}, {"locality": "", "industry": "a"}),
        ({"locality": "a", "industry": None}, {"locality": None, "industry": "a"}),
        ({"locality": None, "industry": None}, {"locality": "", "industry": ""}),
        ({"newOne": "a", "newTwo": None}, {"newOne": None, "newTwo": "a"}),
        ({"newOne": ""}, {"newOne": None}),
        ({"newOne": "new_two=a"}, {"newTwo": "a"}),
    ],
)
def test_a_value_that_moves_to_the_next_column_changes_the_hash(one: Payload, other: Payload) -> None:
    first, second = rows(opened(**one), opened(**other)).hashes
    assert first != second


def test_a_null_new_field_is_no_new_field() -> None:
    first, second = rows(opened(), opened(brandNewColumn=None)).hashes
    assert first == second


NEIGHBOURS: dict[str, list[Payload]] = {
    "a new field": [opened(brandNewColumn="new")],
    "two new fields": [opened(aNewColumn="new", zNewColumn="new")],
    "a rejected row": [opened(visitedAt=None)],
    "other forms": [opened(visitedAt=AT, campaign=7, links=[1], customField_Phone=1)],
    "no custom fields": [without("customField_Phone")],
    "the same body many times": [opened(emailBody=LONG)] * 50,
    "many bodies": [opened(emailBody=f"{number} {LONG}") for number in range(50)],
    "short bodies": [opened(emailBody="short")] * 500,
}


@pytest.mark.parametrize("body", ["short", LONG, f'"{LONG}"'], ids=["short", "long", "quoted"])
@pytest.mark.parametrize("neighbours", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_hash_does_not_depend_on_the_other_rows_of_its_page(neighbours: list[Payload], body: str) -> None:
    one = opened(emailBody=body)
    assert rows(one, *neighbours).hashes[0] == rows(one).hashes[0]


def test_two_fields_of_one_name_are_told_apart_whatever_the_other_rows_hold() -> None:
    both = opened(new_field="a", newField="b")
    alone, beside = rows(both), rows(opened(newField="c"), both)
    assert beside.table["new_field"][1] == alone.table["new_field"][0]
    assert beside.hashes[1] == alone.hashes[0]


def test_equal_payloads_have_equal_hashes_of_64_bits() -> None:
    one, other = rows(opened()), rows(json.loads(json.dumps(opened())))
    assert one.hashes == other.hashes
    assert 0 <= one.hashes[0] < 2**64


def mixed(count: int) -> list[Payload]:
    """Good and bad rows in turn, some with a new field, each with an id of its own."""
    payloads = []
    for number in range(count):
        changed: Payload = {"id": str(number), "industry": f"industry {number}"}
        if number % 3 == 1:
            changed["visitedAt"] = "never"
        if number % 4 == 2:
            changed["brandNewColumn"] = str(number)
        payloads.append(opened(**changed))
    return payloads


def assert_aligned(found: EventRows, payloads: Sequence[Payload], hash_of: dict[str, int]) -> None:
    """Every position holds the row, the hash and the rejection of its payload."""
    assert len(found) == found.table.num_rows == len(payloads)
    assert found.table["source_id"].to_pylist() == [one["id"] for one in payloads]
    assert found.hashes == [hash_of[one["id"]] for one in payloads]
    bad = {position: one for position, one in enumerate(payloads) if one["visitedAt"] == "never"}
    assert {position: why.payload for position, why in found.rejected.items()} == bad
    kept = [one["id"] for position, one in enumerate(payloads) if position not in bad]
    assert found.loadable()["source_id"].to_pylist() == kept
    assert found.digest() == (len(payloads), sum(found.hashes) % 2**64)


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(1, 12), st.lists(st.tuples(st.integers(-13, 13), st.integers(-13, 13)), min_size=1, max_size=4))
def test_slicing_and_putting_together_keeps_all_aligned(count: int, borders: list[tuple[int, int]]) -> None:
    payloads = mixed(count)
    whole = rows(*payloads)
    hash_of = {one["id"]: hashed for one, hashed in zip(payloads, whole.hashes, strict=True)}
    parts = [whole[start:stop] for start, stop in borders]
    for part, (start, stop) in zip(parts, borders, strict=True):
        assert_aligned(part, payloads[start:stop], hash_of)
        assert_aligned(part[1:], payloads[start:stop][1:], hash_of)
    expected = [one for start, stop in borders for one in payloads[start:stop]]
    assert_aligned(EventRows.together(parts), expected, hash_of)


def test_pages_with_different_new_fields_go_together() -> None:
    both = EventRows.together([rows(opened()), rows(opened(newField="a")), rows(opened(other="b"))])
    assert both.table["new_field"].to_pylist() == [None, "a", None]
    assert both.table["other"].to_pylist() == [None, None, "b"]


TWINS = [
    opened(),
    opened(id="b", hash="b", prospectId="b"),
    opened(emailSubject="second"),
    opened(emailSubject="second", id="c"),
    opened(customField_Phone="+1 555"),
    opened(links=["https://example.com"]),
    opened(brandNewColumn="new"),
    opened(prospectEmail=None),
    opened(prospectEmail=None, id="d"),
    opened(prospectEmail="johndoe@snov.io"),
    opened(visitedAt="2025-06-01 12:30:07.5"),
    opened(visitedAt=None),
    opened(visitedAt=None),
    opened(links=nested(70)),
]


def occurrences(found: EventRows) -> list[tuple[str, int]]:
    """Which occurrence every loadable row is, whatever its id, in the order of the stable content."""
    return sorted(
        (json.dumps({**stable(row), "occurrence": 0}, default=str, sort_keys=True), row["occurrence"])
        for row in found.loadable().to_pylist()
    )


@pytest.mark.parametrize("seed", range(20))
def test_repeated_keys_are_numbered_the_same_in_any_order(seed: int) -> None:
    expected = numbered(OPENS, rows(*TWINS))
    shuffled = random.Random(seed).sample(TWINS, len(TWINS))
    halves = EventRows.together([rows(*shuffled[:5]), rows(*shuffled[5:])])
    for turned in (rows(*shuffled), halves):
        found = numbered(OPENS, turned)
        assert occurrences(found) == occurrences(expected)
        assert found.hashes == turned.hashes
        assert found.rejected == turned.rejected


def test_no_key_is_there_twice_once_rows_are_numbered() -> None:
    found = numbered(OPENS, rows(*TWINS)).loadable().select(OPENS.table.key).to_pylist()
    keys = [tuple(row.values()) for row in found]
    assert len(set(keys)) == len(keys) == 11
    assert sorted(row["occurrence"] for row in found) == [0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6]


def test_the_number_does_not_depend_on_a_new_field_elsewhere() -> None:
    """A column that is null for all rows of a key has no say in their order."""
    twins = [opened(emailSubject="a"), opened(emailSubject="b", id="2")]
    alone = numbered(OPENS, rows(*twins))
    beside = numbered(OPENS, rows(*twins, opened(aNewColumn="x", visitedAt="2025-06-02")))
    assert beside.table["occurrence"].to_pylist()[:2] == alone.table["occurrence"].to_pylist()


def test_a_rejected_row_takes_no_number() -> None:
    found = numbered(OPENS, rows(opened(links=nested(70)), opened()))
    assert found.table["occurrence"].to_pylist()[1] == 0


@ALL_LISTS
def test_what_clears_days_fits_the_rows(events: EventList) -> None:
    """Its columns are those of a page, in their order and types, and no key is null."""
    day = datetime(2025, 6, 1, tzinfo=UTC).date()
    cleared = removed(events, "default", CAMPAIGN, [day, day - timedelta(days=1)])
    assert cleared.schema == rows(payload(events), events=events).table.schema
    assert cleared.schema.types[1:] == [TYPES[column.kind] for column in events.table.columns]
    assert all(cleared[name].null_count == 0 for name in ("account", *events.table.key))
    assert cleared["_removed"].to_pylist() == [True, True]
    assert removed(events, "default", CAMPAIGN, ()).num_rows == 0


def test_a_conversion_and_what_it_returns_can_be_carried_to_another_process() -> None:
    conversion = Conversion(OPENS, CAMPAIGN, "default", NOW, frozenset({"email_body"}))
    carried: Conversion = pickle.loads(pickle.dumps(conversion))  # noqa: S301  # our own
    payloads = [opened(), opened(visitedAt="never"), opened(newField="a")]
    found: Page[EventRows] = pickle.loads(pickle.dumps(carried(payloads)))  # noqa: S301  # our own
    expected = conversion(payloads)
    assert found.rows.table.equals(expected.rows.table)
    assert found.rows.hashes == expected.rows.hashes
    assert found.rows.rejected == {1: Rejected(payloads[1], expected.rows.rejected[1].reason)}
    assert list(found.seconds) == list(expected.seconds)


def test_a_payload_cannot_set_the_mark_that_clears_days() -> None:
    found = rows(opened(_removed=True)).table
    assert found["_removed"].to_pylist() == [None]
    assert found["x_removed"].to_pylist() == ["true"]
