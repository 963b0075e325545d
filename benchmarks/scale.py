"""How loads grow, and what a thousand accounts would come to."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from benchmarks import growth
from benchmarks.options import Options

logger = logging.getLogger(__name__)

PAGE: Final = Path(__file__).parents[1] / "docs" / "scale.md"
"""Where the tables go with `--pages`."""

_WHAT: Final = {
    "accounts": "accounts of 12 campaigns",
    "campaigns": "campaigns, a fifth of them running",
    "events": "times the events of 12 campaigns",
}
_HOURLY_LOADS: Final = 24
_DAILY_LOADS: Final = 1
_KILOBYTE: Final = 1_000
_GIGABYTE: Final = 1_000_000_000


def run(_: Options) -> dict[str, Any]:
    """Measures, and tells from that what a thousand accounts would come to."""
    logger.info("about 4 minutes")
    grown = growth.measured()
    from benchmarks import postgres  # noqa: PLC0415  # what weighs comes after what is measured for its memory

    loads = postgres.measured()
    return {"grown": grown, "postgres": loads, "thousand": _thousand(grown, loads)}


def _thousand(grown: Mapping[str, Any], loads: Mapping[str, Any]) -> dict[str, Any]:
    from benchmarks import thousand  # noqa: PLC0415  # as above

    largest = grown["campaigns"][-1]
    by_kind = {load["load"]: load for load in largest["loads"]}
    quiet, moved = by_kind[growth.QUIET], by_kind[growth.MOVED]
    sizes = thousand.bytes_of_rows(loads["tables"])
    events = thousand.events_a_mail(loads["tables"])
    moves = largest["size"] // growth.MOVED_OF
    return {
        "accounts": thousand.ACCOUNTS,
        "campaigns": largest["size"],
        "moves": moves,
        "rate": thousand.RATE,
        "mails_a_day": thousand.MAILS_A_DAY,
        "loads": [thousand.load_of_all(load) for load in largest["loads"]],
        "days": {
            "hourly": thousand.day_of(_HOURLY_LOADS, quiet, moved),
            "daily": thousand.day_of(_DAILY_LOADS, quiet, moved),
        },
        "sizes": sizes,
        "events_a_mail": events,
        "years": {
            name: thousand.year_of(count, events, quiet["records"], moves, sizes)
            for name, count in (("hourly", _HOURLY_LOADS), ("daily", _DAILY_LOADS))
        },
        "state_packed": quiet["state_packed"],
        "state_plain": quiet["state_plain"],
    }


def tables(result: Mapping[str, Any]) -> Iterable[Table]:
    """Every grid."""
    yield from named_tables(result).values()


def named_tables(result: Mapping[str, Any]) -> dict[str, Table]:
    """The grids by the names that the page has for them."""
    grown = {f"growth of {kind}": _growth(kind, sizes) for kind, sizes in result["grown"].items()}
    thousand = result["thousand"]
    return {
        **grown,
        "postgres": _postgres(result["postgres"]["loads"]),
        "staging": _staging(result["postgres"]["tables"]),
        "loads of a thousand": _loads(thousand),
        "days of a thousand": _days(thousand),
        "year of a thousand": _years(thousand),
    }


def _growth(kind: str, sizes: Sequence[Mapping[str, Any]]) -> Table:
    """What grows, and how many times as large each figure is as at the smallest size."""
    columns = (
        _WHAT[kind], "load", "calls", "rows", "state, KB", "packed, KB", "calls x", "rows x", "state x", "CPU x",
        "memory x",
    )  # fmt: skip
    table = _table(f"growth with {kind}", columns, texts=2)
    smallest = sizes[0]["loads"]
    for grown in sizes:
        for least, load in zip(smallest, grown["loads"], strict=True):
            ratios = [load[figure] / least[figure] for figure in ("calls", "rows", "state_plain", "cpu", "peak_mb")]
            states = (f"{load[name] / _KILOBYTE:.1f}" for name in ("state_plain", "state_packed"))
            table.add_row(
                str(grown["size"]), load["load"], f"{load['calls']:,}", f"{load['rows']:,}", *states,
                *(f"{ratio:.1f}" for ratio in ratios),
            )  # fmt: skip
    return table


def _postgres(loads: Mapping[str, Mapping[str, float]]) -> Table:
    """Loads into PostgreSQL; seconds as multiples of the quiet load of an account that is alone."""
    names = {
        "first": "first, into an empty database",
        "alone": "nothing new, alone",
        "large": "first, of an account with many rows",
        "beside": "nothing new, beside that account",
    }
    table = _table("loads into PostgreSQL", ("load", "rows", "sessions", "share writing", "seconds x", "writing x"))
    alone = loads["alone"]
    for name, text in names.items():
        load = loads[name]
        ratios = (load[figure] / alone[figure] for figure in ("seconds", "writing"))
        share = load["writing"] / load["seconds"]
        table.add_row(
            text, f"{load['rows']:,.0f}", f"{load['sessions']:.0f}", f"{share:.0%}",
            *(f"{ratio:.1f}" for ratio in ratios),
        )  # fmt: skip
    return table


def _staging(tables_there: Sequence[Mapping[str, Any]]) -> Table:
    """What the staging tables of an account weigh, which are empty between loads or hold the last rows."""
    table = _table("what an account adds to PostgreSQL beside its rows", ("schema", "tables", "KB"))
    for schema in sorted({one["schema"] for one in tables_there} - {"snovio"}):
        of_schema = [one["bytes"] for one in tables_there if one["schema"] == schema]
        table.add_row(schema, f"{len(of_schema):,}", f"{sum(of_schema) / _KILOBYTE:,.0f}")
    return table


def _loads(thousand: Mapping[str, Any]) -> Table:
    accounts = f"{thousand['accounts']:,} accounts"
    columns = (
        "load", "planned least", "most", "calls", "minutes", f"{accounts}, one limit: hours",
        "a limit each: workers for all in an hour", "for all in a day",
    )  # fmt: skip
    table = _table(f"one account of {thousand['campaigns']} campaigns at {thousand['rate']} calls a minute", columns)
    for load in thousand["loads"]:
        numbers = (f"{load[name]:,}" for name in ("least", "most", "calls", "minutes"))
        workers = (f"{count:,}" for count in load["workers"].values())
        table.add_row(load["load"], *numbers, f"{load['hours_one_limit']:,.1f}", *workers)
    return table


def _days(thousand: Mapping[str, Any]) -> Table:
    columns = (
        "loads a day", "calls of an account", "minutes of it", "all accounts, one limit: hours",
        "accounts that one limit carries",
    )  # fmt: skip
    title = f"a day on which {thousand['moves']} of {thousand['campaigns']} campaigns of each account move, once"
    table = _table(title, columns)
    for day in thousand["days"].values():
        table.add_row(
            str(day["loads"]), f"{day['calls']:,}", f"{day['minutes']:,}", f"{day['hours_one_limit']:,.1f}",
            f"{day['accounts_one_limit']:,}",
        )  # fmt: skip
    return table


def _years(thousand: Mapping[str, Any]) -> Table:
    columns = ("loads", "rows", "million rows a year", "bytes a row", "GB a year")
    table = _table(f"{thousand['accounts']:,} accounts that send {thousand['mails_a_day']:,} e-mails a day", columns)
    table.columns[1].justify = "left"
    for name, kinds in thousand["years"].items():
        for kind, found in kinds.items():
            table.add_row(
                name, kind, f"{found['rows'] / 1e6:,.0f}", f"{thousand['sizes'][kind]:,.0f}",
                f"{found['bytes'] / _GIGABYTE:,.0f}",
            )  # fmt: skip
    return table


def _table(title: str, columns: Sequence[str], texts: int = 1) -> Table:
    """A grid of numbers after one or more columns of text."""
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < texts else "right")
    return table
