"""Profiles of prospects, and what hangs on them."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import OBSERVED_AT, SOURCE_ID
from sources.tables import REMOVED_MARK, Column, Table

_ENDPOINT: Final = "POST /v1/get-prospect-by-id"
_KEPT: Final = "a prospect is replaced whole"
_CURSOR: Final = "prospects of lists that were never asked for, then those asked for longest ago"
_WITH_PROFILES: Final = "none: read with prospect_profiles"
_ID: Final = Column("id", "text", "The prospect; joins prospect_profiles.id and list_prospects.id.", "", person="id")

PROSPECT_PROFILES: Final = Table(
    "prospect_profiles",
    _ENDPOINT,
    ("id",),
    (
        Column("id", "text", "The prospect, by the id it was asked for; joins list_prospects.id.", "", person="id"),
        OBSERVED_AT,
        Column("is_found", "boolean", "Whether the API knows the prospect; if not, all else is null.", ""),
        SOURCE_ID,
        Column("name", "text", "Full name.", person="detail"),
        Column("first_name", "text", "First name.", "firstName", person="detail"),
        Column("last_name", "text", "Last name.", "lastName", person="detail"),
        Column("industry", "text", "Industry.", person="detail"),
        Column("country", "text", "Country.", person="detail"),
        Column("locality", "text", "Locality.", person="detail"),
        Column("last_update_date", "instant", "Last change of the profile, UTC.", "lastUpdateDate"),
        REMOVED_MARK,
    ),
    grain="One row per prospect of the account's lists that was asked for.",
    kept=_KEPT,
    calls="as many as profiles_per_run allows",
    cursor=_CURSOR,
    unit=("id",),
    default=False,
    asked_by_person=True,
)

PROSPECT_JOBS: Final = Table(
    "prospect_jobs",
    _ENDPOINT,
    ("id", "is_current", "job_index"),
    (
        _ID,
        Column("is_current", "boolean", "Whether it is a job of today.", ""),
        Column("job_index", "integer", "Order among the current or the previous jobs, from 0.", ""),
        Column("company_name", "text", "Company.", "companyName", person="detail"),
        Column("position", "text", "Job title.", person="detail"),
        Column("social_link", "text", "The company's page.", "socialLink", person="detail"),
        Column("site", "text", "The company's website.", person="detail"),
        Column("locality", "text", "Locality.", person="detail"),
        Column("state", "text", "State.", person="detail"),
        Column("city", "text", "City.", person="detail"),
        Column("street", "text", "Street.", person="detail"),
        Column("street2", "text", "Second line of the street.", person="detail"),
        Column("postal", "text", "Postal code.", person="detail"),
        Column("founded", "text", "Year in which the company was founded."),
        Column("start_date", "date", "First day.", "startDate"),
        Column("end_date", "date", "Last day.", "endDate"),
        Column("size", "text", "Range of the company's headcount."),
        Column("industry", "text", "The company's industry.", person="detail"),
        Column("company_type", "text", "Kind of company.", "companyType"),
        Column("country", "text", "Country.", person="detail"),
        REMOVED_MARK,
    ),
    grain="One row per job in a prospect's profile, current or previous.",
    kept=_KEPT,
    calls=_WITH_PROFILES,
    cursor=_CURSOR,
    unit=("id",),
    default=False,
    asked_by_person=True,
)

PROSPECT_SOCIALS: Final = Table(
    "prospect_socials",
    _ENDPOINT,
    ("id", "social_index"),
    (
        _ID,
        Column("social_index", "integer", "Order in the profile, from 0.", ""),
        Column("link", "text", "Address of the page.", person="hint"),
        Column("type", "text", "Which network; open vocabulary."),
        REMOVED_MARK,
    ),
    grain="One row per page of a prospect on a social network.",
    kept=_KEPT,
    calls=_WITH_PROFILES,
    cursor=_CURSOR,
    unit=("id",),
    default=False,
    asked_by_person=True,
)

PROSPECT_LISTS_JOINED: Final = Table(
    "prospect_lists_joined",
    _ENDPOINT,
    ("id", "list_id"),
    (
        _ID,
        Column("list_id", "integer", "The list; joins prospect_lists.id.", "id"),
        Column("name", "text", "List name at read time."),
        REMOVED_MARK,
    ),
    grain="One row per prospect and list that its profile names.",
    kept=_KEPT,
    calls=_WITH_PROFILES,
    cursor=_CURSOR,
    unit=("id",),
    default=False,
    asked_by_person=True,
)

PROSPECT_CAMPAIGNS: Final = Table(
    "prospect_campaigns",
    _ENDPOINT,
    ("id", "campaign_index"),
    (
        _ID,
        Column("campaign_index", "integer", "Order in the profile, from 0.", ""),
        Column(
            "statistics",
            "json",
            "Short statistics of a campaign; their shape is not documented.",
            "",
            mark="U",
            person="detail",
        ),
        REMOVED_MARK,
    ),
    grain="One row per prospect and campaign that its profile has statistics of.",
    kept=_KEPT,
    calls=_WITH_PROFILES,
    cursor=_CURSOR,
    unit=("id",),
    default=False,
    asked_by_person=True,
)
