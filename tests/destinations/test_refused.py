"""Destinations that cannot hold what is loaded are refused before any call, with the reason and what helps."""

import pytest

from tests.command_line import CommandLine
from tests.conftest import MakeSandbox

INSTEAD = "outreach publish PATH --format parquet"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("filesystem", ("append every row again", INSTEAD)),
        ("delta", ("scd2", INSTEAD)),
        ("iceberg", ("scd2", INSTEAD)),
        ("athena", ("cannot merge by delete-insert and scd2", INSTEAD)),
        ("lancedb", ("cannot merge by delete-insert and scd2", INSTEAD)),
        ("mssql", ("no boolean conditions", INSTEAD)),
        ("dummy", ("cannot merge by scd2", INSTEAD)),
        ("snowflake", ("is not installed", "dlt[snowflake]")),
        ("nosuchdest", ("--destination: dlt knows no destination 'nosuchdest'",)),
    ],
)
def test_a_destination_that_cannot_hold_it_exits_2_before_any_call(
    sandbox: MakeSandbox, outreach: CommandLine, name: str, says: tuple[str, ...]
) -> None:
    server = sandbox(campaigns=1)
    outreach.use(server)
    for command in (("load", "snovio"), ("plan", "snovio"), ("status",), ("state", "reset", "snovio")):
        shown = outreach.run(*command, "--destination", name, expect=2)
        assert [part for part in says if part not in " ".join(shown.stderr.split())] == []
        assert "Traceback" not in shown.stderr
    assert not server.calls
    assert [one.name for one in outreach.project.iterdir()] == [".dlt"]
