"""Prospect lists and the prospects in them."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import HISTORY, OCCURRENCE
from sources.tables import REMOVED_MARK, Column, Table

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
    grain="One row per prospect list and version of it.",
    kept=HISTORY,
    calls="1 a load",
)

_LIST_KEY = (
    Column("list_id", "integer", "The list; joins prospect_lists.id.", ""),
    Column("id", "text", "The prospect's id; not known to be stable.", mark="U", person="id"),
    OCCURRENCE,
)

LIST_PROSPECTS: Final = Table(
    "list_prospects",
    "POST /v1/prospect-list",
    ("list_id", "id", "occurrence"),
    (
        *_LIST_KEY,
        Column("name", "text", "Full name.", person="detail"),
        Column("first_name", "text", "First name.", "firstName", person="detail"),
        Column("last_name", "text", "Last name.", "lastName", person="detail"),
        Column("list__name", "text", "The list's name at read time.", "list.name"),
        Column("list__contacts", "integer", "The list's number of prospects at read time.", "list.contacts"),
        Column("list__creation_date", "instant", "The list's creation, UTC.", "list.creationDate"),
        Column("list__emails_count", "integer", "The list's number of e-mails, where given.", "list.emailsCount"),
        REMOVED_MARK,
    ),
    grain="One row per prospect in a list.",
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
        Column("email", "text", "E-mail.", person="email"),
        Column("probability", "fraction", "Probability that it is right, 0 to 1.", mark="I"),
        Column("is_verified", "boolean", "Verified.", "isVerified"),
        Column("job_status", "text", "Job status.", "jobStatus"),
        Column("domain_type", "text", "Where the domain comes from.", "domainType"),
        Column("is_valid_format", "boolean", "Well formed.", "isValidFormat"),
        Column("is_disposable", "boolean", "Disposable address.", "isDisposable"),
        Column("is_webmail", "boolean", "Webmail address.", "isWebmail"),
        Column("is_gibberish", "boolean", "Gibberish.", "isGibberish"),
        Column("smtp_status", "integer", "SMTP status code; codes are not documented.", "smtpStatus", mark="U"),
        Column("email_lower", "text", "The e-mail in lower case, for joins.", "", person="email"),
        REMOVED_MARK,
    ),
    grain="One row per e-mail address of a prospect in a list.",
    kept="a list is replaced whole",
    calls="none: read with list_prospects",
    cursor="lists whose entry changed, all at their sweep",
    unit=("list_id",),
)
