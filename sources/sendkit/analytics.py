"""The counters of campaigns: of their whole life, by step, by subsequence, by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from dlt.extract import DltResource

from sources.sendkit.per_campaign import Asked, for_each_campaign
from sources.sendkit.reading import WorkspaceReading
from sources.sendkit.shapes import parts_in
from sources.sendkit.tables import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_DAILY_ANALYTICS,
    CAMPAIGN_STEP_ANALYTICS,
    SUBSEQUENCES,
)
from sources.tables import Row, Table
from sources.writing import units

_PARTS = ("stepAnalytics", "subsequences")
"""Lists inside an answer that are tables of their own."""


def campaign_analytics(reading: WorkspaceReading) -> list[DltResource]:
    """The counters of a campaign's whole life, and those of its steps and subsequences; one call for all three."""

    def totals(asked: Asked) -> list[Row]:
        payload = {name: value for name, value in reading.analytics(asked.id).items() if name not in _PARTS}
        known = {"campaign_id": asked.id, "read_at": reading.now}
        return reading.convert_object(CAMPAIGN_ANALYTICS, payload, **known)

    def steps(asked: Asked) -> list[Row] | None:
        return parts(CAMPAIGN_STEP_ANALYTICS, asked, parts_in(reading.analytics(asked.id), "stepAnalytics"))

    def subsequences(asked: Asked) -> list[Row] | None:
        return parts(SUBSEQUENCES, asked, parts_in(reading.analytics(asked.id), "subsequences"))

    def parts(table: Table, asked: Asked, payloads: list[Row] | None) -> list[Row] | None:
        """The rows of a part; what the form of the answer does not have is left as it is."""
        if payloads is None:
            return None
        if table is CAMPAIGN_STEP_ANALYTICS:
            payloads = [{**payload, "variant": _variant(payload)} for payload in payloads]
        rows = reading.convert_all(table, payloads, campaign_id=asked.id, read_at=reading.now)
        return rows or [reading.removed(table, campaign_id=asked.id)]

    return [
        units(reading, table, for_each_campaign(reading, table, rows_of))
        for table, rows_of in (
            (CAMPAIGN_ANALYTICS, totals),
            (CAMPAIGN_STEP_ANALYTICS, steps),
            (SUBSEQUENCES, subsequences),
        )
    ]


def campaign_daily_analytics(reading: WorkspaceReading) -> DltResource:
    """The counters of a campaign's days: all at its sweep, else the last ones."""

    def rows_of(asked: Asked) -> list[Row]:
        stored = reading.look_for_stored(reading.pipeline).days
        return _days(reading, asked, stored.get(asked.id, set()))

    read = for_each_campaign(reading, CAMPAIGN_DAILY_ANALYTICS, rows_of)
    return units(reading, CAMPAIGN_DAILY_ANALYTICS, read)


def _days(reading: WorkspaceReading, asked: Asked, stored: set[date]) -> list[Row]:
    """The days of a campaign that the API shows, and what clears those that it no longer shows.

    A day before the first one shown is left alone: the API may show no more than some days at once.
    """
    table, first = CAMPAIGN_DAILY_ANALYTICS, _first_day(reading, asked)
    tomorrow = reading.today + timedelta(days=1)  # which zone days mean is not documented
    payloads = reading.api.campaign_daily_analytics(asked.id, first, tomorrow if first else None)
    found: dict[date, Row] = {}
    for payload in payloads:
        row = reading.as_it_came(table, payload, campaign_id=asked.id)
        if row is not None and found.setdefault(row["date"], row) is not row:
            reading.reject(table, payload, f"date: {row['date']} is there twice", {"campaign_id": asked.id})
    gone = {day for day in stored if found and min(found) <= day <= tomorrow} - found.keys()
    return [*found.values(), *(reading.removed(table, campaign_id=asked.id, date=day) for day in gone)]


def _first_day(reading: WorkspaceReading, asked: Asked) -> date | None:
    """The day to ask from; None where nothing tells when a campaign began."""
    if asked.whole or not asked.known:
        began = asked.campaign.row["started_at"] or asked.campaign.row["created_at"]
        return began.date() - timedelta(days=1) if began else None
    return date.fromisoformat(asked.known["through"]) - timedelta(days=reading.settings.lookback_days)


def _variant(payload: Row) -> Any:
    """The A/B variant of a step, empty where there is none: a key may not be null."""
    inner = payload.get("_id")
    variant = inner.get("variant") if isinstance(inner, dict) else None
    variant = payload.get("variant") if variant is None else variant
    return "" if variant is None else variant
