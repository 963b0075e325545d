"""The API's JSON of sender checks and warm-ups."""

from datetime import date
from typing import Any

from tests.sandbox import warmups
from tests.sandbox.model_account import Sender, Warmup

Shape = dict[str, Any]

_ERRORS = ["Connection refused"]


def sender_account_check(record: Sender) -> Shape:
    """Whether sending and receiving work; IMAP is null where not configured."""
    imap = None if record.imap_username is None else _check(valid=bool(record.imap_valid))
    return {"data": {"smtp": _check(valid=record.valid), "imap": imap}}


def _check(*, valid: bool) -> Shape:
    return {"status": "valid"} if valid else {"status": "invalid", "errors": _ERRORS}


def warmup(record: Warmup) -> Shape:
    """A warm-up with its sender."""
    return {
        "id": record.id,
        "status": record.status,
        "reply_rate": record.reply_rate,
        "send_to_paid_domain": False,
        "start_date": record.start_date.isoformat(),
        "campaign_deadline": None,
        "strategy": "progressive",
        "per_day": 20,
        "from": 2,
        "increase": 3,
        "subject": None,
        "body": None,
        "template_name": None,
        "enable_ctd": False,
        "schedule": {"monday": ["09:00", "17:00"]} if record.id % 2 else None,
        "email_account": {
            "id": record.sender.id,
            "email_from": record.sender.email_from,
            "type": "microsoft",
            "delay": 30,
            "limit": 15,
            "per_day": 50,
            "schedule_required": False,
            "provider": record.sender.provider,
            "custom_tracking_domain": None,
        },
        "enable_proxy": False,
        "sent_today": record.sent_today,
        "daily_limit": 8,
        "total_saved_from_spam": 5,
        "deliverability": 88,
        "warm_up_error": record.error,
    }


def warmup_statistics(record: Warmup, first: date, last: date) -> Shape:
    """Three maps; an empty one is an empty PHP array."""
    daily = {day.isoformat(): warmups.daily(record, day) for day in warmups.days(record, first, last)}
    return {
        "data": {
            "daily_statistics": daily or [],
            "provider_statistics": warmups.by_provider(record, first, last) or [],
            "deliverability": warmups.deliverability(record, first, last) or [],
            "is_calculated": record.id % 2 == 0,
        },
        "success": True,
    }
