"""The API's JSON of the profile of a prospect."""

from typing import Any

from tests.sandbox.dates import shown
from tests.sandbox.profiles import Job, Profile
from tests.sandbox.rules import Rules

Shape = dict[str, Any]


def prospect_profile(record: Profile, rules: Rules) -> Shape:
    """A profile with everything that hangs on it."""
    return {
        "id": record.id,
        "name": record.prospect.name,
        "firstName": record.prospect.first_name,
        "lastName": record.prospect.last_name,
        "industry": record.industry,
        "country": "Ukraine",
        "locality": "Київ",
        "social": [{"link": link, "type": "linkedIn"} for link in record.links],
        "lastUpdateDate": shown(record.updated_at, rules.date_form, record.number),
        "currentJob": [_job(job) for job in record.current],
        "previousJob": [_job(job) for job in record.previous],
        "lists": [{"id": found.id, "name": found.name} for found in record.lists],
        "campaigns": list(record.campaigns),
    }


def _job(record: Job) -> Shape:
    return {
        "companyName": record.company,
        "position": record.position,
        "socialLink": "https://www.linkedin.com/company/example",
        "site": "https://jobs.example.com",
        "locality": "United States",
        "state": None,
        "city": "Львів",
        "street": None,
        "street2": None,
        "postal": "79000",
        "founded": "1907",
        "startDate": record.start.isoformat(),
        "endDate": record.end and record.end.isoformat(),
        "size": "1-10",
        "industry": "Entertainment",
        "companyType": "Public Company",
        "country": "United States",
    }
