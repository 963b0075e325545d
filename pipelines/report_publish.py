"""What `outreach publish` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pipelines.publish import Published


def publish_as_json(published: Published) -> dict[str, Any]:
    """The copy that is in place."""
    return {**asdict(published), "seconds": round(published.seconds, 3)}


def publish_as_text(published: Published) -> str:
    """The same, in a line."""
    rows = sum(table.rows for table in published.tables)
    size = published.size / 1_000_000
    read_by = f"; read by {', '.join(published.readers)}" if published.readers else ""
    return (
        f"{published.path}: {len(published.tables)} tables, {rows:,} rows, {size:.1f} MB, {published.seconds:.1f} s; "
        f"each table checked against the warehouse{read_by}"
    )
