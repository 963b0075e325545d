"""Airflow 3: `airflow dags test` runs the DAG, in an environment of its own, into PostgreSQL."""

import shutil
import sys
from pathlib import Path

from tests.schedules.bench import Bench, Failed, Ran
from tests.schedules.files import CHECKOUT, FOLDER

_VENV = CHECKOUT / ".venv-airflow"
_AIRFLOW = "apache-airflow==3.3.2"
_PACKAGES_COME_FROM = {"HOME": str(Path.home())}  # where pip's own settings lie


def prove(bench: Bench) -> Ran:
    """Install Airflow if need be, then run the DAG of Snov.io."""
    if not (_VENV / ".installed").exists():
        bench.run([sys.executable, "-m", "venv", _VENV], {})
        bench.run([_VENV / "bin" / "pip", "install", "--quiet", _AIRFLOW], _PACKAGES_COME_FROM)
        (_VENV / ".installed").touch()
    project = bench.project("airflow")
    dags = project / "dags"
    dags.mkdir()
    shutil.copy(FOLDER / "airflow_dag.py", dags)
    environment = {
        **bench.settings(project),
        "AIRFLOW_HOME": str(project / "home"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "OUTREACH_HOME": str(CHECKOUT),
        "DESTINATION__POSTGRES__CREDENTIALS": bench.server.url(bench.server.database()),
    }
    airflow = _VENV / "bin" / "airflow"
    bench.run([airflow, "db", "migrate"], environment)
    bench.run([airflow, "pools", "set", "snovio", "2", "accounts at once"], environment)
    said = bench.run([airflow, "dags", "test", "outreach_snovio"], environment)
    if (loads := said.count("'load', 'snovio'")) != len(bench.accounts):
        raise Failed(f"{loads} loads for {len(bench.accounts)} accounts\n{said[-2000:]}")
    what = f"airflow dags test outreach_snovio, {loads} mapped loads, into PostgreSQL"
    return Ran(what, bench.rows(environment, "postgres"))
