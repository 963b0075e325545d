"""The warehouse rows of the small lists of an account."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.dates import instant
from tests.sandbox.model import Account

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def account_tables(account: Account) -> Tables:
    """Custom fields, senders, schedules, do-not-email lists, pipelines, webhooks, balance."""
    days = [
        {
            "schedule_id": schedule.id,
            "day": day.day,
            "position": position,
            "enabled": day.enabled,
            "start_time": day.start_time,
            "end_time": day.end_time,
        }
        for schedule in account.schedules
        for position, day in enumerate(schedule.days)
    ]
    return {
        "custom_fields": [
            {"key": field.key, "label": field.label, "required": field.required, "type": field.type}
            for field in account.custom_fields
        ],
        "sender_accounts": _senders(account),
        "campaign_schedules": [
            {"id": schedule.id, "name": schedule.name, "timezone": schedule.timezone}
            for schedule in account.schedules
        ],
        "campaign_schedule_days": days,
        "do_not_email_lists": [
            {"id": found.id, "name": found.name, "owner": found.owner, "total": found.total}
            for found in account.do_not_email_lists
        ],
        **_pipelines(account),
        "webhooks": _webhooks(account),
        "account_balance": [vars(account.balance)],
    }


def _senders(account: Account) -> list[Row]:
    return [
        {
            "id": sender.id,
            "sender_name": sender.sender_name,
            "email_from": sender.email_from,
            "valid": sender.valid,
            "suspended": sender.suspended,
            "limitation": sender.limitation,
            "provider": sender.provider,
            "tags": list(sender.tags),
            "imap__username": sender.imap_username,
            "imap__valid": sender.imap_valid,
        }
        for sender in account.senders
    ]


def _pipelines(account: Account) -> Tables:
    pipelines = [
        {
            "id": pipeline.id,
            "name": pipeline.name,
            "deals_count": pipeline.deals_count,
            "deals_value": Decimal(str(pipeline.deals_value)),
            "created_at": instant(pipeline.created_at),
        }
        for pipeline in account.pipelines
    ]
    stages = [
        {
            "id": stage.id,
            "pipeline_id": pipeline.id,
            "name": stage.name,
            "position": stage.order,
            "deals_count": stage.deals_count,
            "deals_value": Decimal(str(stage.deals_value)),
        }
        for pipeline in account.pipelines
        for stage in pipeline.stages
    ]
    return {"pipelines": pipelines, "pipeline_stages": stages}


def _webhooks(account: Account) -> list[Row]:
    return [
        {
            "id": webhook.id,
            "end_point": f"https://{urlsplit(webhook.end_point).hostname}/***",
            "event_object": webhook.event_object,
            "event_action": webhook.event_action,
            "status": webhook.status,
            "created_at": instant(webhook.created_at),
            "meta__webhooks_count": len(account.webhooks),
            "meta__user_id": account.user_id,
        }
        for webhook in account.webhooks
    ]
