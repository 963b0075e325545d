"""How the account's senders do: checks of their connection, warm-ups and what these came to."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import HISTORY, OBSERVED_AT
from sources.tables import REMOVED_MARK, Column, Table

SENDER_ACCOUNT_CHECKS: Final = Table(
    "sender_account_checks",
    "GET /v2/sender-accounts/check-sender-status",
    ("sender_account_id", "observed_at"),
    (
        Column("sender_account_id", "integer", "The sender account; joins sender_accounts.id.", ""),
        OBSERVED_AT,
        Column("smtp__status", "text", "pending, valid or invalid; open vocabulary.", "smtp.status"),
        Column("smtp__errors", "list", "What is wrong, a list of text.", "smtp.errors", person="raw"),
        Column("imap__status", "text", "The same of IMAP; null where not configured.", "imap.status"),
        Column("imap__errors", "list", "What is wrong with IMAP, a list of text.", "imap.errors", person="raw"),
    ),
    grain="One row per sender account and time at which its connection was checked.",
    kept="one row an observation",
    calls="1 a sender account, which may connect to it",
    default=False,
)

WARMUPS: Final = Table(
    "warmups",
    "GET /v2/warm-up",
    ("id",),
    (
        Column("id", "integer", "Warm-up id."),
        Column("status", "text", "active, pending, paused, completed or error."),
        Column("reply_rate", "fraction", "Share of e-mails that are replied to, 0 to 1."),
        Column("send_to_paid_domain", "boolean", "Whether paid domains are sent to."),
        Column("start_date", "date", "First day."),
        Column("campaign_deadline", "date", "Last day; null: none."),
        Column("strategy", "text", "progressive or steady."),
        Column("per_day", "integer", "E-mails a day to reach."),
        Column("start_from", "integer", "E-mails on the first day; the API calls it `from`.", "from"),
        Column("increase", "integer", "E-mails that each day adds."),
        Column("subject", "text", "Subject of a text of its own."),
        Column("body", "text", "Text of its own."),
        Column("template_name", "text", "Name of the template."),
        Column("enable_ctd", "boolean", "Whether the custom tracking domain is used."),
        Column("schedule", "list", "When it sends; its shape is not documented.", mark="U"),
        Column("email_account__id", "integer", "Sender; joins sender_accounts.id.", "email_account.id", mark="I"),
        Column(
            "email_account__email_from",
            "text",
            "Sender's address.",
            "email_account.email_from",
            person="sender email",
        ),
        Column("email_account__type", "text", "Kind of account; open vocabulary.", "email_account.type"),
        Column("email_account__delay", "integer", "Delay, seconds.", "email_account.delay"),
        Column("email_account__limit", "integer", "E-mails in total.", "email_account.limit"),
        Column("email_account__per_day", "integer", "E-mails a day.", "email_account.per_day"),
        Column(
            "email_account__schedule_required",
            "boolean",
            "Whether a schedule is required.",
            "email_account.schedule_required",
        ),
        Column("email_account__provider", "text", "Mail provider; open vocabulary.", "email_account.provider"),
        Column(
            "email_account__custom_tracking_domain",
            "text",
            "Custom tracking domain.",
            "email_account.custom_tracking_domain",
        ),
        Column("enable_proxy", "boolean", "Whether a proxy is used."),
        Column("sent_today", "integer", "E-mails sent today; a snapshot."),
        Column("daily_limit", "integer", "E-mails a day now in force."),
        Column("total_saved_from_spam", "integer", "E-mails saved from spam since the start; do not sum."),
        Column("deliverability", "fraction", "Share that reaches the inbox, 0 to 1."),
        Column("warm_up_error", "text", "What is wrong.", person="raw"),
    ),
    grain="One row per warm-up of a sender account and version of it.",
    kept=HISTORY,
    calls="1 a load and 100 warm-ups",
    default=False,
)

WARMUP_STATISTICS: Final = Table(
    "warmup_statistics",
    "GET /v2/warm-up/statistics/{id}",
    ("warmup_id", "statistic", "name"),
    (
        Column("warmup_id", "integer", "The warm-up; joins warmups.id.", ""),
        Column("statistic", "text", "What the row is about: day, provider or deliverability.", ""),
        Column("name", "text", "The day, the provider, or inbox, spam or categories."),
        Column("date", "date", "The day, in rows about a day."),
        Column("date_from", "date", "First day that was asked for; null: the last month.", ""),
        Column("date_to", "date", "Last day that was asked for.", ""),
        Column("is_calculated", "boolean", "Whether the API is done with computing.", ""),
        Column("emails_sent", "integer", "E-mails of the day."),
        Column("replies", "integer", "Replies of the day."),
        Column("bounces", "integer", "Bounces of the day."),
        Column("spam_emails", "integer", "E-mails of the day in spam."),
        Column("inbox_emails", "integer", "E-mails of the day in the inbox."),
        Column("categories_emails", "integer", "E-mails of the day in other folders."),
        Column("scheduled", "integer", "E-mails scheduled for the day."),
        Column("provider_id", "integer", "The provider's id; the API calls it `id`.", "id"),
        Column(
            "count",
            "integer",
            "E-mails of all days asked for; of a provider those in the inbox (inferred).",
            mark="I",
        ),
        Column("spam", "integer", "Those in spam, of all days asked for."),
        Column("percent", "fraction", "Share, 0 to 1, rounded by the API."),
        Column("categories", "integer", "Those in other folders, of all days asked for."),
        REMOVED_MARK,
    ),
    grain="One row per warm-up and day, provider or folder of its statistics.",
    kept="a warm-up is replaced whole",
    calls="1 a warm-up",
    unit=("warmup_id",),
    default=False,
)
