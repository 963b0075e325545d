"""Columns and words that several tables share."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sources.tables import Column

CAMPAIGN_ID: Final = Column("campaign_id", "integer", "The campaign; joins campaigns.id.", "campaignId", mark="")
SHOWN_CAMPAIGN_ID: Final = replace(CAMPAIGN_ID, mark="D")
"""The same in answers whose rows name it."""
EVENT_DATE: Final = Column("event_date", "date", "UTC day of the event: the unit in which rows are replaced.", "")
OCCURRENCE: Final = Column(
    "occurrence", "integer", "Numbers, from 0, the rows that agree in the rest of the key.", ""
)
OBSERVED_AT: Final = Column("observed_at", "instant", "When it was read, UTC.", "")
SOURCE_ID: Final = Column(
    "source_id", "text", "The API's row id; not known to be stable, no key.", "id", mark="U", person="detail"
)
SOURCE_HASH: Final = Column(
    "source_hash", "text", "The API's row hash; not known to be stable, no key.", "hash", mark="U", person="detail"
)

ROW_VERSION: Final = Column("row_version", "text", "Hash of the stable columns: a new one opens a new version.", "")

HISTORY: Final = "history (SCD2), the whole account at a time"
BY_DAY: Final = "a campaign's UTC day is replaced whole"
BY_CAMPAIGN: Final = "history (SCD2), a campaign at a time"
