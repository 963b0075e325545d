"""Snov.io as a dlt source: campaigns, their events, prospect lists and the account's own lists.

    import dlt
    from sources.snovio import snovio_source

    dlt.pipeline("snovio_default", destination="duckdb", dataset_name="snovio").run(snovio_source())

Credentials come from dlt's configuration (`sources.snovio.client_id`, `sources.snovio.client_secret`).
"""

from __future__ import annotations

import random
import uuid
import weakref
from collections.abc import Iterable, Sequence
from datetime import date

import dlt
from dlt.extract import DltResource

from sources import records
from sources.rate_limit import shared_store
from sources.snovio import account as account_lists
from sources.snovio import (
    activity,
    analytics,
    campaigns,
    details,
    events,
    profiles,
    prospects,
    replies,
    sender_analytics,
    senders,
)
from sources.snovio.api import SnovioApi
from sources.snovio.event_rows import EVENT_LISTS
from sources.snovio.reading import AccountReading
from sources.snovio.settings import PROFILES_PER_RUN, Settings, excluded_columns
from sources.snovio.tables import DEFAULT_TABLES, TABLES

__all__ = ["resources", "snovio_source"]


@dlt.source(name="snovio", max_table_nesting=0)
def snovio_source(  # noqa: PLR0913, PLR0917  # each is a documented setting
    client_id: str = dlt.secrets.value,
    client_secret: str = dlt.secrets.value,
    base_url: str = "https://api.snov.io",
    requests_per_minute: int = 55,
    start_date: str | None = None,
    lookback_days: int = 3,
    sweep_days: int = 7,
    block_seconds: float = 300.0,
    profiles_per_run: int = PROFILES_PER_RUN,
    exclude_columns: Sequence[str] = (),
    linkedin_senders: Sequence[str] = (),
    campaign_owners: Sequence[str] = (),
    account: str = "default",
    erase_key: dlt.TSecretStrValue | None = None,
) -> Iterable[DltResource]:
    """All readable tables of one Snov.io account.

    Args:
        client_id: The API user id (`sources.snovio.client_id`).
        client_secret: Its secret (`sources.snovio.client_secret`).
        base_url: Where the API is.
        requests_per_minute: Calls a minute, token calls included; the documented limit is 60. 0: unlimited.
        start_date: Events before this day (`YYYY-MM-DD`) are not read.
        lookback_days: Days before the last loaded one that are read again.
        sweep_days: Running campaigns are read whole at least so often; 0: at every load.
        block_seconds: Seconds of silence after a 429.
        profiles_per_run: At most so many calls for profiles of prospects, where that table is selected.
        exclude_columns: Columns that stay null: `column` or `table.column`.
        linkedin_senders: LinkedIn account ids that `sender_analytics` counts by; the API does not list them.
        campaign_owners: Owners' e-mail addresses that it counts by; needs a higher plan.
        account: The account's name, the first column of every table.
        erase_key: What the hashes of people are made with who were erased; 32 characters or more.

    Raises:
        ConfigurationError: A setting is wrong.
    """
    settings = Settings(
        account=account,
        start_date=date.fromisoformat(start_date) if start_date else None,
        lookback_days=lookback_days,
        sweep_days=sweep_days,
        profiles_per_run=profiles_per_run,
        linkedin_senders=linkedin_senders,
        campaign_owners=campaign_owners,
        excluded=excluded_columns(exclude_columns, TABLES.values()),
        erase_key=erase_key,
    )
    api = SnovioApi(
        client_id=client_id,
        client_secret=client_secret,
        base_url=base_url,
        requests_per_minute=requests_per_minute,
        block_seconds=block_seconds,
        limiter_store=shared_store(base_url),
    )
    reading = AccountReading(api, settings, DEFAULT_TABLES, uuid.uuid4().hex)
    # the resources share it, and any of them may be the last one read
    weakref.finalize(reading, api.close)
    weakref.finalize(reading, reading.readers.close)
    return resources(reading)


def resources(reading: AccountReading) -> list[DltResource]:
    """The resources of one read, in the order in which they must be read: what they tell about themselves last."""
    lists = [*(events.event_list(reading, one) for one in EVENT_LISTS), activity.recipient_activity(reading)]
    first = random.Random(reading.run_id).randrange(len(lists))  # noqa: S311  # a small budget reaches each in time
    return [
        campaigns.campaigns(reading),
        *lists[first:],
        *lists[:first],
        analytics.campaign_analytics(reading),
        analytics.campaign_totals(reading),
        sender_analytics.sender_analytics(reading),
        *details.campaign_details(reading),
        details.email_step_contents(reading),
        campaigns.campaign_progress(reading),
        *replies.campaign_replies(reading),
        campaigns.completed_prospects(reading),
        prospects.prospect_lists(reading),
        prospects.list_prospects(reading),
        prospects.list_prospect_emails(reading),
        replies.recipient_statuses(reading),
        *profiles.prospect_profiles(reading),
        *account_lists.whole_lists(reading),
        senders.sender_accounts(reading),
        senders.sender_account_checks(reading),
        senders.warmups(reading),
        senders.warmup_statistics(reading),
        *account_lists.campaign_schedules(reading),
        *account_lists.pipelines(reading),
        account_lists.webhooks(reading),
        account_lists.account_balance(reading),
        records.rejected_rows(reading, TABLES),
        records.sync_runs(reading, TABLES),
    ]
