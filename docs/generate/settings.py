"""The page of the settings: the parameters of the sources, and what the commands read beside them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import dlt

from docs.generate.markdown import code, grid, head
from pipelines import registry

_SOURCES: Final = tuple((f"sources.{source.name}", source.dlt_source) for source in registry.SOURCES.values())
_NOT_SET: Final = frozenset({"account"})
"""Parameters that the command line gives: a section for each account takes their place."""
_OWN_LIMIT: Final = "Whether the account keeps a rate limit of its own; else one is shared by all of an API."
_OF_EACH_ACCOUNT: Final = {
    "requests_per_minute": "The rate of this account alone.",
    "own_limit": _OWN_LIMIT,
    "workspace_id": "Its workspace, with a platform's key.",
}
"""What a further account may have beside its credentials, where the source has it."""
_DESTINATIONS: Final = (
    (
        "destination.duckdb.credentials",
        "`outreach.duckdb`",
        "The DuckDB file; from the project folder if the path is relative.",
    ),
    (
        "destination.postgres.credentials",
        "none",
        "`postgresql://user:password@host:5432/database`, for `--destination postgres`.",
    ),
)
_VARIABLES: Final = {
    "DLT_PROJECT_DIR": "The project folder; else the nearest one upwards whose `.dlt` holds a configuration.",
    "DLT_DATA_DIR": "dlt's working folder, with the locks; dlt's own default.",
    "OUTREACH_NOTIFY": "A webhook that `outreach load` tells of failures; see operations.md.",
    "XDG_CACHE_HOME": "Below it lies the file by which all processes of a user keep one rate limit.",
}


def settings_page() -> str:
    """Every setting with its environment variable, default and meaning."""
    parts = [
        head("Settings", "the sources' own parameters"),
        "They go to `.dlt/config.toml`, secret ones to `.dlt/secrets.toml`; the environment wins over both.\n",
    ]
    for section, source in _SOURCES:
        own_limit = (f"{section}.own_limit", code("false"), _OWN_LIMIT)
        parts += [f"## {section}\n", _grid([*_parameters(section, source), own_limit])]
    further = [
        (f"sources.{name}.accounts.NAME.{credential}", "none", "A further account, loaded with `--account NAME`.")
        for name, source in registry.SOURCES.items()
        for credential in source.credentials
    ]
    further += [
        (f"{section}.accounts.NAME.{name}", "that of the source", meaning)
        for section, source in _SOURCES
        for name, meaning in _OF_EACH_ACCOUNT.items()
        if name == "own_limit" or name in inspect.signature(source).parameters
    ]
    parts += ["## Further accounts\n", _grid(further), "## destination\n", _grid(_DESTINATIONS)]
    parts += [
        "## Environment alone\n",
        grid(("variable", "meaning"), ((code(name), said) for name, said in _VARIABLES.items())),
    ]
    return "\n".join(parts)


def _grid(settings: Sequence[tuple[str, str, str]]) -> str:
    return grid(
        ("key", "environment", "default", "meaning"),
        ((code(key), code(key.upper().replace(".", "__")), *rest) for key, *rest in settings),
    )


def _parameters(section: str, source: Callable[..., Any]) -> list[tuple[str, str, str]]:
    """Key, default and meaning of each parameter."""
    meanings = dict(_meanings(inspect.getdoc(source) or ""))
    return [
        (f"{section}.{name}", _default(parameter.default), meanings[name])
        for name, parameter in inspect.signature(source).parameters.items()
        if name not in _NOT_SET
    ]


def _meanings(docstring: str) -> Iterator[tuple[str, str]]:
    """What a docstring says of each argument."""
    arguments = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", docstring, flags=re.MULTILINE | re.DOTALL)
    if arguments is not None:
        for found in re.finditer(r"^    (\w+): (.*?)(?=^    \w|\Z)", arguments[1], flags=re.MULTILINE | re.DOTALL):
            yield found[1], " ".join(found[2].split())


def _default(value: Any) -> str:
    if value is dlt.secrets.value:
        return "required"
    return "none" if value in (None, ()) else code(str(value).lower() if isinstance(value, bool) else f"{value}")
