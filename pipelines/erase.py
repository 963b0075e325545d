"""Erases a person: from the rows of every account, from what lies beside them, and from what later loads bring.

The row stays and the person goes: addresses give way to pseudonyms and all else that tells of the person becomes
null, so that every count is still what the API says. Rows that the API is asked for person by person are removed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines import warehouse
from pipelines.configuration import ALL_ACCOUNTS, Section
from pipelines.erase_beside import empty_staging, left, published_schemas, remove_from_marts
from pipelines.erase_identities import Identities, identities
from pipelines.erase_sql import Rows
from pipelines.erase_tables import Changed, erase_from
from pipelines.looking import states
from pipelines.pipeline import Place
from pipelines.rewritten import rewrite
from sources import erased
from sources.erased import ERASED_PEOPLE, HOW_TO_MAKE_A_KEY, ErasedPeople
from sources.errors import ConfigurationError, OutreachError

_ELSEWHERE: Final = (
    "published copies and backups of the warehouse, exports, and what people saved from dashboards",
    "the vendor: as long as the person is there, each load reads them and leaves them out",
)


_POSTGRES: Final = "postgres"
_DIALECTS: Final = (warehouse.DUCKDB, _POSTGRES)
_OF_POSTGRES: Final = (
    "rows that PostgreSQL keeps until they are vacuumed: VACUUM FULL removes what was there before",
    "schemas of others in the same database",
)


class CannotErase(OutreachError):
    """The destination understands other statements."""

    exit_code = ConfigurationError.exit_code


class NoAddress(OutreachError):
    """The command line names something that is no e-mail address."""

    exit_code = ConfigurationError.exit_code


@dataclass(slots=True)
class Erased:
    """What erasing came to.

    Args:
        warehouse: The file, or the destination's name.
        dataset: The dataset.
        found: Whether anything of the person was in the dataset.
        tables: What it came to in each table where anything was.
        further: Addresses of the person that were erased with those named.
        shared: Addresses beside theirs that somebody else has too, and that were left alone.
        not_reached: What still may name the person, in words.
    """

    warehouse: str
    dataset: str
    found: bool = False
    tables: Sequence[Changed] = ()
    further: Sequence[str] = ()
    shared: Sequence[str] = ()
    not_reached: list[str] = field(default_factory=list)


def erase(place: Place, emails: Sequence[str]) -> Erased:
    """Erase people from a source's dataset and keep them out of it.

    Args:
        place: Where the source is loaded to.
        emails: Addresses of theirs.

    Raises:
        NoAddress: One is none.
        CannotErase: The destination is neither DuckDB nor PostgreSQL.
        ConfigurationError: The key is missing, or is not the one that was used before.
        AlreadyRunning: A load of an account is running; nothing was touched.
        WarehouseBusy: Another program holds the DuckDB file.
    """
    if wrong := [email for email in emails if email.strip().count("@") != 1]:
        raise NoAddress(f"--email: {', '.join(map(repr, wrong))} is no e-mail address.")
    key = _key(place)
    result = Erased(warehouse.described(place.destination, place.project), place.dataset)
    with ExitStack() as locks:
        accounts = _accounts(place)
        for account in accounts:
            locks.enter_context(place.locked(account))
        for account in accounts:
            shutil.rmtree(Path(get_dlt_pipelines_dir()) / place.source.pipeline_name(account), ignore_errors=True)
        with place.writing(time.sleep), _pipeline(place) as pipeline:
            place.check_dataset(pipeline)
            _erase(result, place, pipeline, key, emails)
        if place.destination == warehouse.DUCKDB:
            rewrite(warehouse.duckdb_file(place.project), time.sleep)
    return result


def _key(place: Place) -> str:
    source = place.source
    setting = f"sources.{source.name}.erase_key"
    key = erased.check_key(setting, Section(source.name, "", source.credentials[0]).secret("erase_key"))
    if key is None:
        raise ConfigurationError(setting, f"is missing. {HOW_TO_MAKE_A_KEY}")
    return key


def _accounts(place: Place) -> list[str]:
    """All that may be loaded: those in the settings, in the dataset, and those ever loaded from this machine."""
    source, prefix = place.source, place.source.pipeline_name("")
    found = {file.stem.removeprefix(prefix) for file in Path(get_dlt_pipelines_dir()).glob(f"{prefix}*.lock")}
    with suppress(ConfigurationError):  # none is configured any more, which keeps nobody from erasing
        found.update(source.account_names(ALL_ACCOUNTS))
    with place.writing(time.sleep), _pipeline(place) as pipeline:
        found.update(states(source, pipeline))
    return sorted(found)


@contextmanager
def _pipeline(place: Place) -> Iterator[dlt.Pipeline]:
    """A pipeline of the dataset that loads nothing."""
    folder = mkdtemp(prefix="outreach-erase-")
    try:
        made = warehouse.destination(place.destination, place.project, account="erase", dataset=place.dataset)
        name = place.source.pipeline_name("erase")
        yield dlt.pipeline(name, destination=made, dataset_name=place.dataset, pipelines_dir=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _erase(result: Erased, place: Place, pipeline: dlt.Pipeline, key: str, emails: Sequence[str]) -> None:
    """Erase from the dataset and keep the hashes, all at once or nothing."""
    tables = place.source.tables.values()
    before = erased.find(pipeline, f"sources.{place.source.name}.erase_key", key)
    with pipeline.sql_client() as client:
        dialect = client.capabilities.sqlglot_dialect
        if dialect not in _DIALECTS:
            raise CannotErase(f"--destination: erase knows {' and '.join(_DIALECTS)} alone, not {place.destination}.")
        if not client.has_dataset():
            client.create_dataset()
        with client.begin_transaction():
            rows = Rows(client)
            who = identities(rows, tables, emails)
            people = _kept(rows, ErasedPeople(key, before.hashes), who)
            result.tables = erase_from(rows, tables, people, who.needles)
            result.found = bool(result.tables)
            beside = [*empty_staging(rows, place.dataset), *remove_from_marts(rows, people)]
            result.tables = [*result.tables, *beside]
            found = left(rows, place.dataset, tables, who, everywhere=dialect == warehouse.DUCKDB)
            result.not_reached += [*found, *_ELSEWHERE]
            if dialect == _POSTGRES:
                result.not_reached += [*_OF_POSTGRES, *_copies(rows, place)]
    named = {erased.normal(email) for email in emails}
    result.further, result.shared = sorted(who.emails - named), sorted(who.shared)


def _copies(rows: Rows, place: Place) -> Iterator[str]:
    for name in published_schemas(rows):
        yield f"the copy {name}: make it anew with outreach publish {name} --destination {place.destination}"


def _kept(rows: Rows, people: ErasedPeople, who: Identities) -> ErasedPeople:
    """Keep the hashes of a person beside those that are kept, and return them all."""
    place = rows.place(ERASED_PEOPLE)
    rows.run(
        f"CREATE TABLE IF NOT EXISTS {place} (person_hash VARCHAR NOT NULL, key_check VARCHAR NOT NULL, "
        "erased_at TIMESTAMP WITH TIME ZONE NOT NULL)"
    )
    for one in sorted(one for one in who.all if not people.names(one)):
        people.add(one)
        rows.run(
            f"INSERT INTO {place} (person_hash, key_check, erased_at) VALUES (%s, %s, %s)",  # noqa: S608  # quoted name
            people.hash_of(one),
            people.key_check,
            datetime.now(UTC),
        )
    return people
