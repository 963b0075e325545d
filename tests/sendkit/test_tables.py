"""Every field of every documented answer lands in a column that is declared for it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.sendkit.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_DETAILS,
    CAMPAIGN_STEP_ANALYTICS,
    CAMPAIGN_STEPS,
    CAMPAIGNS,
    DO_NOT_CONTACT,
    INBOX_THREADS,
    LEADS,
    OVERVIEW,
    SUBSEQUENCES,
    TABLES,
)
from sources.tables import KINDS, Table

EXAMPLES = Path(__file__).parents[1] / "examples" / "sendkit"
Row = dict[str, Any]
Part = tuple[Table, Row]

KNOWN: Row = {"account": "default", "campaign_id": "c", "observed_at": datetime(2025, 6, 1, tzinfo=UTC)}


def data(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())["data"]


def rows(table: Table) -> Callable[[str], list[Part]]:
    return lambda name: [(table, row) for row in data(name)]


def campaigns(name: str) -> list[Part]:
    found = data(name) if isinstance(data(name), list) else [data(name)]
    parts: list[Part] = []
    for campaign in found:
        steps = campaign.pop("sequence")
        parts += [(CAMPAIGNS, campaign), *((CAMPAIGN_STEPS, {**step, "campaignId": "c"}) for step in steps)]
    return parts


def analytics(name: str) -> list[Part]:
    answer = data(name)
    steps = [(CAMPAIGN_STEP_ANALYTICS, {**row, "variant": ""}) for row in answer.pop("stepAnalytics")]
    return [(CAMPAIGN_ANALYTICS, answer), *steps, *((SUBSEQUENCES, row) for row in answer.pop("subsequences", []))]


READ_BY: dict[str, Callable[[str], list[Part]]] = {
    "campaign": campaigns,
    "campaign_analytics": analytics,
    "campaign_analytics_current": analytics,
    "campaigns": campaigns,
    "campaigns_older_paging": campaigns,
    "dnc": rows(DO_NOT_CONTACT),
    "inbox": rows(INBOX_THREADS),
    "leads": rows(LEADS),
    "overview": lambda name: [(OVERVIEW, data(name))],
}
"""Every example file, and how its tables read it."""


def leaves(value: Any, place: str = "") -> Iterator[str]:
    """The dotted places of all values of a payload; lists and open vocabularies count as one."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{place}.{key}" if place else key)
    else:
        yield place


def test_every_example_is_walked() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == READ_BY.keys()


@pytest.mark.parametrize("name", READ_BY)
def test_every_leaf_of_an_example_has_a_column_with_its_value(name: str) -> None:
    for table, payload in READ_BY[name](name):
        declared = {column.name for column in table.columns} | {"account"}
        unit: Row = {name: value for name, value in KNOWN.items() if name in {"account", *table.key}}
        problems: list[str] = []
        row = table.row(payload, unit, problems=problems)
        assert problems == []
        assert row.keys() <= declared, "an undeclared field"
        for place in leaves(payload):
            column = next(one for one in table.columns if any(place.startswith(at) for at in one.places))
            value: Any = payload
            for part in place.split("."):
                value = value.get(part) if isinstance(value, dict) else value
            if value is not None and column.name not in unit:
                assert row[column.name] is not None, f"{place} is lost"


def test_values_keep_the_contract() -> None:
    (overview,) = (OVERVIEW.row(data("overview"), KNOWN),)
    assert overview["rates__open"] == 0.45
    assert overview["by_sequence__subsequence__bounced"] == 45
    (_, campaign), *steps = campaigns("campaigns")
    row = CAMPAIGNS.row(campaign, {"account": "default"})
    assert row["started_at"] == datetime(2025, 6, 15, 9, tzinfo=UTC)
    assert row["sending_schedule__working_days"] == [1, 2, 3, 4, 5]
    assert [CAMPAIGN_STEPS.row(step, KNOWN)["position"] for _, step in steps] == [0, 1, 2]
    breakdown = CAMPAIGN_ANALYTICS.row(data("campaign_analytics"), KNOWN)["status_breakdown"]
    assert sum(breakdown.values()) == 500


@pytest.mark.parametrize("table", [*TABLES.values(), CAMPAIGN_DETAILS], ids=lambda table: table.name)
def test_tables_are_described(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert {*table.key, *table.unit} <= set(names)
    assert all(column.kind in KINDS and column.meaning.endswith(".") for column in table.columns)
    assert all(hint["name"] == name for name, hint in table.hints().items())


def test_a_plain_lead_id_is_one_too() -> None:
    table = TABLES["campaign_leads"]
    for lead in ("7", {"_id": "7", "email": "ann@example.org"}):
        assert table.row({"_id": "1", "leadId": lead}, KNOWN)["lead_id"] == "7"


def test_a_day_is_an_id() -> None:
    row = TABLES["campaign_daily_analytics"].row({"_id": "2025-06-01", "payload": {"sent": 3}}, KNOWN)
    assert (row["date"], row["payload"]) == (date(2025, 6, 1), {"sent": 3})
