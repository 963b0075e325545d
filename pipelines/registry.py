"""The sources that the commands know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines.sendkit import SENDKIT
from pipelines.snovio import SNOVIO
from pipelines.source import Source

SOURCES: Final[Mapping[str, Source]] = {source.name: source for source in (SNOVIO, SENDKIT)}
"""By name."""
