"""The command `outreach erase`."""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines import options
from pipelines.options import Dataset, Destination, Json, SourceArgument

Email = Annotated[list[str], typer.Option(help="An address of the person; may be repeated.", metavar="ADDRESS")]


def erase(
    source: SourceArgument,
    email: Email,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Erase a person from every account's tables, and keep them out of later loads."""

    def run() -> int:
        from pipelines import erase as erasing
        from pipelines import erase_report
        from pipelines.pipeline import place_of
        from pipelines.project import find

        place = place_of(source, find(), destination=destination, dataset=dataset)
        result = erasing.erase(place, email)
        options.show(erase_report.as_json(result) if as_json else erase_report.as_table(result))
        return 0

    options.end_with(run, as_json)
