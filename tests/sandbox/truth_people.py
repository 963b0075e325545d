"""The warehouse rows of sender checks, warm-ups and the profiles of prospects."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.sandbox import warmups
from tests.sandbox.dates import instant
from tests.sandbox.model import Account
from tests.sandbox.model_account import Sender, Warmup
from tests.sandbox.profiles import Job, Profile, profiles

Row = dict[str, Any]
Tables = dict[str, list[Row]]

PEOPLE_TABLES = (
    *("sender_account_checks", "warmups", "warmup_statistics", "prospect_profiles", "prospect_jobs"),
    *("prospect_socials", "prospect_lists_joined", "prospect_campaigns"),
)
"""What `people_tables` makes."""


def people_tables(account: Account, today: date) -> Tables:
    """Checks of senders, warm-ups with their statistics since they began, and profiles with what hangs on them."""
    found = profiles(account)
    return {
        "sender_account_checks": [_check(sender) for sender in account.senders],
        "warmups": [_warmup(one) for one in account.warmups],
        "warmup_statistics": [row for one in account.warmups for row in _statistics(one, today)],
        "prospect_profiles": [_profile(one) for one in found],
        "prospect_jobs": [row for one in found for row in _jobs(one)],
        "prospect_socials": [
            {"id": one.prospect.id, "social_index": index, "link": link, "type": "linkedIn"}
            for one in found
            for index, link in enumerate(one.links)
        ],
        "prospect_lists_joined": [
            {"id": one.prospect.id, "list_id": joined.id, "name": joined.name}
            for one in found
            for joined in one.lists
        ],
        "prospect_campaigns": [
            {"id": one.prospect.id, "campaign_index": index, "statistics": statistics}
            for one in found
            for index, statistics in enumerate(one.campaigns)
        ],
    }


def _check(sender: Sender) -> Row:
    has_imap = sender.imap_username is not None
    return {
        "sender_account_id": sender.id,
        "smtp__status": "valid" if sender.valid else "invalid",
        "smtp__errors": None if sender.valid else ["Connection refused"],
        "imap__status": ("valid" if sender.imap_valid else "invalid") if has_imap else None,
        "imap__errors": ["Connection refused"] if has_imap and not sender.imap_valid else None,
    }


def _warmup(one: Warmup) -> Row:
    return {
        "id": one.id,
        "status": one.status,
        "reply_rate": one.reply_rate / 100,
        "send_to_paid_domain": False,
        "start_date": one.start_date,
        "campaign_deadline": None,
        "strategy": "progressive",
        "per_day": 20,
        "start_from": 2,
        "increase": 3,
        "subject": None,
        "body": None,
        "template_name": None,
        "enable_ctd": False,
        "schedule": {"monday": ["09:00", "17:00"]} if one.id % 2 else None,
        "email_account__id": one.sender.id,
        "email_account__email_from": one.sender.email_from,
        "email_account__type": "microsoft",
        "email_account__delay": 30,
        "email_account__limit": 15,
        "email_account__per_day": 50,
        "email_account__schedule_required": False,
        "email_account__provider": one.sender.provider,
        "email_account__custom_tracking_domain": None,
        "enable_proxy": False,
        "sent_today": one.sent_today,
        "daily_limit": 8,
        "total_saved_from_spam": 5,
        "deliverability": 0.88,
        "warm_up_error": one.error,
    }


def _statistics(one: Warmup, today: date) -> Iterator[Row]:
    last = max(today, one.start_date)
    for day in warmups.days(one, one.start_date, last):
        yield _statistic(one, last, "day", day.isoformat(), date=day, **warmups.daily(one, day))
    for provider, row in warmups.by_provider(one, one.start_date, last).items():
        yield _statistic(one, last, "provider", provider, **_totals(row), provider_id=row["id"])
    for folder, row in warmups.deliverability(one, one.start_date, last).items():
        yield _statistic(one, last, "deliverability", folder, **_totals(row))


def _totals(row: dict[str, int]) -> Row:
    return {
        "count": row["count"],
        "spam": row.get("spam"),
        "percent": row["percent"] / 100,
        "categories": row.get("categories"),
    }


def _statistic(one: Warmup, last: date, statistic: str, name: str, **own: Any) -> Row:
    measures = (*warmups.COUNTS, "provider_id", "count", "spam", "percent", "categories")
    return {
        "warmup_id": one.id,
        "statistic": statistic,
        "name": name,
        "date": None,
        "date_from": one.start_date,
        "date_to": last,
        "is_calculated": one.id % 2 == 0,
        **dict.fromkeys(measures),
        **own,
    }


def _profile(one: Profile) -> Row:
    return {
        "id": one.prospect.id,
        "is_found": True,
        "source_id": one.id,
        "name": one.prospect.name,
        "first_name": one.prospect.first_name,
        "last_name": one.prospect.last_name,
        "industry": one.industry,
        "country": "Ukraine",
        "locality": "Київ",
        "last_update_date": instant(one.updated_at),
    }


def _jobs(one: Profile) -> Iterator[Row]:
    for is_current, jobs in ((True, one.current), (False, one.previous)):
        for index, job in enumerate(jobs):
            yield {"id": one.prospect.id, "is_current": is_current, "job_index": index, **_job(job)}


def _job(job: Job) -> Row:
    return {
        "company_name": job.company,
        "position": job.position,
        "social_link": "https://www.linkedin.com/company/example",
        "site": "https://jobs.example.com",
        "locality": "United States",
        "state": None,
        "city": "Львів",
        "street": None,
        "street2": None,
        "postal": "79000",
        "founded": "1907",
        "start_date": job.start,
        "end_date": job.end,
        "size": "1-10",
        "industry": "Entertainment",
        "company_type": "Public Company",
        "country": "United States",
    }
