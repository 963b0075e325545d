"""Who loads the opens, and how: each load is a process of its own.

What is timed is one span for all: from before the first call to the API until everything is committed; starting
Python and importing are not part of it. For `outreach` that is what `--json` says of the account, which includes its
lock and the count of the stored rows.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import child
from benchmarks.outreach import Outreach
from benchmarks.serving import Served

Timed = tuple[child.Measured, float]
"""A process, and the seconds of its load."""

OURS: Final = "outreach"
_FILE: Final = "outreach.duckdb"


class WrongRows(RuntimeError):
    """A load left other rows than the API has; its figures would mean nothing."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to load the opens.

    Args:
        name: What the tables call it.
        load: Loads into a folder once; told whether the folder already holds a load.
        table: Where the rows come to lie.
        key: The column that is the API's id of a row.
        expected: About how many rows a second it loads, to estimate how long everything takes.
        slow: Whether one round is enough: it is far behind, and takes minutes.
    """

    name: str
    load: Callable[[Served, Path, bool], Timed]
    table: str
    key: str
    expected: int
    slow: bool = False

    def check(self, folder: Path, rows: int) -> None:
        """Counts what was loaded.

        Raises:
            WrongRows: It is not every row of the API once.
        """
        arguments = (str(folder / _FILE), self.table, self.key)
        counted = child.run("benchmarks.contenders.count", *arguments, environment=child.environment(folder))
        if json.loads(counted.output) != [rows, rows]:
            raise WrongRows(f"{self.name}: rows and distinct ids {counted.output.strip()}, not {rows} of each")


def _ours(served: Served, folder: Path, again: bool) -> Timed:
    outreach = Outreach(folder, served.url, served.client_id, served.client_secret)
    measured, account = outreach.load("--select", "email_opens", *(("--full-refresh",) if again else ()))
    return measured, account["seconds"]


@dataclass(frozen=True, slots=True)
class _Module:
    """A contender that is a module of ours.

    Args:
        name: The module.
        settings: dlt's settings.
        options: What the module is told beside the server and the file.
    """

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, served: Served, folder: Path, again: bool) -> Timed:
        """Loads once."""
        del again  # these read and replace everything at every load
        given = {**asdict(served), "file": str(folder / _FILE), **self.options}
        environment = child.environment(folder, **self.settings)
        measured = child.run(f"benchmarks.contenders.{self.name}", json.dumps(given), environment=environment)
        return measured, json.loads(measured.output)["seconds"]


_PARQUET: Final = {"preferred_loader_file_format": "parquet"}
_FURTHER: Final = {
    "NORMALIZE__WORKERS": "2",
    "DATA_WRITER__FILE_MAX_ITEMS": "50000",  # gives the two workers files to share
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
}
"""Measured one by one, each helps. Larger buffers and `max_table_nesting=0` do not, and cost memory."""

CONTENDERS: Final = (
    Contender(OURS, _ours, "snovio.email_opens", "source_id", expected=30_000),
    Contender("rest_api_source", _Module("rest_api"), "opens.email_opens", "id", expected=2_300, slow=True),
    Contender(
        "rest_api_source, parquet", _Module("rest_api", {}, _PARQUET), "opens.email_opens", "id", expected=9_000
    ),
    Contender(
        "the same, two normalizers",
        _Module("rest_api", _FURTHER, _PARQUET),
        "opens.email_opens",
        "id",
        expected=12_000,
    ),
    Contender("bound: read_json", _Module("bound"), "main.email_opens", "id", expected=90_000),
)
