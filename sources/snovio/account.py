"""The small lists of an account: what it sends with, where, to whom not, and what is left of its credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.snovio.api import Row as Payload
from sources.snovio.api import SnovioApi
from sources.snovio.reading import AccountReading
from sources.snovio.tables import (
    ACCOUNT_BALANCE,
    CAMPAIGN_SCHEDULE_DAYS,
    CAMPAIGN_SCHEDULES,
    CUSTOM_FIELDS,
    DO_NOT_EMAIL_LISTS,
    PIPELINE_STAGES,
    PIPELINES,
    WEBHOOKS,
)
from sources.tables import Row, Table
from sources.writing import history, observations

_WHOLE_LISTS: tuple[tuple[Table, Callable[[SnovioApi], list[Payload]]], ...] = (
    (CUSTOM_FIELDS, SnovioApi.custom_fields),
    (DO_NOT_EMAIL_LISTS, SnovioApi.do_not_email_lists),
)


def whole_lists(reading: AccountReading) -> list[DltResource]:
    """Tables that one call shows whole, each row as it is."""

    def resource(table: Table, ask: Callable[[SnovioApi], list[Payload]]) -> DltResource:
        def read(_: Outcome) -> Iterator[list[Row]]:
            yield reading.convert_all(table, ask(reading.api))

        return history(reading, table, read)

    return [resource(table, ask) for table, ask in _WHOLE_LISTS]


def campaign_schedules(reading: AccountReading) -> list[DltResource]:
    """Sending schedules, and their days as a table of their own; one call for both."""

    def asked() -> list[Payload]:
        if reading.schedules is None:
            reading.schedules = reading.api.campaign_schedules()
        return reading.schedules

    def schedules(_: Outcome) -> Iterator[list[Row]]:
        payloads = [{key: value for key, value in payload.items() if key != "days"} for payload in asked()]
        yield reading.convert_all(CAMPAIGN_SCHEDULES, payloads)

    def days(_: Outcome) -> Iterator[list[Row]]:
        yield [
            row
            for schedule in asked()
            for position, day in enumerate(schedule.get("days") or [])
            for row in reading.convert_all(
                CAMPAIGN_SCHEDULE_DAYS, [day], schedule_id=schedule.get("id"), position=position
            )
        ]

    return [history(reading, CAMPAIGN_SCHEDULES, schedules), history(reading, CAMPAIGN_SCHEDULE_DAYS, days)]


def pipelines(reading: AccountReading) -> list[DltResource]:
    """Deal pipelines and their stages."""

    def asked() -> list[Row]:
        if reading.pipelines is None:
            reading.pipelines = reading.convert_all(PIPELINES, reading.api.pipelines())
            dlt.current.source_state()["pipelines_seen"] = len(reading.pipelines)
        return reading.pipelines

    def whole(_: Outcome) -> Iterator[list[Row]]:
        yield asked()

    def stages(outcome: Outcome) -> Iterator[list[Row]]:
        rows: list[Row] = []
        for pipeline in asked():
            with reading.one(outcome, f"pipeline {pipeline['id']}"):
                payloads = reading.api.pipeline_stages(pipeline["id"])
                rows += reading.convert_all(PIPELINE_STAGES, payloads)
                reading.succeeded(outcome, f"pipeline {pipeline['id']}")
        if not outcome.failures:
            yield rows

    return [history(reading, PIPELINES, whole), history(reading, PIPELINE_STAGES, stages)]


def webhooks(reading: AccountReading) -> DltResource:
    """Webhook subscriptions. The path of a target is a secret: only its scheme and host are kept."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        answer = reading.api.webhooks()
        masked = [{**row, "end_point": _masked(row.get("end_point")), "meta": answer.meta} for row in answer.rows]
        yield reading.convert_all(WEBHOOKS, masked)

    return history(reading, WEBHOOKS, read)


def account_balance(reading: AccountReading) -> DltResource:
    """Credits and limits, one observation a load."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        rows = reading.convert_object(ACCOUNT_BALANCE, reading.api.account_balance(), observed_at=reading.now)
        outcome.read += 1
        outcome.saw(reading.now)
        yield rows

    return observations(reading, ACCOUNT_BALANCE, read)


def _masked(url: object) -> str | None:
    if not isinstance(url, str):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return "***"
    return f"{parts.scheme}://{parts.hostname}/***" if parts.hostname else "***"
