"""Every documented answer, loaded: each of its values is found in a column of its table."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources import values
from sources.snovio.tables import CAMPAIGN_ANALYTICS, READ_WITH, RECIPIENT_ACTIVITY, TABLES, WARMUPS
from tests.conftest import MakeSandbox
from tests.sandbox.calls import Call
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import Row, Warehouse

EXAMPLES = Path(__file__).parents[1] / "examples" / "snovio"
CAMPAIGN, REPLIED = 37505, 38573
"""The campaigns of the examples of details and replies."""

LOADED: Mapping[str, tuple[str, ...]] = {
    "account_balance": ("account_balance",),
    "campaign_details": ("campaign_details", "campaign_steps", "campaign_step_contents"),
    "campaign_progress": ("campaign_progress",),
    "campaign_replies": ("campaign_replies", "campaign_reply_messages"),
    "campaign_schedules": ("campaign_schedules", "campaign_schedule_days"),
    "campaigns": ("campaigns",),
    "completed_prospects": ("completed_prospects",),
    "custom_fields": ("custom_fields",),
    "do_not_email_lists": ("do_not_email_lists",),
    "email_clicks": ("email_clicks",),
    "email_opens": ("email_opens",),
    "email_replies": ("email_replies",),
    "email_step_content": ("email_step_contents",),
    "emails_sent": ("emails_sent",),
    "list_prospects": ("list_prospects", "list_prospect_emails"),
    "pipeline_stages": ("pipeline_stages",),
    "pipelines": ("pipelines",),
    "prospect_lists": ("prospect_lists",),
    "prospect_profile": (
        "prospect_profiles",
        *(part for part, head in READ_WITH.items() if head == "prospect_profiles"),
    ),
    "recipient_status": ("recipient_statuses",),
    "sender_account_check": ("sender_account_checks",),
    "sender_accounts": ("sender_accounts",),
    "warmup_statistics": ("warmup_statistics",),
    "warmups": ("warmups",),
    "webhooks": ("webhooks",),
}
"""Example -> the tables that a load fills from it."""
SECOND_FORMS: Mapping[str, tuple[str, ...]] = {
    "email_opens_string_date": ("email_opens",),
    "email_replies_older": ("email_replies",),
    "sender_account_check_invalid": ("sender_account_checks",),
}
"""Further examples of the same endpoints."""
CONVERTED: Mapping[str, Callable[[Row], Row]] = {
    "campaign_analytics": lambda row: CAMPAIGN_ANALYTICS.row(row, {"campaign_id": 1, "date": date(2026, 1, 1)}),
    "campaign_analytics_older": lambda row: CAMPAIGN_ANALYTICS.row(row, {"campaign_id": 1, "date": date(2026, 1, 1)}),
    "recipient_activity": lambda row: RECIPIENT_ACTIVITY.row(
        row, {"campaign_id": 1, "event_date": date(2026, 1, 1), "occurrence": 0}
    ),
    "warmup": lambda row: WARMUPS.row(row, {}),
}
"""Examples whose questions hang on what was answered before, or that are not asked for: converted alone."""
OTHERWISE = {"token", "prospects_by_email"}
"""Its content is a secret; the other is `prospect_profile` in an array (`test_api`)."""
NOT_KEPT = {"success", "pagination", "total_items", "page", "per_page", "total_pages"}
"""What an answer says of itself."""
ENDPOINTS = {
    "email_step_content": "email_step_contents",
    "prospect_profile": "prospect_profiles",
    "recipient_status": "recipient_statuses",
    "sender_account_check": "sender_account_checks",
    "email_opens_string_date": "email_opens",
    "email_replies_older": "email_replies",
    "sender_account_check_invalid": "sender_account_checks",
}
"""Where an example is not named like its endpoint."""


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def leaves(payload: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Each value with its place; a PHP date is one, and what is empty or null is none."""
    if isinstance(payload, dict) and "timezone_type" not in payload:
        for key, value in payload.items():
            if key not in NOT_KEPT:
                yield from leaves(value, f"{place}.{key}")
    elif isinstance(payload, list):
        for value in payload:
            yield from leaves(value, place)
    elif payload not in (None, ""):
        yield place, payload


def known_as(place: str, value: Any) -> set[str]:
    """The forms in which a value may stand in a column."""
    forms: list[Any] = [value]
    if isinstance(value, dict):
        forms = [values.instant(value)]
    elif place.endswith("end_point"):
        host = str(value).split("/")[2]
        forms = [f"https://{host}/***"]
    elif isinstance(value, str):
        forms.append(values.decoded_text(value))
        for convert in (values.instant, values.calendar_date, values.decimal, values.fraction):
            forms += attempt(convert, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        forms += [value / 100, *attempt(values.instant, value)]
    return {shown(form) for form in forms}


def attempt(convert: Callable[[Any], Any], value: Any) -> list[Any]:
    try:
        return [convert(value)]
    except ValueError:
        return []


def shown(value: Any) -> str:
    """One form for values that are equal."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)


def held(rows: list[Row]) -> set[str]:
    """Every value of some rows, also those inside structures."""
    return {form for row in rows for value in row.values() for form in inside(value)}


def inside(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield str(key)
            yield from inside(member)
    elif isinstance(value, list):
        for member in value:
            yield from inside(member)
    else:
        yield shown(value)


def lost(name: str, rows: list[Row]) -> list[str]:
    """The values of an example that are nowhere in some rows."""
    there = held(rows)
    payload = example(name)
    if name == "email_step_content":
        del payload["data"]["id"]  # kept is the id that was asked for
    return [f"{place}: {value}" for place, value in leaves(payload) if not known_as(place, value) & there]


def answer_with(server: SandboxServer, name: str) -> None:
    """Answers an endpoint with an example, whatever is asked; further pages are empty."""
    payload = example(name)
    empty = {**payload, "data": []} if "data" in payload else [] if isinstance(payload, list) else payload
    endpoint = ENDPOINTS.get(name, name)
    if name == "list_prospects":
        empty = {**payload, "prospects": []}
    if name == "campaign_replies":
        empty = {"data": payload["data"][-1:]}
    for is_first, content in ((True, payload), (False, empty)):
        options = {"payload": content}
        server.faults.add(Fault("payload", endpoint, where=_on_page(is_first, name), options=options))


def _on_page(is_first: bool, name: str) -> Callable[[Call], bool]:
    own = {"campaign_details": CAMPAIGN, "email_step_content": CAMPAIGN, "campaign_replies": REPLIED}.get(name)

    def strikes(call: Call) -> bool:
        page = str(call.parameters.get("offset", call.parameters.get("page", "0")))
        return (page in {"0", "1"} if name != "campaign_replies" else page == "0") is is_first and (
            own is None or call.campaign_id == own
        )

    return strikes


def campaigns_of_examples() -> list[Row]:
    """Those of the example, and those that other examples are about."""
    listed: list[Row] = example("campaigns")
    started = next(row for row in listed if row["started_at"])
    events = ("email_opens", "email_clicks", "email_replies", *SECOND_FORMS)
    about = {row["campaignId"] for name in events for row in example(name) if "campaignId" in row}
    living = next(row["id"] for row in example("prospect_lists") if not row["isDeleted"])
    return [*listed, *({**started, "id": number, "list_id": living} for number in {CAMPAIGN, REPLIED, *about})]


@pytest.mark.slow
@pytest.mark.parametrize("names", [tuple(LOADED), tuple(SECOND_FORMS)], ids=["first", "second forms"])
def test_each_value_of_an_example_is_in_a_column_of_its_table(
    sandbox: MakeSandbox, warehouse: Warehouse, names: tuple[str, ...]
) -> None:
    server = sandbox(campaigns=1)
    tables = {**LOADED, **SECOND_FORMS}
    for name in {*names} - {"campaigns"}:
        answer_with(server, name)
    server.faults.add(Fault("payload", "campaigns", options={"payload": campaigns_of_examples()}))
    warehouse.load(server, tables=[*{table for name in names for table in tables[name]}, "campaigns"])
    found = {name: lost(name, [row for table in tables[name] for row in warehouse.rows(table)]) for name in names}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("name", CONVERTED)
def test_each_value_of_an_example_that_is_converted_alone_is_in_a_column(name: str) -> None:
    payload = example(name)
    payloads = payload.get("data", payload)
    rows = [CONVERTED[name](row) for row in (payloads if isinstance(payloads, list) else [payloads])]
    assert lost(name, rows) == []


def test_every_example_and_every_table_is_here() -> None:
    files = {path.stem for path in EXAMPLES.glob("*.json") if not path.stem.startswith("error_")}
    assert files == {*LOADED, *SECOND_FORMS, *CONVERTED, *OTHERWISE}
    asked = {table.name for table in TABLES.values() if table.endpoint.startswith(("GET", "POST"))}
    filled = {table for tables in LOADED.values() for table in tables}
    assert asked - filled == {
        "recipient_activity", "campaign_analytics", "campaign_totals", "sender_analytics",
    }  # fmt: skip
