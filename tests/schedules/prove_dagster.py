"""Dagster: its own command line validates the definitions, materialises every account, and builds the marts."""

import shutil
import sys
from pathlib import Path

from pipelines.snovio import SNOVIO
from tests.schedules.bench import Bench, Failed, Ran
from tests.schedules.files import FOLDER

_MODULE = ("-m", "pipelines.schedules.dagster_definitions")
_QUIETLY = ("-W", "ignore:Parameter `backfill_policy` of function")


def prove(bench: Bench) -> Ran:
    """Load and build, with the instance's settings that the checkout has."""
    project = bench.project("dagster")
    home = project / "dagster"
    home.mkdir()
    shutil.copy(FOLDER / "dagster.yaml", home)
    environment = {**bench.settings(project), "DAGSTER_HOME": str(home)}
    dagster = (Path(sys.executable).with_name("python"), *_QUIETLY, "-m", "dagster")
    bench.run([*dagster, "definitions", "validate", *_MODULE], environment, project)
    tables = " or ".join(f'key:"snovio/{table}"' for table in SNOVIO.default_tables)
    for account in bench.accounts:
        command = ("asset", "materialize", *_MODULE, "--select", tables, "--partition", account)
        bench.run([*dagster, *command], environment, project)
    said = bench.run([*dagster, "job", "execute", *_MODULE, "-j", "build_marts"], environment, project)
    if "RUN_SUCCESS" not in said:
        raise Failed(said[-2000:])
    return Ran("dagster definitions validate, asset materialize, job execute build_marts", bench.rows(environment))
