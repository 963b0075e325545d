"""Secrets: found in nothing that a run leaves, prints, logs or shows of itself; and a leak fails the tests."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest
import typer

from pipelines.cli import app
from pipelines.registry import SOURCES
from sources.budget import Budget
from sources.slices import Slice
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.calls import Call
from tests.sandbox.canary import CANARY
from tests.sandbox.faults import Fault

ROOT: Final = Path(__file__).parents[2]
SECRET: Final = f"{CANARY}of-this-test-0123456789abcdef0123456789"

WATCHED: Final = """
    from tests.canaries import _no_canary_got_out, pytest_runtest_logreport
"""
LEAKS: Final = """
    import gzip, logging
    from base64 import b64encode
    import duckdb, pyarrow as pa, pyarrow.parquet as pq
    from tests.sandbox.canary import CANARY

    SECRET = CANARY + "value"

    def test_printed():
        print("here", SECRET)

    def test_logged():
        logging.getLogger("dlt").warning("here %s", SECRET)

    def test_rows(tmp_path):
        with duckdb.connect(str(tmp_path / "rows.duckdb")) as connection:
            connection.execute("SET disabled_compression_methods = 'fsst'")
            connection.execute("CREATE TABLE t AS SELECT i, CASE i % 7 WHEN 3 THEN ? ELSE 'x' || i END AS s "
                               "FROM range(50000) AS r(i)", [SECRET])

    def test_packed(tmp_path):
        (tmp_path / "packed.gz").write_bytes(gzip.compress(SECRET.encode() * 9))

    def test_parquet(tmp_path):
        pq.write_table(pa.table({"s": [SECRET] * 9}), tmp_path / "rows.parquet", compression="zstd")

    def test_encoded(tmp_path):
        (tmp_path / "encoded.txt").write_bytes(b64encode(b"a:" + SECRET.encode()))
"""
NO_LEAKS: Final = """
    from tests.sandbox.canary import CANARY

    def test_meant(tmp_path):
        (tmp_path / "secrets.toml").write_text(CANARY)
        print("nothing")
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the search at the end of this run does not see."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def run_of(tests: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A run of some tests that is watched as this one is."""
    (folder / "conftest.py").write_text(dedent(WATCHED))
    (folder / "test_it.py").write_text(dedent(tests))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", "."]
    return subprocess.run(  # noqa: S603  # our own
        [*command, "--basetemp", "made", "test_it.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
@proves("secrets", "a canary secret and token in every test run")
def test_a_secret_that_gets_out_fails_the_run(folder: Path) -> None:
    ended = run_of(LEAKS, folder)
    assert ended.returncode == 1, ended.stdout
    assert "secrets of the sandbox got out, 6 times" in ended.stdout
    for place in ("test_printed, Captured stdout", "test_logged, Captured log", "rows.duckdb", "packed.gz",
                  "rows.parquet", "encoded.txt"):  # fmt: skip
        assert place in ended.stdout
    assert "6 passed, 1 error" in ended.stdout


@pytest.mark.slow
def test_a_run_without_leaks_passes(folder: Path) -> None:
    ended = run_of(NO_LEAKS, folder)
    assert ended.returncode == 0, ended.stdout


def lines_of(process: int) -> str:
    """The command lines of a process and of those it started, as `ps` shows them."""
    found = Path(f"/proc/{process}/cmdline").read_bytes()
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        found += lines_of(int(child)).encode()
    return found.decode()


@pytest.mark.slow
@proves("secrets", "a canary secret and token in every test run")
def test_no_process_list_and_no_output_shows_a_secret(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Told everything, and refused by the API in words that name the secret."""
    server = sandbox(campaigns=1)
    outreach.use(server)
    outreach.environment["SOURCES__SNOVIO__ERASE_KEY"] = SECRET
    told = {
        "success": False,
        "message": f"no access for {server.credentials()[1]}",
        "end_point": f"https://h/{SECRET}",
    }
    server.faults.add(Fault("payload", "custom_fields", options={"payload": told, "status": 400}))
    shown: list[str] = []
    holds: list[bytes] = []

    def look(_: Call, __: Any) -> None:
        shown.append(lines_of(process.pid))
        holds.append(Path(f"/proc/{process.pid}/environ").read_bytes())

    server.before_each_call(look)
    process = outreach.start(
        "--verbose", "load", "snovio", "--select", "campaigns,email_opens,webhooks,custom_fields"
    )
    out, errors = process.communicate(timeout=120)

    assert process.returncode == 3, errors
    assert CANARY.encode() in holds[0]
    assert "load" in shown[-1]
    assert CANARY not in "".join(shown)
    assert CANARY not in out + errors
    assert "no access for ***" in errors


@pytest.mark.slow
def test_a_refused_secret_is_not_shown(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    outreach.use(sandbox(campaigns=1))
    outreach.environment["SOURCES__SNOVIO__CLIENT_SECRET"] = SECRET
    for command in ("load", "check", "plan"):
        ended = outreach.run("--verbose", command, "snovio", expect=4)
        assert CANARY not in ended.stdout + ended.stderr


@proves("secrets", "a canary secret and token in every test run")
@pytest.mark.parametrize("source", SOURCES)
def test_nothing_that_holds_a_secret_shows_it(source: str, dlt_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLT_DATA_DIR", str(dlt_folder))
    for name in (*SOURCES[source].credentials, "erase_key"):
        monkeypatch.setenv(f"SOURCES__{source.upper()}__{name.upper()}", SECRET)
    found = SOURCES[source].configured("default")
    assert SECRET in found.credentials.values()
    assert found.settings.erase_key == SECRET
    with SOURCES[source].opened(found, Budget()) as api:
        reading = SOURCES[source].reading(api, found.settings, (), "run", Slice())
        shown = [repr(one) + str(one) for one in (found, found.settings, api, reading, reading.erased)]
    assert CANARY not in "".join(shown)
    assert "requests_per_minute" in shown[0]


def test_no_option_takes_a_secret() -> None:
    """A command line is in the process list and in the shell's history; credentials are settings."""
    group: Any = typer.main.get_command(app)
    options = {name for command in every(group) for parameter in command.params for name in parameter.opts}
    assert "--select" in options
    assert [name for name in options if any(word in name for word in ("secret", "key", "token", "password"))] == []


def every(command: Any) -> Iterator[Any]:
    """A command and those below it."""
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from every(inner)
