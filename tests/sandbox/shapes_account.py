"""The API's JSON of an account's small lists."""

from typing import Any

from tests.sandbox.dates import instant
from tests.sandbox.model import Account
from tests.sandbox.model_account import CustomField, DoNotEmailList, Pipeline, Schedule, Sender, Webhook

Shape = dict[str, Any]


def custom_field(record: CustomField) -> Shape:
    """The definition of a custom field."""
    return {
        "key": record.key,
        "label": record.label,
        "required": record.required,
        "type": record.type,
    }


def sender_account(record: Sender) -> Shape:
    """A sender account; `imap` is an object, null or absent."""
    row: Shape = {
        "id": record.id,
        "sender_name": record.sender_name,
        "email_from": record.email_from,
        "valid": record.valid,
        "suspended": record.suspended,
        "limitation": record.limitation,
        "provider": record.provider,
        "tags": list(record.tags),
    }
    if record.imap_username is not None:
        row["imap"] = {"username": record.imap_username, "valid": record.imap_valid}
    elif record.shows_imap:
        row["imap"] = None
    return row


def campaign_schedule(record: Schedule) -> Shape:
    """A schedule with its seven days."""
    days = [
        {"day": day.day, "enabled": day.enabled, "start_time": day.start_time, "end_time": day.end_time}
        for day in record.days
    ]
    return {"id": record.id, "name": record.name, "timezone": record.timezone, "days": days}


def do_not_email_list(record: DoNotEmailList) -> Shape:
    """A do-not-email list."""
    return {"id": record.id, "name": record.name, "owner": record.owner, "total": record.total}


def pipeline(record: Pipeline) -> Shape:
    """A deal pipeline."""
    return {
        "id": record.id,
        "name": record.name,
        "deals_count": record.deals_count,
        "deals_value": record.deals_value,
        "created_at": instant(record.created_at).isoformat().replace("+00:00", "Z"),
    }


def pipeline_stages(record: Pipeline) -> list[Shape]:
    """The stages of a pipeline."""
    return [
        {
            "id": stage.id,
            "pipeline_id": record.id,
            "name": stage.name,
            "order": stage.order,
            "deals_count": stage.deals_count,
            "deals_value": stage.deals_value,
        }
        for stage in record.stages
    ]


def webhooks(account: Account) -> Shape:
    """The doubly nested webhook list with its meta."""
    return {
        "data": [{"data": _webhook(record)} for record in account.webhooks],
        "meta": {"webhooks_count": len(account.webhooks), "user_id": account.user_id},
    }


def _webhook(record: Webhook) -> Shape:
    return {
        "id": record.id,
        "end_point": record.end_point,
        "event_object": record.event_object,
        "event_action": record.event_action,
        "status": record.status,
        "created_at": record.created_at,
    }


def account_balance(account: Account) -> Shape:
    """The balance, a number in text."""
    balance = account.balance
    return {
        "success": True,
        "data": {
            "balance": f"{balance.balance:.2f}",
            "teamwork": balance.teamwork,
            "unique_recipients_used": balance.unique_recipients_used,
            "limit_resets_in": balance.limit_resets_in,
            "expires_in": balance.expires_in,
        },
    }
