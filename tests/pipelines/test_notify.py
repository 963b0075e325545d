"""`--notify`: the operator hears of what went wrong, and of nothing else."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipelines.notices import as_text, notices
from pipelines.results import AccountReport, Report
from sources.outcomes import Outcome
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.sandbox.faults import Fault

PATH = "/services/T0000/B0000/canary-webhook-token"
GOOD = datetime(2025, 6, 17, 3, 17, tzinfo=UTC)


class Listener:
    """A webhook that keeps what it is told, and answers as it is set to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.status = 200
        self.url = ""

    @contextmanager
    def listening(self) -> Iterator["Listener"]:
        """Listens at a free port until the block ends."""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listener.told.append(body["text"])
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing on stderr."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}{PATH}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@pytest.fixture
def webhook() -> Iterator[Listener]:
    with Listener().listening() as listener:
        yield listener


@pytest.mark.slow
def test_marts_that_fail_after_a_load_are_told(
    sandbox: MakeSandbox, outreach: CommandLine, webhook: Listener
) -> None:
    outreach.use(sandbox(campaigns=1))
    outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = "marts.duckdb"  # named like their schema
    load = ("load", "snovio", "--select", "custom_fields", "--notify", webhook.url)
    outreach.run(*load)
    assert webhook.told == []
    outreach.run(*load, "--marts", expect=1)
    [told] = webhook.told
    assert told.startswith("outreach load snovio: the marts failed\n- marts: destination.duckdb.credentials")
    assert "outreach marts" in told


@pytest.mark.slow
def test_what_went_wrong_is_told_with_its_beginning_and_a_way_out(
    sandbox: MakeSandbox, outreach: CommandLine, webhook: Listener
) -> None:
    server = sandbox(campaigns=3)
    outreach.use(server)
    load = ("load", "snovio", "--select", "campaigns,webhooks,email_replies", "--notify", webhook.url)
    outreach.run(*load)
    assert webhook.told == [], "a quiet load says nothing"

    def with_new_field(rows: Any) -> Any:
        return [{**row, "surprise": "party"} for row in rows]

    server.faults.add(Fault("reshaped", "campaigns", options={"change": with_new_field}))
    server.faults.add(Fault("reshaped", "webhooks", options={"change": lambda _: {"data": "nonsense"}}))
    outreach.run(*load, expect=3)
    (text,) = webhook.told
    assert "exit code 3" in text
    assert "account default, webhooks: failed: webhooks:" in text
    assert "since: last read well at 20" in text
    assert "to do: the next load tries again" in text
    assert "campaigns.surprise" in text


@pytest.mark.slow
def test_a_load_that_fails_whole_is_told_and_its_secrets_are_not(
    sandbox: MakeSandbox, outreach: CommandLine, webhook: Listener
) -> None:
    outreach.use(sandbox(campaigns=1))
    outreach.environment |= {"OUTREACH_NOTIFY": webhook.url, f"{SECTION}CLIENT_SECRET": "canary-of-a-wrong-secret"}
    outreach.run("load", "snovio", "--select", "webhooks", expect=4)
    outreach.run("load", "snovio", "--select", "webhoks", expect=2)
    refused, unknown = webhook.told
    assert "The API refused the credentials" in refused
    assert "to do: renew the credentials" in refused
    assert "webhoks" in unknown
    assert "canary" not in refused + unknown


@pytest.mark.slow
def test_a_webhook_that_does_not_answer_changes_nothing_and_stays_secret(
    sandbox: MakeSandbox, outreach: CommandLine, webhook: Listener
) -> None:
    outreach.use(sandbox(campaigns=1))
    webhook.status = 500
    load = ("load", "snovio", "--select", "webhoks", "--notify")
    shown = outreach.run(*load, webhook.url, expect=2)
    assert "nobody was told" in shown.stderr
    assert "trying again after failure 2" in shown.stderr
    assert "canary-webhook-token" not in shown.stderr
    assert not shown.stdout
    beyond = outreach.run(*load, "http://hooks.example.com/services/canary-webhook-token", expect=2)
    assert "notify: http:// would send" in beyond.stderr
    assert "canary-webhook-token" not in beyond.stderr


def test_each_kind_of_notice_says_where_since_when_and_what_to_do() -> None:
    outcomes = [
        Outcome("email_opens", failures={"campaign 7": "answers 404"}, read=2),
        Outcome("campaign_analytics", alerts=["the probe is off since 2025-06-18: why"]),
        Outcome("email_clicks", rejected=3, notes=["a thing of no consequence"]),
    ]
    accounts = [
        AccountReport("north", "r", 3, outcomes=outcomes, new_columns=["campaigns.surprise"]),
        AccountReport("south", "r", 4, "The API refused the credentials."),
        AccountReport("west", "r", 6, stopped="--max-requests", outcomes=[Outcome("campaigns", stopped=True)]),
    ]
    report = Report("snovio", accounts, "outreach.duckdb", "snovio")
    told = notices(report, {("north", "email_opens"): GOOD, ("south", "campaigns"): GOOD})
    assert [(notice.where, notice.since) for notice in told] == [
        ("account north, email_opens", "last read well at 2025-06-17 03:17 UTC"),
        ("account north, campaign_analytics", "this load"),
        ("account north, email_clicks", "this load"),
        ("account north", "this load"),
        ("account south", "last read well at 2025-06-17 03:17 UTC"),
    ]
    text = as_text(report, told)
    for what in ("campaign 7: answers 404", "the probe is off", "3 rows could", "campaigns.surprise", "renew"):
        assert what in text
    assert text.count("to do: ") == len(told)
    assert "no consequence" not in text


def test_a_table_that_was_never_read_well_says_so() -> None:
    account = AccountReport("north", "r", 1, outcomes=[Outcome("campaigns", failures={"": "the list is empty"})])
    (told,) = notices(Report("snovio", [account], "w", "snovio"), {})
    assert told.since == "never read well"
    assert told.what == "failed: the list is empty"
