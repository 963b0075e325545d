"""What the commands print: tables for people, objects for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from pipelines.check import Finding
from pipelines.plan import Plan
from pipelines.results import AccountReport, Report
from pipelines.source import Source
from pipelines.state import AccountState, Reset
from pipelines.status import Status
from sources.tables import Table


def load_as_json(report: Report) -> dict[str, Any]:
    """What a load did."""
    return {
        "source": report.source,
        "exit_code": report.exit_code,
        "warehouse": report.warehouse,
        "dataset": report.dataset,
        "accounts": [_account(account) for account in report.accounts],
    }


def load_as_table(report: Report) -> Group:
    """The same, with a row for each table."""
    parts: list[Any] = []
    for account in report.accounts:
        grid = _grid(f"account {account.account}", "table", ">loaded", ">stored", ">calls", ">seconds", "outcome")
        for row in _account(account)["tables"]:
            stored = "" if row["stored"] is None else f"{row['stored']:,}"
            grid.add_row(
                row["table"],
                f"{row['rows']:,}",
                stored,
                f"{row['calls']:,}",
                f"{row['seconds']:.1f}",
                Text(" ".join(filter(None, (row["outcome"], row["detail"])))),
            )
        if account.outcomes:
            parts.append(grid)
        parts.append(Text(_summary(account)))
    parts.append(Text(f"warehouse: {report.warehouse}, dataset {report.dataset}"))
    return Group(*parts)


def _summary(account: AccountReport) -> str:
    if account.error:
        return f"account {account.account}: {account.error}"
    rows = sum(outcome.rows for outcome in account.outcomes)
    rejected = sum(outcome.rejected for outcome in account.outcomes)
    parts = [f"account {account.account}: {rows:,} rows, {account.calls:,} calls, {account.seconds:.1f} s"]
    if rejected:
        parts.append(f"{rejected:,} rows rejected (see rejected_rows)")
    if account.new_columns:
        parts.append(f"new columns: {', '.join(account.new_columns)}")
    if account.stopped:
        parts.append(f"ended by {account.stopped}; the next run goes on from there")
    return ", ".join(parts)


def _account(account: AccountReport) -> dict[str, Any]:
    return {
        "account": account.account,
        "run_id": account.run_id,
        "exit_code": account.exit_code,
        "error": account.error,
        "calls": account.calls,
        "seconds": round(account.seconds, 3),
        "stopped": account.stopped,
        "new_columns": account.new_columns,
        "tables": [
            {
                "table": outcome.table,
                "rows": outcome.rows,
                "stored": account.stored.get(outcome.table),
                "calls": account.calls_by_table.get(outcome.table, 0),
                "seconds": round(outcome.seconds, 3),
                "rejected": outcome.rejected,
                "newest_row": outcome.newest,
                "outcome": outcome.word,
                "detail": outcome.detail,
            }
            for outcome in account.outcomes
        ],
    }


def plan_as_json(plan: Plan) -> dict[str, Any]:
    """What a load would ask."""
    return {
        "accounts": [
            {
                "account": account.account,
                "error": account.error,
                "least": account.calls.least,
                "most": account.calls.most,
                "minutes_least": account.minutes(account.calls.least),
                "minutes_most": account.minutes(account.calls.most),
                "calls_spent": account.calls_spent,
                "notes": account.notes,
                "tables": [{"table": name, **calls._asdict()} for name, calls in account.tables.items()],
            }
            for account in plan.accounts
        ],
        "least": plan.calls.least,
        "most": plan.calls.most,
    }


def plan_as_table(plan: Plan) -> Group:
    """The same, with a row for each table that asks anything."""
    parts: list[Any] = []
    for account in plan.accounts:
        if account.error:
            parts.append(Text(f"account {account.account}: {account.error}"))
            continue
        grid = _grid(f"account {account.account}", "table", ">least", ">most")
        for name, calls in account.tables.items():
            if calls.most:
                grid.add_row(name, f"{calls.least:,}", f"{calls.most:,}")
        least, most = account.calls
        minutes = _span(account.minutes(least), account.minutes(most))
        rate = f"{account.requests_per_minute} calls a minute" if account.requests_per_minute else "no rate limit"
        line = f"account {account.account}: {_span(least, most)} calls, {minutes} minutes at {rate}"
        parts += [
            grid,
            Text(f"{line}; {account.calls_spent} calls spent"),
            *(Text(f"  {note}") for note in account.notes),
        ]
    return Group(*parts)


def _span(least: int | None, most: int | None) -> str:
    """Least and most, or the one number that both are."""
    if least is None or most is None:
        return ""
    return f"{least:,}" if least == most else f"{least:,}-{most:,}"


def tables_as_json(source: Source) -> dict[str, Any]:
    """Every table of a source."""
    tables = source.tables.values()
    return {
        "source": source.name,
        "tables": [{**_facts(table), "columns": [asdict(column) for column in table.columns]} for table in tables],
    }


def tables_as_table(source: Source) -> Grid:
    """The same, a row a table."""
    grid = _grid(f"tables of {source.name}", "table", "endpoint", "key", "kept", "cursor", "calls", "default")
    for table in source.tables.values():
        facts = _facts(table)
        default = "yes" if table.default else "no"
        grid.add_row(
            table.name, table.endpoint, ", ".join(facts["key"]), table.kept, table.cursor, table.calls, default
        )
    return grid


def _facts(table: Table) -> dict[str, Any]:
    return {
        "table": table.name,
        "endpoint": table.endpoint,
        "key": ["account", *table.key],
        "kept": table.kept,
        "cursor": table.cursor,
        "calls": table.calls,
        "default": table.default,
    }


def check_as_json(findings: list[Finding]) -> dict[str, Any]:
    """What was checked, and what came of it."""
    return {"ok": all(finding.ok for finding in findings), "checks": [asdict(finding) for finding in findings]}


def check_as_table(findings: list[Finding]) -> Grid:
    """The same, a row a check."""
    grid = _grid("", "check", "result", "what was found")
    for finding in findings:
        grid.add_row(finding.name, "ok" if finding.ok else "FAILED", Text(finding.text))
    return grid


def status_as_json(status: Status) -> dict[str, Any]:
    """What lies in the warehouse."""
    return {**asdict(status), "rejected_rows": status.rejected_rows, "calls": status.calls}


def status_as_table(status: Status) -> Group:
    """The same, a row for each account's table."""
    if not status.tables:
        return Group(
            Text(f"{status.warehouse}: nothing is loaded yet; run: outreach load snovio, or outreach load sendkit")
        )
    grid = _grid(
        status.warehouse,
        "source",
        "account",
        "table",
        ">rows",
        "newest row",
        "last load",
        ">lag",
        ">calls",
        ">last calls",
        ">planned",
        "last outcome",
    )
    for row in status.tables:
        grid.add_row(
            row.source,
            row.account,
            row.table,
            f"{row.rows:,}",
            _moment(row.newest_row),
            _moment(row.last_load),
            row.lag,
            f"{row.calls:,}",
            _span(row.last_calls, row.last_calls),
            _span(row.planned_least, row.planned_most),
            Text(" ".join(filter(None, (row.last_outcome, row.detail)))),
        )
    lines = [f"rejected rows: {status.rejected_rows:,}", f"calls spent in all, tokens aside: {status.calls:,}"]
    lines += [f"unfinished: {line}" for line in status.unfinished]
    lines += status.probes_off
    lines += [
        f"next load of {load.source} {load.account}: {_span(load.least, load.most)} calls"
        for load in status.next_loads
    ]
    return Group(grid, Text("\n".join(lines)))


def state_as_json(states: list[AccountState]) -> dict[str, Any]:
    """What the state says, as it is kept."""
    return {"accounts": [asdict(state) for state in states]}


def state_as_table(states: list[AccountState]) -> Group:
    """The same in words."""
    parts: list[Any] = []
    for state in states:
        grid = _grid(f"{state.source} {state.account}", "table", "what is known")
        for table in state.tables:
            grid.add_row(table.table, Text("; ".join(table.text)))
        parts.append(grid)
    return Group(*parts)


def reset_as_json(resets: list[Reset]) -> dict[str, Any]:
    """What was forgotten."""
    return {"accounts": [asdict(reset) for reset in resets]}


def reset_as_table(resets: list[Reset]) -> Group:
    """The same, a line an account."""
    return Group(*(Text(f"{reset.source} {reset.account}: {reset.text}") for reset in resets))


def _moment(moment: Any) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _grid(title: str, *columns: str) -> Grid:
    """A grid; columns that begin with > hold numbers."""
    grid = Grid(title=title or None, title_justify="left")
    for column in columns:
        numbers = column.startswith(">")
        grid.add_column(column.removeprefix(">"), justify="right" if numbers else "left", overflow="fold")
    return grid
