"""The little Markdown that the pages need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def head(title: str, made_from: str) -> str:
    """The first lines of a page.

    Args:
        title: Its title.
        made_from: What it is generated from, a path.
    """
    return f"<!-- Written by `make docs` from {made_from}: do not edit. -->\n\n# {title}\n"


def grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [columns, ["---"] * len(columns), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(*names: str) -> str:
    """Names as code, with commas."""
    return ", ".join(f"`{name}`" for name in names)
