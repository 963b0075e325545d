"""What `outreach state show` says, for tables of every kind."""

from typing import Any

import pytest

from pipelines.registry import SOURCES

LIST = {"stretches": [[None, "2025-06-18", 3]], "recent": {}, "settled": [3, 7], "loaded_through": "2025-06-18"}
CUT_OFF = {**LIST, "stretches": [["2025-06-01", "2025-06-17", 3]], "loaded_through": "2025-06-17", "unordered": True}
ASKED = {"on": "2025-06-11", "content": "a"}
MEMORY = {"settled": {"1": [["2025-06-01", "2025-06-18"]], "2": [["2025-06-01", "2025-06-17"]]}}
NOTHING = "nothing is known: the next load of it reads all"
EVERY_LOAD = "read whole at every load"
PROBE = "the probe is on: what stands still is not asked"


@pytest.mark.parametrize(
    ("source", "table", "known", "beside", "expected"),
    [
        (
            "snovio",
            "email_opens",
            {"lists": {"1": LIST, "2": CUT_OFF}},
            {"moved": {"email_opens": [2]}},
            [
                "1 campaign loaded through 2025-06-18",
                "1 campaign not read to the end of the list",
                "1 list in no order: read whole",
                "1 campaign marked: to be asked by the next load",
            ],
        ),
        (
            "snovio",
            "campaign_analytics",
            {"memory": MEMORY, "doubts": [1, 2]},
            {},
            [
                "2 campaigns with all days found out, through 2025-06-17 to 2025-06-18",
                "2 campaigns to be counted anew",
                PROBE,
            ],
        ),
        ("snovio", "campaign_analytics", {"probe_off": "off"}, {}, [NOTHING, "off"]),
        ("snovio", "sender_analytics", {"sender_email": MEMORY}, {}, [
            "2 sender_emails with all days found out, through 2025-06-17 to 2025-06-18"
        ]),
        ("snovio", "campaign_replies", {"campaigns": {"1": ASKED, "2": {}}}, {}, [
            "1 campaign read, last on 2025-06-11", "1 campaign never asked"
        ]),
        ("snovio", "campaign_steps", {"campaigns": {"1": "digest"}}, {}, ["1 campaign loaded"]),
        ("snovio", "list_prospects", {"lists": {"1": ASKED}}, {}, ["1 list read, last on 2025-06-11"]),
        ("snovio", "campaigns", {}, {"campaigns_seen": 1200}, ["1,200 rows at the last load", EVERY_LOAD]),
        ("snovio", "webhooks", {}, {}, [EVERY_LOAD]),
        ("snovio", "prospect_profiles", {"by_email": True}, {}, [
            "asked for by e-mail; the table tells who was asked"
        ]),
        ("sendkit", "campaign_leads", {"campaigns": {"a": ASKED}}, {}, ["1 campaign read, last on 2025-06-11"]),
        ("sendkit", "leads", {"on": "2025-06-11", "cut_off": {"at": {}}}, {}, [
            "read whole on 2025-06-11", "cut off: the next load goes on"
        ]),
        ("sendkit", "mailboxes", {"rows": 8, "pages": 1}, {}, ["8 rows at the last load", EVERY_LOAD]),
    ],
)  # fmt: skip
def test_the_state_in_words(
    source: str, table: str, known: dict[str, Any], beside: dict[str, Any], expected: list[str]
) -> None:
    state = {"resources": {table: known}, **beside}
    assert SOURCES[source].described(state, table) == expected


@pytest.mark.parametrize(("source", "table"), [(one.name, table) for one in SOURCES.values() for table in one.tables])
def test_every_table_is_described_before_it_was_ever_read(source: str, table: str) -> None:
    assert SOURCES[source].described({}, table)
