"""What must never be found: secrets, tokens and webhook addresses, wherever somebody might look."""

import gzip
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dlt
import duckdb
import pytest
from dlt.common.versioned_state import decompress_state

from sources import redaction
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import DATASET, Warehouse

pytestmark = pytest.mark.slow


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger of the client says at DEBUG."""
    text, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    factory = logging.getLogRecordFactory()
    redaction.install()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(factory)


def canaries(server: SandboxServer) -> list[str]:
    """What must not be found: the secret, every token, the secret parts of webhook addresses."""
    account = server.world.account("default")
    hooks = [urlsplit(hook.end_point).path for hook in account.webhooks]
    return [account.client_secret, *server.tokens.issued, *hooks]


def files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a folder as text, unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content = str(duckdb.read_parquet(str(path)).fetchall()).encode()
            yield path, (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode(errors="replace")


@proves("secrets", "a canary secret and token in every test run")
def test_no_secret_is_in_any_row_state_package_or_log(
    sandbox: MakeSandbox, warehouse: Warehouse, dlt_folder: Path, log: io.StringIO
) -> None:
    server = sandbox(campaigns=2)
    server.faults.add(Fault("expire_tokens", "email_opens", times=1))
    server.faults.add(Fault("bad_gateway", "webhooks", times=1))
    server.faults.add(Fault("object_for_list", "custom_fields"))
    warehouse.load(server)
    assert len(server.tokens.issued) == 2

    rows = str(warehouse.everything())
    states = warehouse.query("SELECT state FROM _dlt_pipeline_state")
    state = str([decompress_state(row["state"]) for row in states])
    local = str(dlt.pipeline(f"{DATASET}_default").state)
    found = [
        (place, canary)
        for canary in canaries(server)
        for place, text in [("rows", rows), ("state", state), ("local", local), ("log", log.getvalue()),
                            *files(dlt_folder)]
        if canary in text
    ]  # fmt: skip
    assert found == []
    assert "email_opens" in state
    assert "get-emails-opened" in log.getvalue()


def test_webhook_addresses_keep_scheme_and_host_only(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    odd = [
        ("https://user:pass@hooks.example.com:8443/secret?key=1", "https://hooks.example.com/***"),
        ("http://[broken/secret", "***"),
        ("no address", "***"),
        (None, None),
    ]
    rows = [{"data": {"id": number, "end_point": url}} for number, (url, _) in enumerate(odd)]
    server.faults.add(Fault("payload", "webhooks", options={"payload": {"data": rows, "meta": {}}}))
    warehouse.load(server, tables=("webhooks",))
    shown = {row["id"]: row["end_point"] for row in warehouse.rows("webhooks")}
    assert shown == {number: masked for number, (_, masked) in enumerate(odd)}


def test_a_rejected_webhook_is_masked_too(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    row = {"data": {"id": "not a number", "end_point": "https://hooks.example.com/secret"}}
    server.faults.add(Fault("payload", "webhooks", options={"payload": {"data": [row], "meta": {}}}))
    warehouse.load(server, tables=("webhooks",))
    (rejected,) = warehouse.rows("rejected_rows")
    assert "secret" not in rejected["row"]
