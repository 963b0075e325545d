"""Marts of many campaigns and events, made of those of a few."""

from pathlib import Path

import duckdb


def multiplied(file: Path, campaigns: int, *, events: int = 0) -> None:
    """Add copies of the campaigns until there are so many, and of their events until there are so many."""
    with duckdb.connect(str(file)) as connection:
        connection.execute("USE marts")
        (there,) = connection.execute("SELECT count(*) FROM outreach__campaigns").fetchall()[0]
        times = -(-campaigns // there)
        for table, number in (
            ("outreach__campaigns", "campaign_id || '-' || copies"),
            ("outreach__campaign_daily", "campaign_id || '-' || copies"),
            ("snovio__activities", "campaign_id * 1000 + copies"),
            ("snovio__campaign_recipients", "campaign_id * 1000 + copies"),
        ):
            connection.execute(
                f"INSERT INTO {table} "
                f"SELECT there.* REPLACE ({number} AS campaign_id, campaign || ' ' || copies AS campaign) "
                f"FROM {table} AS there, range(1, {times}) AS numbers(copies)"
            )
        (rows,) = connection.execute("SELECT count(*) FROM snovio__activities").fetchall()[0]
        if events > rows:
            connection.execute(
                f"INSERT INTO snovio__activities SELECT activities.* FROM snovio__activities AS activities, "
                f"range({-(-events // rows) - 1})"
            )
