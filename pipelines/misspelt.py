"""Settings that nobody reads because of a slip of the pen."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

OWN_LIMIT: Final = "own_limit"
"""A setting of the commands alone: the sources know nothing of other accounts."""
OF_EACH_ACCOUNT: Final = ("requests_per_minute", OWN_LIMIT, "workspace_id")
"""What an account may have for itself beside its credentials, where the source has it."""


def misspelt(source: str, known: Collection[str], credentials: Collection[str]) -> list[str]:
    """Say of each setting that looks like one of a source and is none what it should be called.

    What looks like none is left alone: dlt has settings of its own.

    Args:
        source: The source's name.
        known: Its settings.
        credentials: Those that every account has.
    """
    of_account = [*credentials, *(name for name in OF_EACH_ACCOUNT if name in known)]
    return sorted(_slips(source, known, of_account))


def _slips(source: str, known: Collection[str], of_account: Collection[str]) -> Iterator[str]:
    section = f"sources.{source}"
    for path in set(_given(source)):
        names = of_account if len(path) > 1 else known
        if path[-1] not in names and (meant := get_close_matches(path[-1], names, n=1)):
            where = ".".join((section, *path[:-1]))
            yield f"{where}.{path[-1]} is no setting and has no effect; did you mean {where}.{meant[0]}?"


def _given(source: str) -> Iterator[tuple[str, ...]]:
    """The settings of a source: name, or accounts, account and name."""
    for provider in Container()[PluggableRunContext].providers.providers:
        if provider.supports_sections and provider.name != "Environment Variables":
            section, _ = provider.get_value(source, dict, None, "sources")
            yield from _paths(section if isinstance(section, Mapping) else {})
    begin = f"SOURCES__{source.upper()}__"
    for variable in os.environ:
        path = tuple(variable.removeprefix(begin).lower().split("__"))
        if variable.startswith(begin) and _is_ours(path):
            yield path


def _paths(section: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in section.items():
        if not isinstance(value, Mapping):
            yield (name,)
    for account, settings in section.get("accounts", {}).items():
        yield from (("accounts", account, name) for name in settings)


def _is_ours(path: tuple[str, ...]) -> bool:
    return len(path) == 1 or (len(path) == len(("accounts", "NAME", "setting")) and path[0] == "accounts")
