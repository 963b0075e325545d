"""What is known between loads, kept by dlt in the destination: shown, and forgotten for chosen tables."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlt.common import jsonpath
from dlt.pipeline.helpers import pipeline_drop

from pipelines import warehouse
from pipelines.configuration import ALL_ACCOUNTS, DEFAULT_ACCOUNT
from pipelines.looking import looking, states
from pipelines.pipeline import Place
from pipelines.selection import check_names
from pipelines.source import ALWAYS, Source, State
from sources.errors import ConfigurationError, OutreachError


class NothingLoaded(OutreachError):
    """There is no state of the account."""

    exit_code = ConfigurationError.exit_code


@dataclass(frozen=True, slots=True)
class TableState:
    """What is known of one table.

    Args:
        table: The table.
        text: In words.
        state: As it is kept: what belongs to the table's resource.
        aside: What is kept beside it, by place.
    """

    table: str
    text: Sequence[str]
    state: Mapping[str, Any]
    aside: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AccountState:
    """What is known of one account."""

    source: str
    account: str
    tables: Sequence[TableState]


@dataclass(frozen=True, slots=True)
class Reset:
    """What was forgotten of one account.

    Args:
        source: The source.
        account: The account.
        tables: Tables of which something was known.
        text: What that means.
    """

    source: str
    account: str
    tables: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The tables of an account that a command is for."""

    account: str
    state: State
    tables: Sequence[str]


def show(place: Place, account: str | None, select: Collection[str]) -> list[AccountState]:
    """Tell what is known; nothing is written.

    Args:
        place: Where the source is loaded to.
        account: An account's name, `all`, or None for the unnamed one.
        select: Only these tables; empty: all.

    Raises:
        UnknownTable: A table's name is wrong.
        NothingLoaded: There is no such account.
    """
    source = place.source
    return [
        AccountState(
            source.name,
            one.account,
            [_described(source, one.state, table) for table in one.tables],
        )
        for one in _wanted(place, account, select)
    ]


def reset(place: Place, account: str | None, select: Collection[str]) -> list[Reset]:
    """Forget what is known of tables, so that the next load reads them again; rows and history stay.

    The state without it is loaded like any other, as the newest one: a load takes up what the destination holds.

    Args:
        place: Where the source is loaded to.
        account: An account's name, `all`, or None for the unnamed one.
        select: Only these tables; empty: all.

    Raises:
        UnknownTable: A table's name is wrong.
        NothingLoaded: There is no such account.
        AlreadyRunning: A load of an account is running; the accounts before it are reset.
    """
    return [_reset(place, one.account, one.tables) for one in _wanted(place, account, select)]


def _wanted(place: Place, account: str | None, select: Collection[str]) -> list[_Wanted]:
    source = place.source
    check_names(source, "--select", list(select))
    tables = [name for name in source.ordered(select or source.tables) if name not in ALWAYS]
    with looking(source, place.project, destination=place.destination, dataset=place.dataset) as pipeline:
        found = states(source, pipeline) if pipeline else {}
    names = [*found] if found and account == ALL_ACCOUNTS else [account or DEFAULT_ACCOUNT]
    if missing := [name for name in names if name not in found]:
        known = f"accounts are: {', '.join(found)}" if found else "nothing was loaded"
        where = f"{warehouse.described(place.destination, place.project)}, dataset {place.dataset}"
        raise NothingLoaded(f"--account: {where} holds no state of account {', '.join(missing)}; {known}.")
    return [_Wanted(name, found[name], tables) for name in names]


def _described(source: Source, state: State, table: str) -> TableState:
    aside = {
        place: found[0] for place in source.kept_aside(table) if (found := jsonpath.find_values(place, dict(state)))
    }
    return TableState(table, source.described(state, table), state.get("resources", {}).get(table, {}), aside)


def _reset(place: Place, account: str, tables: Sequence[str]) -> Reset:
    source = place.source
    aside = [path for table in tables for path in source.kept_aside(table)]
    with place.locked(account), place.writing(time.sleep):
        pipeline = place.fresh_pipeline(account)
        place.synchronize(pipeline)
        state: State = pipeline.state.get("sources", {}).get(source.name, {})
        found = [path for path in aside if jsonpath.find_values(path, dict(state))]
        known = [name for name in tables if name in state.get("resources", {})]
        if known or found:
            pipeline_drop(pipeline, resources=known, state_paths=found, state_only=True)()
    if not known:
        return Reset(source.name, account, known, "nothing was known of these tables")
    return Reset(source.name, account, known, f"forgotten: {', '.join(known)}; the next load reads them again")
