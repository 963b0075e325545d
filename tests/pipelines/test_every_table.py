"""A load of every table, the opt-in ones too, holds the sandbox's truth, through the command line."""

from __future__ import annotations

from contextlib import closing

import pytest

from sources.snovio.tables import TABLES
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.warehouse import RECORDS


@pytest.mark.slow
def test_every_table_equals_the_truth(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=6, scale=0.1)
    outreach.use(server)
    outreach.run("load", "snovio", "--select", ",".join(TABLES))
    assert server.truth("default").keys() == TABLES.keys() - set(RECORDS)
    with closing(outreach.warehouse) as warehouse:
        assert warehouse.differences(server, tables=tuple(TABLES)) == {}
