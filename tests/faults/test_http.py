"""What the network and the server do wrong, over real HTTP: nothing is lost, nothing is taken for data."""

import shutil
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import httpx
import pytest
import stamina

from sources.http import HttpClient
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.calls import Call
from tests.sandbox.compare import differences
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

SENT: Final = "emails_sent"
ONE: Final = (SENT,)
PATIENCE: Final = 1.0
"""Seconds that the impatient client waits for a piece of an answer, and for all of it."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many attempts as ever, without the pauses between them, and none that waits for long."""
    defaults: dict[str, Any] = vars(HttpClient)["__init__"].__kwdefaults__
    monkeypatch.setitem(defaults, "timeout", httpx.Timeout(PATIENCE))
    monkeypatch.setitem(defaults, "answer_seconds", PATIENCE)
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


def long_list(sandbox: MakeSandbox, pages: int) -> SandboxServer:
    """A world of one campaign whose sent e-mails fill so many pages."""
    server = sandbox(campaigns=1)
    server.world.page_size = 100
    (campaign_id,) = server.world.account("default").campaigns
    rows = server.world.events("default", SENT, campaign_id)
    while len(rows) < pages * 90:  # the last rows of a page are the first of the next
        server.world.add_late_events("default", SENT, campaign_id, server.world.now.date().replace(day=1), 50)
    return server


def pages(server: SandboxServer) -> list[Call]:
    return [call for call in server.log if call.endpoint == SENT]


def outcomes(warehouse: Warehouse, *tables: str) -> set[str]:
    runs = warehouse.last_run()
    return {runs[table]["outcome"] for table in tables}


PASSING: Final[dict[str, dict[str, Any]]] = {
    "server_error": {},
    "bad_gateway": {},
    "html": {},
    "reset": {},
    "cut_connection": {},
    "drip": {"seconds": 4 * PATIENCE},
    "hang": {"seconds": 4 * PATIENCE},
    "truncated_json": {},
    "empty_body": {},
    "null": {},
    "wrong_content_type": {},
    "broken_gzip": {},
    "truncated_gzip": {},
}
"""Faults that pass, with their options."""


@pytest.mark.usefixtures("impatient")
@proves("http", "500, 502 with an HTML body")
@proves("http", "truncated JSON, empty body")
def test_what_passes_is_asked_again_at_the_same_place(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """One load meets every fault, each at another page."""
    server = long_list(sandbox, len(PASSING) + 2)
    faults = [
        server.faults.add(Fault(name, SENT, on_calls=(2 * place,), options=options))
        for place, (name, options) in enumerate(PASSING.items(), 1)
    ]
    warehouse.load(server, tables=ONE)
    assert {fault.name: fault.hits for fault in faults} == dict.fromkeys(PASSING, 1)
    offsets = [call.query["offset"] for call in pages(server)]
    assert offsets[1 : 2 * len(faults) : 2] == offsets[2 : 2 * len(faults) + 1 : 2]
    assert outcomes(warehouse, SENT) == {"ok"}
    assert warehouse.rows("rejected_rows") == []
    assert warehouse.differences(server, tables=ONE) == {}


STAYING: Final = ("html", "truncated_json", "empty_body", "null", "wrong_content_type", "broken_gzip")


@pytest.mark.usefixtures("impatient")
@proves("http", "truncated JSON, empty body")
def test_what_stays_is_the_failure_of_its_campaign_and_names_the_endpoint(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(scale=0.05)
    started = [one.id for one in server.world.account("default").campaigns.values() if one.started_at is not None]
    failing = dict(zip(started, STAYING, strict=False))
    assert len(failing) == len(STAYING) < len(started)
    for campaign_id, name in failing.items():
        server.faults.add(Fault(name, SENT, campaign_id=campaign_id))
    warehouse.load(server, tables=ONE)

    asked = [call.campaign_id for call in pages(server)]
    assert [asked.count(campaign_id) for campaign_id in failing] == [5] * len(failing)
    assert outcomes(warehouse, SENT) == {"partial"}
    detail = warehouse.last_run()[SENT]["detail"]
    assert detail.count(f"{SENT}: the ") == 5
    assert detail.endswith("and 1 more")
    others = [row for row in server.true_rows(SENT) if row["campaign_id"] not in failing]
    assert differences(others, warehouse.rows(SENT)) == []

    server.faults.clear()
    warehouse.load(server, tables=ONE)
    assert warehouse.differences(server, tables=ONE) == {}


def gaps(server: SandboxServer) -> list[float]:
    """Seconds between each call that was answered 429 and the one after it."""
    return [after.at - call.at for call, after in pairwise(server.log) if call.status == 429]


@proves("http", "429 storm")
def test_a_429_of_any_kind_pauses_all_calls_for_the_longer_of_block_and_retry_after(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Three pauses a load, of which the last is the token's; the list is read to its end all the same."""
    server = long_list(sandbox, 6)
    rounds: list[list[tuple[dict[str, Any], float]]] = [
        [({}, 0.2), ({"retry_after": "0"}, 0.2), ({"retry_after": "soon"}, 0.2)],
        [({"retry_after": "1"}, 1.0), ({"retry_after": "date", "in_seconds": 2}, 1.0), ({"retry_after": "-9"}, 0.2)],
    ]
    for answers in rounds:
        server.reset_counts()
        *of_pages, of_token = [options for options, _ in answers]
        for call, options in enumerate(of_pages, 1):
            server.faults.add(Fault("rate_limited", SENT, on_calls=(2 * call,), options=options))
        server.faults.add(Fault("rate_limited", "token", times=1, options=of_token))
        warehouse.load(server, tables=ONE, block_seconds=0.2, sweep_days=0)
        token, *others = [least for _, least in (answers[-1], *answers[:-1])]
        assert [gap >= least for gap, least in zip(gaps(server), (token, *others), strict=True)] == [True] * 3
        assert outcomes(warehouse, SENT) == {"ok"}
        assert warehouse.differences(server, tables=ONE) == {}
        server.faults.clear()


@proves("http", "429 storm")
def test_a_storm_of_429_ends_the_load_which_goes_on_when_it_is_over(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=2)
    outreach.use(server)
    outreach.environment[f"{SECTION}BLOCK_SECONDS"] = "0.1"
    load = ("load", "snovio", "--select", "custom_fields,emails_sent")
    server.faults.add(Fault("rate_limited", SENT))
    shown = outreach.run(*load, expect=3)
    assert "429 again after 3 pauses" in shown.stderr
    assert len(pages(server)) == len(gaps(server)) + 1 <= 8  # four lists may be under way at once
    assert outreach.warehouse.differences(server, tables=("custom_fields",)) == {}
    outreach.warehouse.close()

    server.faults.clear()
    server.faults.add(Fault("rate_limited", options={"retry_after": "3600"}))
    outreach.run(*load, "--max-minutes", "0.02", expect=6)
    server.reset_counts()
    outreach.run(*load, "--max-minutes", "0.02", expect=6)
    assert server.calls.total() == 0  # the block holds for every process, and the call for a token would prolong it

    server.faults.clear()
    shutil.rmtree(outreach.data / "cache")  # an hour later
    outreach.run(*load)
    assert outreach.warehouse.differences(server, tables=("custom_fields", SENT)) == {}


LISTS: Final = ("sender_accounts", "custom_fields", "do_not_email_lists", "prospect_lists", "webhooks", "pipelines")
"""Lists of the whole account: rows that are not in them are closed."""


@pytest.mark.parametrize("name", ["success_false", "object_for_list"])
@proves("http", "success false, an object where a list belongs")
def test_an_answer_that_is_no_list_is_an_error_and_closes_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse, name: str
) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=LISTS)
    before = warehouse.everything(without=("sync_runs",))
    for table in LISTS:
        server.faults.add(Fault(name, table))
    warehouse.load(server, tables=LISTS)
    runs = warehouse.last_run()
    assert outcomes(warehouse, *LISTS) == {"failed"}
    assert [table for table in LISTS if not runs[table]["detail"].startswith(f"{table}: ")] == []
    assert warehouse.everything(without=("sync_runs",)) == before


@pytest.mark.usefixtures("impatient")
@proves("http", "token expired between two pages")
def test_a_token_that_ends_between_two_pages_is_renewed_and_the_page_asked_again(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Three times, of which the token endpoint fails twice; it says that each token holds for 0 seconds."""
    server = long_list(sandbox, 6)
    server.faults.add(Fault("expires_in", "token"))
    server.faults.add(Fault("expire_tokens", SENT, on_calls=(2, 6, 10)))
    server.faults.add(Fault("server_error", "token", on_calls=(2,)))
    server.faults.add(Fault("html", "token", on_calls=(4,)))
    warehouse.load(server, tables=ONE)
    assert server.calls["token"] == 1 + 2 + 2 + 1
    asked = pages(server)
    assert [call.status for call in asked[:11]] == [200, 401, 401, 200, 200, 401, 401, 200, 200, 401, 200]
    for first, last in ((1, 3), (5, 7), (9, 10)):
        assert len({call.query["offset"] for call in asked[first : last + 1]}) == 1
    assert outcomes(warehouse, SENT) == {"ok"}
    assert warehouse.differences(server, tables=ONE) == {}


@proves("http", "secret revoked")
def test_a_secret_that_is_revoked_between_two_pages_exits_4_and_changes_nothing(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = long_list(sandbox, 3)
    outreach.use(server)
    load = ("load", "snovio", "--select", "custom_fields,emails_sent", "--full-refresh")
    outreach.run(*load)
    before = outreach.warehouse.everything()
    states = outreach.warehouse.query("SELECT version_hash FROM _dlt_pipeline_state ORDER BY ALL")
    outreach.warehouse.close()
    (campaign_id,) = server.world.account("default").campaigns
    server.world.add_events("default", SENT, campaign_id, 3)
    server.reset_counts()
    server.faults.add(Fault("revoke_secret", SENT, on_calls=(2,)))
    outreach.run(*load, expect=4)
    assert len(pages(server)) == 2
    assert outreach.warehouse.everything() == before
    assert outreach.warehouse.query("SELECT version_hash FROM _dlt_pipeline_state ORDER BY ALL") == states
    outreach.warehouse.close()

    server.faults.clear()
    server.restore_secret()
    outreach.run(*load)
    assert outreach.warehouse.differences(server, tables=("custom_fields", SENT)) == {}


@proves("http", "redirect to another host")
def test_a_redirect_takes_neither_token_nor_secret_to_another_host(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Of a page, and of the call for the token, whose body is the secret."""
    server = sandbox(campaigns=1)
    tables = ("custom_fields", "webhooks", "sender_accounts", "pipelines")
    warehouse.load(server, tables=tables)
    before = warehouse.everything(without=("sync_runs",))
    of_token = server.faults.add(Fault("redirect", "token", options={"status": 307}))
    warehouse.load(server, tables=tables)
    assert outcomes(warehouse, *tables) == {"failed"}
    server.faults.remove(of_token)
    for table, status in (("custom_fields", 302), ("webhooks", 307), ("sender_accounts", 308)):
        server.faults.add(Fault("redirect", table, options={"status": status}))
    warehouse.load(server, tables=tables)
    assert server.strangers == []
    runs = warehouse.last_run()
    assert [table for table in tables if "redirects elsewhere" in (runs[table]["detail"] or "")] == [*tables[:3]]
    assert warehouse.everything(without=("sync_runs",)) == before
