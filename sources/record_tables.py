"""What a read tells about itself."""

from __future__ import annotations

from typing import Final

from sources.tables import Column, Table


def rejected_rows_table(ids: str) -> Table:
    """The table of rows that could not be understood, for a source whose ids are of a kind (a key of `KINDS`)."""
    return Table(
        "rejected_rows",
        "every endpoint",
        ("endpoint", "row_hash"),
        (
            Column("endpoint", "text", "Table whose endpoint sent the row.", ""),
            Column("row_hash", "text", "Hash of the row's content.", ""),
            Column("campaign_id", ids, "The campaign it was asked for, where there is one.", ""),
            Column("list_id", ids, "The list it was asked for, where there is one.", ""),
            Column("reason", "text", "What could not be understood.", "", person="raw"),
            Column("row", "text", "The row as JSON.", "", person="raw"),
            Column("rejected_at", "instant", "When it was first rejected, UTC.", ""),
        ),
        grain="One row per row of the API with something that could not be understood, and why.",
        kept="every row once, as first seen",
        calls="none",
    )


REJECTED_ROWS: Final = rejected_rows_table("integer")

SYNC_RUNS: Final = Table(
    "sync_runs",
    "none",
    ("run_id", "table_name"),
    (
        Column("run_id", "text", "The run.", ""),
        Column("table_name", "text", "The table.", ""),
        Column("started_at", "instant", "When the run began, UTC.", ""),
        Column("seconds", "number", "Seconds spent on the table.", ""),
        Column("calls", "integer", "Requests sent for it, retries included.", ""),
        Column("calls_least", "integer", "Requests planned at least, when the run began; retries aside.", ""),
        Column("calls_most", "integer", "Requests planned at most, when the run began; retries aside.", ""),
        Column("rows", "integer", "Rows handed to the warehouse; unchanged days are not handed on again.", ""),
        Column("rejected", "integer", "Rows that could not be understood.", ""),
        Column("newest_row", "instant", "Time of the newest row seen, UTC.", ""),
        Column("swept", "integer", "Campaigns or lists that were read whole.", ""),
        Column("repaired", "integer", "Of these, how many differed from what was stored.", ""),
        Column("unordered", "integer", "Lists that are not newest first and had to be read whole.", ""),
        Column("outcome", "text", "ok, partial, failed or stopped.", ""),
        Column("detail", "text", "What failed or was skipped, and why.", "", person="raw"),
    ),
    grain="One row per load and table: what the load did for it.",
    kept="one row a run and table",
    calls="none",
)
