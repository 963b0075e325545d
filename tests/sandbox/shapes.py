"""The API's JSON of each record, with the documented keys and quirks of every endpoint."""

from functools import lru_cache
from typing import Any

from tests.sandbox.dates import shown
from tests.sandbox.ids import prospect_id, source_hash, source_id
from tests.sandbox.model import (
    Campaign,
    Completion,
    Content,
    Event,
    Person,
    Prospect,
    ProspectEmail,
    ProspectList,
)
from tests.sandbox.rules import Rules
from tests.sandbox.spoiling import spoil

Shape = dict[str, Any]


def campaign(record: Campaign) -> Shape:
    """A row of the campaign list."""
    return {
        "id": record.id,
        "campaign": record.name,
        "list_id": record.list_id,
        "status": record.status,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
        "started_at": record.started_at,
        "hash": record.hash,
    }


def campaign_progress(record: Campaign, completed: int) -> Shape:
    """The progress of a campaign of which so many recipients are done."""
    total = len(record.people)
    percent = round(100 * completed / total) if total else 0
    return {"status": record.status, "unfinished": total - completed, "progress": f"{percent}%"}


def sent_event(event: Event, record: Campaign, rules: Rules, salt: str) -> Shape:
    """A row of the sent e-mails. With a `salt` the ids are other ones."""
    row = {
        "sentDate": shown(event.at, rules.date_form, event.serial),
        "userName": event.person.name,
        "userEmail": event.person.email,
        "campaign": record.name,
        "hash": source_hash(event.serial, salt),
        "id": source_id(event.serial, salt),
    }
    if event.spoiled:
        spoil(event.spoiled, row)
    return row


def prospect_event(event: Event, record: Campaign, rules: Rules, salt: str) -> Shape:
    """A row of the opens, clicks or replies. With a `salt` the ids are other ones."""
    row = {
        "visitedAt": shown(event.at, rules.date_form, event.serial),
        "campaignId": record.id,
        "campaign": record.name,
        **_person_fields(event.person),
        "hash": source_hash(event.serial, salt),
        **_content_fields(event.content),
        "id": source_id(event.serial, salt),
    }
    if salt:
        row["prospectId"] = prospect_id(event.person.number, f"{salt}/{event.serial}")
    if event.spoiled:
        spoil(event.spoiled, row)
    return row


@lru_cache(maxsize=65_536)
def _person_fields(person: Person) -> Shape:
    """What every row of a person repeats; kept, since a page has 10,000 rows of a few persons."""
    return {
        "prospectId": prospect_id(person.number),
        "prospectFirstName": person.first_name,
        "prospectLastName": person.last_name,
        "prospectName": person.name,
        "sourcePage": person.source_page,
        "source": person.source,
        "locality": person.locality,
        "industry": person.industry,
        "country": person.country,
        "prospectEmail": person.email,
        "skills": person.skills,
        "links": person.links,
        "customFields": None,
        **{f"customField_{label}": value for label, value in person.custom_fields.items()},
    }


@lru_cache(maxsize=4_096)
def _content_fields(content: Content) -> Shape:
    return {"emailSubject": content.subject_shown, "emailBody": content.body_shown}


def completed_prospect(record: Completion, of: Campaign, salt: str) -> Shape:
    """A row of the completed prospects."""
    return {
        "id": source_id(record.serial, salt),
        "prospectId": prospect_id(record.person.number, salt),
        "userName": record.person.name,
        "userEmail": record.person.email,
        "campaign": of.name,
        "hash": source_hash(record.serial, salt),
    }


def prospect_list(record: ProspectList, rules: Rules) -> Shape:
    """A row of the list of lists."""
    deleted = record.deletion_date
    return {
        "id": record.id,
        "name": record.name,
        "contacts": len(record.prospects),
        "isDeleted": deleted is not None,
        "creationDate": shown(record.creation_date, rules.date_form, record.id),
        "deletionDate": None if deleted is None else shown(deleted, rules.date_form, record.id),
    }


def list_prospects(record: ProspectList, page: int, per_page: int, rules: Rules) -> Shape:
    """One page of a list's prospects with the list's own facts. Pages count from 1."""
    emails = sum(len(member.emails) for member in record.prospects)
    start = (page - 1) * per_page
    return {
        "success": True,
        "list": {
            "name": record.name,
            "contacts": len(record.prospects),
            "creationDate": shown(record.creation_date, rules.date_form, record.id),
            "emailsCount": emails or [],
        },
        "prospects": [_prospect(member) for member in record.prospects[start : start + per_page]],
    }


def _prospect(record: Prospect) -> Shape:
    return {
        "id": record.id,
        "name": record.name,
        "firstName": record.first_name,
        "lastName": record.last_name,
        "emails": [_prospect_email(email) for email in record.emails],
    }


def _prospect_email(record: ProspectEmail) -> Shape:
    return {
        "email": record.email,
        "probability": record.probability,
        "isVerified": record.is_verified,
        "jobStatus": record.job_status,
        "domainType": record.domain_type,
        "isValidFormat": record.is_valid_format,
        "isDisposable": record.is_disposable,
        "isWebmail": record.is_webmail,
        "isGibberish": record.is_gibberish,
        "smtpStatus": record.smtp_status,
    }
