"""Writes tables into a page of docs, between the marks that it has for them."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from rich.table import Table

from docs.generate.markdown import grid

_MARKED: Final = r"(<!-- table: {} -->\n).*?(<!-- end -->)"


class NoMark(LookupError):
    """The page has no place for a table."""


def fill(page: Path, tables: Mapping[str, Table]) -> None:
    """Replace what stands between the marks of each table.

    Args:
        page: A Markdown page.
        tables: The tables by the names of their marks.

    Raises:
        NoMark: It has no place for one of them.
    """
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        found = re.search(_MARKED.format(re.escape(name)), text, re.DOTALL)
        if not found:
            raise NoMark(f"{page} has no place for {name}")
        text = f"{text[: found.end(1)]}\n{markdown(table)}\n{text[found.start(2) :]}"
    page.write_text(text, encoding="utf-8")


def markdown(table: Table) -> str:
    """A grid as Markdown."""
    columns = [str(column.header) for column in table.columns]
    rows: Iterable[Iterable[object]] = zip(*(column.cells for column in table.columns), strict=True)
    return grid(columns, [[str(cell) for cell in row] for row in rows])
