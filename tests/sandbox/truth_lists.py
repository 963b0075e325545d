"""The warehouse rows of prospect lists and their members."""

import json
from collections import defaultdict
from typing import Any

from tests.sandbox.dates import instant
from tests.sandbox.model import Account, Prospect, ProspectList

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Member = tuple[Row, list[Row]]


def list_tables(account: Account) -> Tables:
    """Lists, and the members of those that are not deleted."""
    lists, prospects, emails = [], [], []
    for found in account.lists.values():
        lists.append(_list(found))
        if found.deletion_date is None:
            members = _members(found)
            prospects += [row for row, _ in members]
            emails += [row for _, rows in members for row in rows]
    return {"prospect_lists": lists, "list_prospects": prospects, "list_prospect_emails": emails}


def _list(found: ProspectList) -> Row:
    deleted = found.deletion_date
    return {
        "id": found.id,
        "name": found.name,
        "contacts": len(found.prospects),
        "is_deleted": deleted is not None,
        "creation_date": instant(found.creation_date),
        "deletion_date": None if deleted is None else instant(deleted),
    }


def _members(found: ProspectList) -> list[Member]:
    """Each prospect's row and those of its addresses; one that is listed twice is numbered by what it holds."""
    seen: dict[str, int] = defaultdict(int)
    count = sum(len(prospect.emails) for prospect in found.prospects)
    members = [(_prospect(found, prospect, count), _emails(found, prospect)) for prospect in found.prospects]
    members.sort(key=_stable_content)
    for prospect, emails in members:
        for row in (prospect, *emails):
            row["occurrence"] = seen[prospect["id"]]
        seen[prospect["id"]] += 1
    return members


def _stable_content(member: Member) -> str:
    """JSON with sorted keys: the order in which equal prospects are numbered."""
    return json.dumps(member, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _prospect(found: ProspectList, member: Prospect, emails: int) -> Row:
    return {
        "list_id": found.id,
        "id": member.id,
        "occurrence": 0,
        "name": member.name,
        "first_name": member.first_name,
        "last_name": member.last_name,
        "list__name": found.name,
        "list__contacts": len(found.prospects),
        "list__creation_date": instant(found.creation_date),
        "list__emails_count": emails or None,
    }


def _emails(found: ProspectList, member: Prospect) -> list[Row]:
    return [
        {
            "list_id": found.id,
            "id": member.id,
            "occurrence": 0,
            "email": address.email,
            "email_lower": address.email.lower(),
            "probability": address.probability / 100,
            "is_verified": address.is_verified,
            "job_status": address.job_status,
            "domain_type": address.domain_type,
            "is_valid_format": address.is_valid_format,
            "is_disposable": address.is_disposable,
            "is_webmail": address.is_webmail,
            "is_gibberish": address.is_gibberish,
            "smtp_status": address.smtp_status,
        }
        for address in member.emails
    ]
