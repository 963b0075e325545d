"""The page of the commands: what `--help` says of each."""

from __future__ import annotations

from typing import Any, Final

import typer

from docs.generate.markdown import head
from pipelines.cli import app

_WIDTH: Final = 100


def commands_page() -> str:
    """Every command with its help, as on a terminal of 100 columns."""
    group: Any = typer.main.get_command(app)
    outer = _context(group, "outreach", None)
    parts = [_section("outreach", group.get_help(outer))]
    parts += [
        _section(f"outreach {name}", command.get_help(_context(command, name, outer)))
        for name, command in group.commands.items()
    ]
    return "\n".join((head("Commands", "pipelines/cli.py"), *parts))


def _context(command: Any, name: str, parent: Any) -> Any:
    return command.context_class(command, info_name=name, parent=parent, terminal_width=_WIDTH)


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```\n{text.rstrip()}\n```\n"
