"""Dagster: tables and marts as assets, and when they are made.

    dagster dev -m pipelines.schedules.dagster_definitions

Needs the extra `dagster`. The steps call the functions that the command line calls; accounts are partitions.
"""

from __future__ import annotations

import dagster as dg

from pipelines import project
from sources import redaction


@dg.definitions
def outreach() -> dg.Definitions:
    """All assets, checks, jobs and schedules of the configured accounts."""
    redaction.install()
    folder = project.activate()
    from pipelines.schedules.dagster_jobs import definitions  # noqa: PLC0415  # imports dlt, which reads the settings

    return definitions(folder)
