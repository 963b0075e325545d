"""Writes the reference pages from the code: `python -m docs.generate`, which is `make docs`.

Each module makes one kind of page and reads nothing but the code, so the same checkout always gives the same pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docs.generate.commands import commands_page
from docs.generate.diagram import diagram_page
from docs.generate.settings import settings_page
from docs.generate.tables import tables_page
from pipelines import registry
from sources.tables import Table

SOURCES: Final[Mapping[str, Mapping[str, Table]]] = {name: source.tables for name, source in registry.SOURCES.items()}
"""The tables of every source."""


def pages() -> dict[str, str]:
    """Returns the text of every generated page, by its path below `docs`."""
    tables = {f"tables/{name}.md": tables_page(name, found) for name, found in SOURCES.items()}
    return {**tables, "erd.md": diagram_page(SOURCES), "settings.md": settings_page(), "commands.md": commands_page()}
