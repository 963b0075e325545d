"""Columns and words that several tables share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sources.tables import Column, Mark, column_name

ID: Final = ("_id", ("id",))
"""Where an id stands: lists and details call it `_id`, the inbox and the analytics `id`."""

OPENS_AND_CLICKS: Final[Mapping[str, Mark]] = {"opened": "U", "clicked": "U"}
"""Whether events or people are counted is unknown."""

CAMPAIGN_ID: Final = Column("campaign_id", "text", "The campaign; joins campaigns.id.", "")
PAYLOAD: Final = Column(
    "payload",
    "json",
    "The row as it came: no answer of this endpoint is documented in full.",
    mark="",
)
ROW_VERSION: Final = Column("row_version", "text", "Hash of the row: only what changed is written anew.", "")
READ_AT: Final = Column("read_at", "instant", "When it was read, UTC.", "")

HISTORY: Final = "history (SCD2), the whole account at a time"
BY_CAMPAIGN: Final = "a campaign is replaced whole"
BY_ROW: Final = "a row is replaced by its next version; gone rows are removed when all were read"
WHEN_CHANGED: Final = "campaigns whose entry in the list changed, all at their sweep"


def key(name: str, meaning: str) -> Column:
    """The column of an id, under either of its names."""
    return Column(name, "text", meaning, *ID)


def counters(prefix: str, place: str, marks: Mapping[str, Mark], **meanings: str) -> tuple[Column, ...]:
    """Columns of whole numbers that stand together in an object.

    Args:
        prefix: Their names begin with it.
        place: Where the object stands in the payload, with a dot at its end; empty: the payload itself.
        marks: How the meanings are known, by the API's name; those that are not named: documented.
        meanings: What each counts, by the API's name.
    """
    return tuple(
        Column(f"{prefix}{column_name(name)}", "integer", meaning, f"{place}{name}", mark=marks.get(name))
        for name, meaning in meanings.items()
    )
