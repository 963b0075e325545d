"""What must never be found: keys, and what an answer may hold of secrets, wherever somebody might look."""

import gzip
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import dlt
import duckdb
import pytest
from dlt.common.versioned_state import decompress_state

from sources import redaction
from tests.sandbox.faults import Fault
from tests.sendkit.conftest import MakeSendkit, Sendkit

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


def files(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a folder as text, unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".parquet":
                content = str(duckdb.read_parquet(str(path)).fetchall()).encode()
            text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            yield str(path), text.decode(errors="replace")


@pytest.mark.parametrize("header", ["", "Authorization"])
def test_no_secret_is_in_any_row_state_package_or_log(
    sendkit: MakeSendkit, loaded: Sendkit, dlt_folder: Path, log: io.StringIO, header: str
) -> None:
    server = sendkit(campaigns=2, leads=40)
    server.world.rules.header = header
    told = {"success": False, "error": f"key {server.platform_key} is not allowed"}
    server.faults.add(Fault("payload", "mailboxes", options={"payload": told, "status": 400}))
    server.faults.add(Fault("bad_gateway", "leads", times=1))
    loaded.load(server, api_key=server.platform_key, workspace_id=server.workspace_id())

    rows = str(loaded.everything())
    states = loaded.query("SELECT state FROM _dlt_pipeline_state")
    state = str([decompress_state(row["state"]) for row in states])
    local = str(dlt.pipeline("sendkit_default").state)
    places = [("rows", rows), ("state", state), ("local", local), ("log", log.getvalue()), *files(dlt_folder)]
    assert [(place, secret) for secret in server.secrets for place, text in places if secret in text] == []
    assert "cut_off" in state
    assert "is not allowed" in rows
    assert "/v1/leads" in log.getvalue()
