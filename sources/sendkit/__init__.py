"""SendKit as a dlt source: campaigns, their counters, leads, conversations and the workspace's own lists.

    import dlt
    from sources.sendkit import sendkit_source

    dlt.pipeline("sendkit_default", destination="duckdb", dataset_name="sendkit").run(sendkit_source())

The key comes from dlt's configuration (`sources.sendkit.api_key`).
"""

from __future__ import annotations

import random
import uuid
import weakref
from collections.abc import Iterable, Sequence

import dlt
from dlt.extract import DltResource

from sources import records
from sources.rate_limit import shared_store
from sources.sendkit import account as account_lists
from sources.sendkit import analytics, campaigns, leads
from sources.sendkit.api import SendkitApi
from sources.sendkit.reading import WorkspaceReading
from sources.sendkit.settings import SECTION, Settings
from sources.sendkit.tables import DEFAULT_TABLES, TABLES
from sources.settings import excluded_columns

__all__ = ["resources", "sendkit_source"]


@dlt.source(name="sendkit", max_table_nesting=0)
def sendkit_source(  # noqa: PLR0913, PLR0917  # each is a documented setting
    api_key: str = dlt.secrets.value,
    workspace_id: str | None = None,
    base_url: str = "https://api.sendkit.ai",
    requests_per_minute: int = 60,
    lookback_days: int = 3,
    sweep_days: int = 7,
    block_seconds: float = 60.0,
    exclude_columns: Sequence[str] = (),
    account: str = "default",
    erase_key: dlt.TSecretStrValue | None = None,
    *,
    archived_campaigns: bool = True,
) -> Iterable[DltResource]:
    """All readable tables of one SendKit workspace.

    Args:
        api_key: The key (`sources.sendkit.api_key`), of a workspace (`sk_...`) or of a platform (`sk_user_...`).
        workspace_id: The workspace to read, needed with a platform's key and with no other.
        base_url: Where the API is.
        requests_per_minute: Calls a minute; the API's limit is not published. 0: unlimited.
        lookback_days: Days before the last ones loaded that are read again.
        sweep_days: Everything is read whole at least so often; 0: at every load.
        block_seconds: Seconds of silence after a 429, or `Retry-After` if longer.
        exclude_columns: Columns that stay null: `column` or `table.column`.
        account: The account's name, the first column of every table.
        erase_key: What the hashes of people are made with who were erased; 32 characters or more.
        archived_campaigns: Whether archived campaigns are asked for too.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    settings = Settings(
        account=account,
        workspace_id=workspace_id,
        lookback_days=lookback_days,
        sweep_days=sweep_days,
        archived_campaigns=archived_campaigns,
        excluded=excluded_columns(SECTION, exclude_columns, TABLES.values()),
        erase_key=erase_key,
    )
    api = SendkitApi(
        api_key=api_key,
        workspace_id=workspace_id,
        base_url=base_url,
        requests_per_minute=requests_per_minute,
        block_seconds=block_seconds,
        limiter_store=shared_store(base_url),
    )
    reading = WorkspaceReading(api, settings, DEFAULT_TABLES, uuid.uuid4().hex)
    # the resources share it, and any of them may be the last one read
    weakref.finalize(reading, api.close)
    weakref.finalize(reading, reading.readers.close)
    return resources(reading)


def resources(reading: WorkspaceReading) -> list[DltResource]:
    """The resources of one read: in turns another one is first, what they tell about themselves is last."""
    tables = [
        campaigns.campaigns(reading),
        campaigns.campaign_steps(reading),
        *analytics.campaign_analytics(reading),
        analytics.campaign_daily_analytics(reading),
        leads.campaign_leads(reading),
        leads.leads(reading),
        leads.inbox_threads(reading),
        *account_lists.whole_lists(reading),
        account_lists.overview(reading),
    ]
    first = random.Random(reading.run_id).randrange(len(tables))  # noqa: S311  # a small budget reaches each in time
    return [
        *tables[first:],
        *tables[:first],
        records.rejected_rows(reading, TABLES),
        records.sync_runs(reading, TABLES),
    ]
