"""The small lists of an account."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import HISTORY, OBSERVED_AT
from sources.tables import Column, Table

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
    grain="One row per custom field and version of its definition.",
    kept=HISTORY,
    calls="1 a load",
)

SENDER_ACCOUNTS: Final = Table(
    "sender_accounts",
    "GET /v2/sender-accounts/emails",
    ("id",),
    (
        Column("id", "integer", "Sender account id."),
        Column("sender_name", "text", "Sender's name.", person="sender detail"),
        Column("email_from", "text", "Sender's address.", person="sender email"),
        Column("valid", "boolean", "Whether the account is usable."),
        Column("suspended", "boolean", "Whether sending is suspended."),
        Column("limitation", "integer", "E-mails a day."),
        Column("provider", "text", "Mail provider; open vocabulary."),
        Column("tags", "json", "Tags, a list of text."),
        Column(
            "imap__username", "text", "IMAP user; null where not configured.", "imap.username", person="sender detail"
        ),
        Column("imap__valid", "boolean", "Whether IMAP works.", "imap.valid"),
    ),
    grain="One row per e-mail account that sends, and version of it.",
    kept=HISTORY,
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
    grain="One row per sending schedule and version of it.",
    kept=HISTORY,
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
    grain="One row per weekday of a sending schedule and version of it.",
    kept=HISTORY,
    calls="none: read with campaign_schedules",
)

DO_NOT_EMAIL_LISTS: Final = Table(
    "do_not_email_lists",
    "GET /v2/blacklists",
    ("id",),
    (
        Column("id", "integer", "List id."),
        Column("name", "text", "List name."),
        Column("owner", "text", "Creator's name.", person="detail"),
        Column("total", "integer", "E-mails and domains in the list."),
    ),
    grain="One row per do-not-email list and version of it, without its entries.",
    kept=HISTORY,
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
        Column("deals_value", "decimal", "Value of the deals, currency not stated; a snapshot.", mark="U"),
        Column("created_at", "instant", "Creation, UTC."),
    ),
    grain="One row per deal pipeline and version of it.",
    kept=HISTORY,
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
        Column("deals_value", "decimal", "Value of the deals, currency not stated; a snapshot.", mark="U"),
    ),
    grain="One row per stage of a deal pipeline and version of it.",
    kept=HISTORY,
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
    grain="One row per webhook and version of it, its URL masked.",
    kept=HISTORY,
    calls="1 a load",
)

ACCOUNT_BALANCE: Final = Table(
    "account_balance",
    "GET /v1/get-balance",
    ("observed_at",),
    (
        OBSERVED_AT,
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
    grain="One row per time at which the account's credits and limits were read.",
    kept="one row an observation",
    calls="1 a load",
)
