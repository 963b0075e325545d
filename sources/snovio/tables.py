"""Every table of the Snov.io source, as data."""

from __future__ import annotations

from typing import Final

from sources.tables import REMOVED, Column, Table

_CAMPAIGN_ID = Column("campaign_id", "integer", "The campaign; joins campaigns.id.", "campaignId")
_EVENT_DATE = Column("event_date", "date", "UTC day of the event: the unit in which rows are replaced.", "")
_OCCURRENCE = Column("occurrence", "integer", "Numbers, from 0, the rows that agree in the rest of the key.", "")
_OBSERVED_AT = Column("observed_at", "instant", "When it was read, UTC.", "")
_REMOVED = Column(REMOVED, "boolean", "Technical: clears a unit that became empty; never true in a stored row.", "")
_SOURCE_ID = Column("source_id", "text", "The API's row id; not known to be stable, no key.", "id")
_SOURCE_HASH = Column("source_hash", "text", "The API's row hash; not known to be stable, no key.", "hash")

_HISTORY = "history (SCD2), the whole account at a time"
_BY_DAY = "a campaign's UTC day is replaced whole"

CAMPAIGNS: Final = Table(
    "campaigns",
    "GET /v1/get-user-campaigns",
    ("id",),
    (
        Column("id", "integer", "Campaign id."),
        Column("campaign", "text", "Campaign name; not unique."),
        Column("list_id", "integer", "Recipient list; joins prospect_lists.id."),
        Column("status", "text", "The API's own word (Active, Paused, Draft ...); open vocabulary."),
        Column("created_at", "instant", "Creation, UTC."),
        Column("updated_at", "instant", "Last change of the campaign itself, UTC; events do not move it."),
        Column("started_at", "instant", "Start, UTC; null while never started."),
        Column("hash", "text", "Meaning not documented."),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

CAMPAIGN_PROGRESS: Final = Table(
    "campaign_progress",
    "GET /v2/campaigns/{id}/progress",
    ("campaign_id", "observed_at"),
    (
        _CAMPAIGN_ID,
        _OBSERVED_AT,
        Column("status", "text", "The API's own word; open vocabulary."),
        Column("unfinished", "integer", "Recipients whose sequence is neither finished nor stopped."),
        Column("progress", "fraction", "Share of recipients that reached the end or were stopped, 0 to 1."),
    ),
    kept="one row an observation",
    calls="1 a campaign that moved",
    cursor="campaigns that moved, all at their sweep",
)

EMAILS_SENT: Final = Table(
    "emails_sent",
    "GET /v1/emails-sent",
    ("campaign_id", "event_date", "user_email", "sent_date", "occurrence"),
    (
        _CAMPAIGN_ID,
        _EVENT_DATE,
        Column("user_email", "text", "Recipient's e-mail as sent by the API; empty where it has none.", "userEmail"),
        Column("sent_date", "instant", "When the e-mail was sent, UTC.", "sentDate"),
        _OCCURRENCE,
        Column("user_name", "text", "Recipient's name.", "userName"),
        Column("campaign", "text", "Campaign name at read time."),
        _SOURCE_ID,
        _SOURCE_HASH,
        Column("user_email_lower", "text", "The e-mail in lower case, for joins.", ""),
        _REMOVED,
    ),
    kept=_BY_DAY,
    calls="1 a started campaign and 10,000 rows",
    cursor="days since the last load and the lookback",
    unit=("campaign_id", "event_date"),
)


def _visits(name: str, endpoint: str, what: str) -> Table:
    """Opens, clicks and replies share one row shape."""
    return Table(
        name,
        endpoint,
        ("campaign_id", "event_date", "prospect_email", "visited_at", "occurrence"),
        (
            _CAMPAIGN_ID,
            _EVENT_DATE,
            Column(
                "prospect_email", "text", "Prospect's e-mail as entered; empty where it has none.", "prospectEmail"
            ),
            Column("visited_at", "instant", f"When the {what} happened, UTC.", "visitedAt"),
            _OCCURRENCE,
            Column("campaign", "text", "Campaign name at read time."),
            Column("prospect_id", "text", "Prospect; not known to be stable.", "prospectId"),
            Column("prospect_first_name", "text", "First name.", "prospectFirstName"),
            Column("prospect_last_name", "text", "Last name.", "prospectLastName"),
            Column("prospect_name", "text", "Full name.", "prospectName"),
            Column("source", "text", "How the prospect came in, for example `copy`."),
            Column("source_page", "text", "In practice the LinkedIn URL.", "sourcePage"),
            Column("locality", "text", "Locality."),
            Column("industry", "text", "Industry."),
            Column("country", "text", "Country."),
            Column("email_subject", "decoded text", "Subject of our e-mail, decoded.", "emailSubject"),
            Column("email_body", "decoded text", "Body (HTML) of our e-mail, decoded; never a reply.", "emailBody"),
            Column("skills", "text", "Skills; empty in every documented example."),
            Column("links", "json", "Links; null in every documented example."),
            Column("custom_fields", "json", "Custom fields, label to value.", "customFields"),
            _SOURCE_ID,
            _SOURCE_HASH,
            Column("prospect_email_lower", "text", "The e-mail in lower case, for joins.", ""),
            _REMOVED,
        ),
        kept=_BY_DAY,
        calls="1 a started campaign and 10,000 rows",
        cursor="days since the last load and the lookback",
        unit=("campaign_id", "event_date"),
    )


EMAIL_OPENS: Final = _visits("email_opens", "GET /v1/get-emails-opened", "open")
EMAIL_CLICKS: Final = _visits("email_clicks", "GET /v1/get-emails-clicked", "click")
EMAIL_REPLIES: Final = _visits("email_replies", "GET /v1/get-emails-replies", "reply")

COMPLETED_PROSPECTS: Final = Table(
    "completed_prospects",
    "GET /v1/prospect-finished",
    ("campaign_id", "user_email"),
    (
        _CAMPAIGN_ID,
        Column("user_email", "text", "Prospect's e-mail.", "userEmail"),
        Column("user_name", "text", "Prospect's name.", "userName"),
        Column("campaign", "text", "Campaign name at read time."),
        Column("prospect_id", "text", "Prospect; not known to be stable.", "prospectId"),
        _SOURCE_ID,
        _SOURCE_HASH,
        Column("row_version", "text", "Hash of the stable columns: a new one opens a new version.", ""),
        _REMOVED,
    ),
    kept="history (SCD2), a campaign at a time; _dlt_valid_from is when it was first seen",
    calls="1 a campaign that moved",
    cursor="campaigns that moved, all at their sweep",
    unit=("campaign_id",),
)

PROSPECT_LISTS: Final = Table(
    "prospect_lists",
    "GET /v1/get-user-lists",
    ("id",),
    (
        Column("id", "integer", "List id."),
        Column("name", "text", "List name."),
        Column("contacts", "integer", "Number of prospects."),
        Column("is_deleted", "boolean", "Whether the list is deleted.", "isDeleted"),
        Column("creation_date", "instant", "Creation, UTC.", "creationDate", ("creation_date",)),
        Column("deletion_date", "instant", "Deletion, UTC.", "deletionDate", ("deleteDate",)),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

_LIST_KEY = (
    Column("list_id", "integer", "The list; joins prospect_lists.id.", ""),
    Column("id", "text", "The prospect's id; not known to be stable."),
    _OCCURRENCE,
)

LIST_PROSPECTS: Final = Table(
    "list_prospects",
    "POST /v1/prospect-list",
    ("list_id", "id", "occurrence"),
    (
        *_LIST_KEY,
        Column("name", "text", "Full name."),
        Column("first_name", "text", "First name.", "firstName"),
        Column("last_name", "text", "Last name.", "lastName"),
        Column("list__name", "text", "The list's name at read time.", "list.name"),
        Column("list__contacts", "integer", "The list's number of prospects at read time.", "list.contacts"),
        Column("list__creation_date", "instant", "The list's creation, UTC.", "list.creationDate"),
        Column("list__emails_count", "integer", "The list's number of e-mails, where given.", "list.emailsCount"),
        _REMOVED,
    ),
    kept="a list is replaced whole",
    calls="1 a list that changed and 1,000 to 5,000 prospects",
    cursor="lists whose entry changed, all at their sweep",
    unit=("list_id",),
)

LIST_PROSPECT_EMAILS: Final = Table(
    "list_prospect_emails",
    "POST /v1/prospect-list",
    ("list_id", "id", "occurrence", "email"),
    (
        *_LIST_KEY,
        Column("email", "text", "E-mail."),
        Column("probability", "fraction", "Probability that it is right, 0 to 1."),
        Column("is_verified", "boolean", "Verified.", "isVerified"),
        Column("job_status", "text", "Job status.", "jobStatus"),
        Column("domain_type", "text", "Where the domain comes from.", "domainType"),
        Column("is_valid_format", "boolean", "Well formed.", "isValidFormat"),
        Column("is_disposable", "boolean", "Disposable address.", "isDisposable"),
        Column("is_webmail", "boolean", "Webmail address.", "isWebmail"),
        Column("is_gibberish", "boolean", "Gibberish.", "isGibberish"),
        Column("smtp_status", "integer", "SMTP status code; codes are not documented.", "smtpStatus"),
        Column("email_lower", "text", "The e-mail in lower case, for joins.", ""),
        _REMOVED,
    ),
    kept="a list is replaced whole",
    calls="none: read with list_prospects",
    cursor="lists whose entry changed, all at their sweep",
    unit=("list_id",),
)

CUSTOM_FIELDS: Final = Table(
    "custom_fields",
    "GET /v1/prospect-custom-fields",
    ("key",),
    (
        Column("key", "text", "PHP-like path of the field."),
        Column("label", "text", "Label; joins the labels inside custom_fields of events."),
        Column("required", "boolean", "Whether it must be filled."),
        Column("type", "text", "string, number or date."),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

SENDER_ACCOUNTS: Final = Table(
    "sender_accounts",
    "GET /v2/sender-accounts/emails",
    ("id",),
    (
        Column("id", "integer", "Sender account id."),
        Column("sender_name", "text", "Sender's name."),
        Column("email_from", "text", "Sender's address."),
        Column("valid", "boolean", "Whether the account is usable."),
        Column("suspended", "boolean", "Whether sending is suspended."),
        Column("limitation", "integer", "E-mails a day."),
        Column("provider", "text", "Mail provider; open vocabulary."),
        Column("tags", "json", "Tags, a list of text."),
        Column("imap__username", "text", "IMAP user; null where not configured.", "imap.username"),
        Column("imap__valid", "boolean", "Whether IMAP works.", "imap.valid"),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

CAMPAIGN_SCHEDULES: Final = Table(
    "campaign_schedules",
    "GET /v2/campaigns/schedules",
    ("id",),
    (
        Column("id", "integer", "Schedule id."),
        Column("name", "text", "Schedule name."),
        Column("timezone", "text", "Zone in which the days' times are meant."),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

CAMPAIGN_SCHEDULE_DAYS: Final = Table(
    "campaign_schedule_days",
    "GET /v2/campaigns/schedules",
    ("schedule_id", "day"),
    (
        Column("schedule_id", "integer", "The schedule; joins campaign_schedules.id.", ""),
        Column("day", "text", "sunday to saturday."),
        Column("position", "integer", "Order of the day in the schedule, from 0.", ""),
        Column("enabled", "boolean", "Whether e-mails are sent on this day."),
        Column("start_time", "text", "HH:MM, wall-clock in the schedule's zone."),
        Column("end_time", "text", "HH:MM, wall-clock in the schedule's zone."),
    ),
    kept=_HISTORY,
    calls="none: read with campaign_schedules",
)

DO_NOT_EMAIL_LISTS: Final = Table(
    "do_not_email_lists",
    "GET /v2/blacklists",
    ("id",),
    (
        Column("id", "integer", "List id."),
        Column("name", "text", "List name."),
        Column("owner", "text", "Creator's name."),
        Column("total", "integer", "E-mails and domains in the list."),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

PIPELINES: Final = Table(
    "pipelines",
    "GET /v2/pipelines",
    ("id",),
    (
        Column("id", "integer", "Pipeline id."),
        Column("name", "text", "Pipeline name."),
        Column("deals_count", "integer", "Number of deals; a snapshot."),
        Column("deals_value", "decimal", "Value of the deals, currency not stated; a snapshot."),
        Column("created_at", "instant", "Creation, UTC."),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

PIPELINE_STAGES: Final = Table(
    "pipeline_stages",
    "GET /v2/pipelines/{id}/stages",
    ("id",),
    (
        Column("id", "integer", "Stage id."),
        Column("pipeline_id", "integer", "The pipeline; joins pipelines.id."),
        Column("name", "text", "Stage name."),
        Column("position", "integer", "Order in the pipeline; the API calls it `order`.", "order"),
        Column("deals_count", "integer", "Number of deals; a snapshot."),
        Column("deals_value", "decimal", "Value of the deals, currency not stated; a snapshot."),
    ),
    kept=_HISTORY,
    calls="1 a pipeline",
)

WEBHOOKS: Final = Table(
    "webhooks",
    "GET /v2/webhooks",
    ("id",),
    (
        Column("id", "integer", "Webhook id."),
        Column("end_point", "text", "Scheme and host of the target; the path is a secret and is masked."),
        Column("event_object", "text", "What the webhook watches; open vocabulary."),
        Column("event_action", "text", "Which action of it; open vocabulary."),
        Column("status", "text", "active or deactivated."),
        Column("created_at", "instant", "Creation, UTC."),
        Column("meta__webhooks_count", "integer", "Number of webhooks (at most 50).", "meta.webhooks_count"),
        Column("meta__user_id", "integer", "The user that owns them.", "meta.user_id"),
    ),
    kept=_HISTORY,
    calls="1 a load",
)

ACCOUNT_BALANCE: Final = Table(
    "account_balance",
    "GET /v1/get-balance",
    ("observed_at",),
    (
        _OBSERVED_AT,
        Column("balance", "decimal", "Credits left."),
        Column("teamwork", "boolean", "Whether the account works in a team."),
        Column(
            "unique_recipients_used",
            "integer",
            "Recipients used this month.",
            "unique_recipients_used",
            ("recipients_used",),
        ),
        Column("limit_resets_in", "integer", "Days until the limit resets."),
        Column("expires_in", "integer", "Days until the subscription ends."),
    ),
    kept="one row an observation",
    calls="1 a load",
)

REJECTED_ROWS: Final = Table(
    "rejected_rows",
    "every endpoint",
    ("endpoint", "row_hash"),
    (
        Column("endpoint", "text", "Table whose endpoint sent the row.", ""),
        Column("row_hash", "text", "Hash of the row's content.", ""),
        Column("campaign_id", "integer", "The campaign it was asked for, where there is one.", ""),
        Column("list_id", "integer", "The list it was asked for, where there is one.", ""),
        Column("reason", "text", "What could not be understood.", ""),
        Column("row", "text", "The row as JSON.", ""),
        Column("rejected_at", "instant", "When it was first rejected, UTC.", ""),
    ),
    kept="every row once, as first seen",
    calls="none",
)

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
        Column("rows", "integer", "Rows handed to the warehouse; unchanged days are not handed on again.", ""),
        Column("rejected", "integer", "Rows that could not be understood.", ""),
        Column("newest_row", "instant", "Time of the newest row seen, UTC.", ""),
        Column("swept", "integer", "Campaigns or lists that were read whole.", ""),
        Column("repaired", "integer", "Of these, how many differed from what was stored.", ""),
        Column("unordered", "integer", "Lists that are not newest first and had to be read whole.", ""),
        Column("outcome", "text", "ok, partial, failed or stopped.", ""),
        Column("detail", "text", "What failed or was skipped, and why.", ""),
    ),
    kept="one row a run and table",
    calls="none",
)

TABLES: Final = {
    table.name: table
    for table in (
        CAMPAIGNS,
        EMAILS_SENT,
        EMAIL_OPENS,
        EMAIL_CLICKS,
        EMAIL_REPLIES,
        CAMPAIGN_PROGRESS,
        COMPLETED_PROSPECTS,
        PROSPECT_LISTS,
        LIST_PROSPECTS,
        LIST_PROSPECT_EMAILS,
        CUSTOM_FIELDS,
        SENDER_ACCOUNTS,
        CAMPAIGN_SCHEDULES,
        CAMPAIGN_SCHEDULE_DAYS,
        DO_NOT_EMAIL_LISTS,
        PIPELINES,
        PIPELINE_STAGES,
        WEBHOOKS,
        ACCOUNT_BALANCE,
        REJECTED_ROWS,
        SYNC_RUNS,
    )
}
"""All tables by name, in the order in which a load reads them."""
