"""Any bytes give rows, rejected rows or a typed error: never a crash, a hang or a row that is lost without a word."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
import stamina
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.errors import OutreachError
from sources.sendkit import settings as sendkit_settings
from sources.sendkit.api import SendkitApi
from sources.sendkit.reading import WorkspaceReading, lower
from sources.sendkit.tables import LEADS
from sources.snovio import prospects, replies
from sources.snovio.api import SnovioApi
from sources.snovio.counting import Answer
from sources.snovio.event_rows import ACTIVITY, EVENT_LISTS, Conversion, Events, numbered
from sources.snovio.pages import Page
from sources.snovio.reading import AccountReading
from sources.snovio.settings import Settings
from sources.snovio.tables import CAMPAIGNS, CUSTOM_FIELDS
from sources.tables import Row, Table
from sources.values import payload_text
from tests.faults.mutations import bodies
from tests.properties import examples

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
NOW: Final = datetime(2026, 6, 18, 15, tzinfo=UTC)
DAY: Final = date(2026, 6, 1)
CAMPAIGN: Final = 1234567
URL: Final = "https://api.example.com"


class Server:
    """Answers every call with the same body, but that for a token."""

    body = b""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        if request.url.path.endswith("access_token"):
            return httpx.Response(200, json={"access_token": "example", "expires_in": 3600})
        return httpx.Response(200, content=self.body, headers={"Content-Type": "application/json"})


SERVER: Final = Server()
SNOVIO: Final = SnovioApi(
    client_id="example", client_secret="example-secret", base_url=URL, requests_per_minute=0,
    transport=httpx.MockTransport(SERVER),
)  # fmt: skip
SENDKIT: Final = SendkitApi(
    api_key="sk_example", base_url=URL, requests_per_minute=0, transport=httpx.MockTransport(SERVER)
)


class Counts(NamedTuple):
    """What became of the rows of an answer."""

    loaded: int
    rejected: int


class _Counting:
    """A reading that counts the rows which it rejects whole; one that is loaded without a value is none."""

    rejected_whole = 0

    def reject(self, table: Table, payload: Mapping[str, Any], reason: str, known: Mapping[str, Any]) -> None:
        """Counts, and rejects."""
        self.rejected_whole += not reason.startswith("loaded with empty values")
        super().reject(table, payload, reason, known)  # type: ignore[misc]  # that of the reading


class CountingSnovio(_Counting, AccountReading):
    """Of Snov.io."""


class CountingSendkit(_Counting, WorkspaceReading):
    """Of SendKit."""


def account() -> CountingSnovio:
    return CountingSnovio(SNOVIO, Settings(), (), "run")


def events(of: Events) -> Callable[[], Counts]:
    conversion = Conversion(of, CAMPAIGN, "default", NOW)

    def read() -> Counts:
        if of is ACTIVITY:
            answer = SNOVIO.recipient_activity(CAMPAIGN, date_from=DAY, date_to=DAY, offset=0, convert=conversion)
            page: Page[Any] = answer.rows
        else:
            page = next(one for one in EVENT_LISTS if one is of).ask(SNOVIO, CAMPAIGN, 0, conversion)
        rows = numbered(of, page.rows)
        rows.table.validate(full=True)
        assert len(page.seconds) == len(rows)
        for bad in rows.rejected.values():
            payload_text(bad.payload)
        loaded = rows.loadable()
        keys = loaded.select(list(of.table.key)).to_pylist()
        assert not any(None in key.values() for key in keys)
        assert len({tuple(key.values()) for key in keys}) == len(keys)
        return Counts(len(loaded), len(rows.rejected))

    return read


def listed(table: Table, ask: Callable[[], list[Row]]) -> Callable[[], Counts]:
    def read() -> Counts:
        reading = account()
        rows = reading.convert_all(table, ask())
        json.dumps(reading.take_rejected(), default=str).encode()
        return Counts(len(rows), reading.rejected_whole)

    return read


def list_prospects() -> Counts:
    reading = account()
    entry = {"id": 1, "contacts": 2}
    found = prospects._rows_of_list(reading, entry)  # noqa: SLF001  # the pages of one list
    lost = [row for row in reading.take_rejected() if row["endpoint"] == "list_prospects"]
    whole = [row for row in lost if not row["reason"].startswith("loaded with empty values")]
    return Counts(len(found.rows), len(whole))


def campaign_replies() -> Counts:
    reading = account()
    payloads = SNOVIO.campaign_replies(CAMPAIGN, 0)
    found = [replies._reply(reading, CAMPAIGN, payload) for payload in payloads]  # noqa: SLF001  # of one page
    numbered_ones = replies._numbered(reply for reply in found if reply is not None)  # noqa: SLF001  # likewise
    return Counts(len(numbered_ones), found.count(None))


def analytics() -> Counts:
    counters = SNOVIO.campaign_analytics(campaign_ids=[CAMPAIGN], date_from=DAY, date_to=DAY)
    assert all(Answer(counters).values())
    return Counts(0, 0)


def leads() -> Counts:
    reading = CountingSendkit(SENDKIT, sendkit_settings.Settings(), (), "run")
    payloads = [payload for page in SENDKIT.leads() for payload in page]
    rows = [reading.convert(LEADS, payload, email_lower=lower(payload.get("email"))) for payload in payloads]
    return Counts(sum(row is not None for row in rows), reading.rejected_whole)


class Case(NamedTuple):
    """An endpoint.

    Args:
        example: The file with its documented answer.
        inside: Where the rows stand in it.
        read: Asks for it and converts it.
        repeated: Whether rows that are there twice may be one.
    """

    example: str
    inside: tuple[str, ...]
    read: Callable[[], Counts]
    repeated: bool = False


CASES: Final = {
    **{of.table.name: Case(f"snovio/{of.table.name}", (), events(of)) for of in EVENT_LISTS},
    "recipient_activity": Case("snovio/recipient_activity", ("data",), events(ACTIVITY)),
    "campaigns": Case("snovio/campaigns", (), listed(CAMPAIGNS, SNOVIO.campaigns)),
    "custom_fields": Case("snovio/custom_fields", (), listed(CUSTOM_FIELDS, SNOVIO.custom_fields)),
    "list_prospects": Case("snovio/list_prospects", ("prospects",), list_prospects, repeated=True),
    "campaign_replies": Case("snovio/campaign_replies", ("data",), campaign_replies),
    "campaign_analytics": Case("snovio/campaign_analytics", ("nothing",), analytics),
    "sendkit_leads": Case("sendkit/leads", ("data",), leads, repeated=True),
}


def documented(case: Case) -> Any:
    """The documented answer, which shows some prospects of a list and the number of all."""
    answer = json.loads((EXAMPLES / f"{case.example}.json").read_text(encoding="utf-8"))
    if "prospects" in answer:
        answer["list"]["contacts"] = len(answer["prospects"])
    return answer


def rows_in(body: bytes, inside: tuple[str, ...]) -> int | None:
    """How many rows an answer has, told by another decoder than ours; None where that one has no answer."""
    try:
        found = json.loads(body.decode("utf-8-sig", errors="replace"), parse_int=str)
    except (ValueError, RecursionError):
        return None
    for name in inside:
        found = found.get(name) if isinstance(found, dict) else None
    return len(found) if isinstance(found, list) else None


@pytest.fixture(autouse=True, scope="module")
def _one_attempt() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_any_bytes_give_rows_or_rejected_rows_or_a_typed_error(name: str, data: st.DataObject) -> None:
    case = CASES[name]
    SERVER.body = data.draw(bodies(documented(case)))
    with suppress(OutreachError):
        found = case.read()
        assert_accounted(found, case)


def assert_accounted(found: Counts, case: Case) -> None:
    """Each row of the answer is loaded or rejected."""
    expected = rows_in(SERVER.body, case.inside)
    if expected is not None:
        assert sum(found) == expected or (case.repeated and sum(found) < expected)


@pytest.mark.parametrize("name", CASES)
def test_the_documented_answer_is_read_without_a_word(name: str) -> None:
    case = CASES[name]
    SERVER.body = json.dumps(documented(case)).encode()
    found = case.read()
    assert found.rejected == 0
    assert found.loaded == (rows_in(SERVER.body, case.inside) or 0)
