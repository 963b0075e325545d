"""What campaigns are set to: one answer a campaign fills the tables of its settings, steps and variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlt.extract import DltResource

from sources import values
from sources.outcomes import Outcome
from sources.snovio.api import Row as Payload
from sources.snovio.campaigns import for_moved_campaigns
from sources.snovio.nested import inner_rows
from sources.snovio.parts import Parts, cleared, versioned
from sources.snovio.reading import AccountReading, Variant
from sources.snovio.tables import CAMPAIGN_DETAILS, CAMPAIGN_STEP_CONTENTS, CAMPAIGN_STEPS, EMAIL_STEP_CONTENTS
from sources.tables import Row
from sources.writing import history_by_unit

_EMAIL = "email"


def campaign_details(reading: AccountReading) -> list[DltResource]:
    """Settings, steps and variants of each campaign whose own row changed, as history for each campaign."""
    tables = CAMPAIGN_STEPS, CAMPAIGN_STEP_CONTENTS
    parts = reading.kept(CAMPAIGN_DETAILS, lambda: Parts(reading, CAMPAIGN_DETAILS, *tables))

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        number = campaign["id"]
        payload = reading.api.campaign_details(number)
        if EMAIL_STEP_CONTENTS.name in reading.unfinished:
            reading.variants[number] = list(_variants(payload))
        parts.bring(number, _parts_of(reading, payload, number))
        return versioned(reading.convert_object(CAMPAIGN_DETAILS, _without_steps(payload), id=number))

    def removed(campaign_id: int) -> list[Row]:
        return [cleared(reading, CAMPAIGN_DETAILS, id=campaign_id)]

    read = for_moved_campaigns(reading, CAMPAIGN_DETAILS, rows_of, removed, parts)
    return [
        history_by_unit(reading, CAMPAIGN_DETAILS, read, "row_version"),
        *(
            history_by_unit(
                reading,
                table,
                parts.read_of(table, "campaign_id"),
                "row_version",
                after=(CAMPAIGN_DETAILS.name,),
                asks=False,
            )
            for table in parts.tables
        ),
    ]


def email_step_contents(reading: AccountReading) -> DltResource:
    """Subject and text of every variant of the e-mails of a campaign, as history for each campaign."""

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        number = campaign["id"]
        variants = reading.variants.pop(number, None)
        if variants is None:
            variants = list(_variants(reading.api.campaign_details(number)))
        rows: list[Row] = []
        for step_id, content_id in variants:
            payload = reading.api.email_step_content(number, step_id, content_id)
            known = {"campaign_id": number, "step_id": str(step_id), "content_id": content_id}
            rows += reading.convert_object(EMAIL_STEP_CONTENTS, payload, **known)
        reading.costs[EMAIL_STEP_CONTENTS.name, number] = {"calls": len(variants)}
        return versioned(rows) or removed(number)

    def removed(campaign_id: int) -> list[Row]:
        return [cleared(reading, EMAIL_STEP_CONTENTS, campaign_id=campaign_id)]

    read = for_moved_campaigns(reading, EMAIL_STEP_CONTENTS, rows_of, removed)
    return history_by_unit(reading, EMAIL_STEP_CONTENTS, read, "row_version", after=(CAMPAIGN_DETAILS.name,))


def _without_steps(payload: Payload) -> Payload:
    sequence = payload.get("sequence")
    if not isinstance(sequence, dict):
        return payload
    return {**payload, "sequence": {name: sequence[name] for name in sequence if name != "steps"}}


def _steps(payload: Payload) -> list[Payload]:
    sequence = payload.get("sequence")
    return inner_rows(sequence.get("steps")) if isinstance(sequence, dict) else []


def _parts_of(reading: AccountReading, payload: Payload, campaign_id: int) -> dict[str, list[Row]]:
    """The rows of steps and variants."""
    steps, contents = [], []
    for index, step in enumerate(_steps(payload)):
        own: dict[str, Any] = {name: step[name] for name in step if name != "content"}
        steps.append({**own, "step_index": index})
        contents += [{**content, "_ref": step.get("_ref")} for content in inner_rows(step.get("content"))]
    found = {CAMPAIGN_STEPS: steps, CAMPAIGN_STEP_CONTENTS: contents}
    return {
        table.name: versioned(reading.convert_all(table, rows, campaign_id=campaign_id))
        for table, rows in found.items()
    }


def _variants(payload: Payload) -> Iterator[Variant]:
    """The variants of the e-mails of a campaign, as far as their ids can stand in a path."""
    for step in _steps(payload):
        for content in inner_rows(step.get("content")) if step.get("type") == _EMAIL else ():
            numbers = [values.text(step.get("_ref")) or "", values.text(content.get("id")) or ""]
            if all(number.isascii() and number.isdecimal() for number in numbers):
                yield Variant(*map(int, numbers))
