"""Tables that the answers to another table's questions fill: they come with it, in whichever slice it is read."""

from unittest.mock import patch

import pytest

from sources import slices
from sources.snovio.tables import READ_WITH
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox

pytestmark = pytest.mark.slow

HEADS = ("campaign_details", "campaign_replies", "list_prospects", "prospect_profiles")
PARTS = tuple(part for part, head in READ_WITH.items() if head in HEADS)
FEW = 5
"""Rows of a slice: no head is read to its end in one."""


def test_parts_come_with_their_head_in_whichever_slice_it_is_read(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=2, scale=0.1, most_prospects=3)
    outreach.use(server)
    with patch.multiple(slices, MOST_ROWS=FEW, ROWS_PER_PAGE=FEW):
        outreach.run("load", "snovio", "--select", "list_prospects,list_prospect_emails")
        outreach.run("load", "snovio", "--select", ",".join((*HEADS, *PARTS)))
    loads = [outreach.warehouse.query(f"SELECT DISTINCT _dlt_load_id FROM {head}") for head in HEADS]  # noqa: S608
    assert max(map(len, loads)) > 1
    assert outreach.warehouse.differences(server, tables=(*HEADS, *PARTS)) == {}
