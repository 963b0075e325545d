"""Loads that were killed in the middle of their commit: they are found, and nothing else is taken for one."""

import json
from collections.abc import Iterator
from pathlib import Path

import dlt
import duckdb
import pytest

from pipelines.looking import looking
from pipelines.snovio import SNOVIO
from pipelines.unfinished import LoadUnfinished, check_finished
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.warehouse import DATASET

pytestmark = pytest.mark.slow

SELECT = ("--select", "campaigns,emails_sent")
UNRECORDED = "SELECT TRUE FROM campaigns WHERE _dlt_load_id NOT IN (SELECT load_id FROM _dlt_loads)"


def test_a_load_that_was_killed_in_its_commit_is_made_good_first(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Rows that the next load finds right keep the name of the killed one: they stand in nobody's way then."""
    outreach.use(sandbox(campaigns=1, scale=0.05))
    outreach.run("load", "snovio", *SELECT)
    with duckdb.connect(str(outreach.warehouse.path)) as connection:
        connection.execute("DELETE FROM snovio._dlt_loads; DELETE FROM snovio._dlt_pipeline_state")
    shown = outreach.run("publish", "bi.duckdb", expect=1).stderr
    assert "outreach load snovio --account default" in shown
    assert "campaigns, emails_sent" in shown
    assert [*outreach.elsewhere.iterdir()] == []

    outreach.run("load", "snovio", *SELECT)
    assert outreach.warehouse.query(UNRECORDED)
    outreach.warehouse.close()
    outreach.run("publish", "bi.duckdb")


@pytest.fixture
def pipeline(tmp_path: Path, dlt_folder: Path) -> Iterator[dlt.Pipeline]:  # noqa: ARG001  # what looks is dlt
    """One that looks at a dataset where one load was recorded."""
    with duckdb.connect(str(tmp_path / "project" / "outreach.duckdb")) as connection:
        connection.execute("""
            CREATE SCHEMA snovio; USE snovio;
            CREATE TABLE _dlt_loads AS SELECT '1795288226.8' AS load_id, 'snovio' AS schema_name, 0 AS status;
            CREATE TABLE sync_runs AS
                SELECT 'default' AS account, 'campaigns' AS table_name, '1795288226.8' AS _dlt_load_id;
        """)
    with looking(SNOVIO, tmp_path / "project", destination="duckdb", dataset=DATASET) as found:
        assert found
        yield found


@pytest.mark.parametrize(
    ("load_id", "jobs", "state", "refused"),
    [
        ("1795288227.1", "new_jobs", {}, False),
        ("1795288227.1", "started_jobs", {}, True),
        ("1795288227.1", "completed_jobs", {}, True),
        ("1795288226.8", "completed_jobs", {}, False),
        ("1795288227.1", "completed_jobs", {"dataset_name": "other"}, False),
        ("1795288227.1", "completed_jobs", {"destination_type": "dlt.destinations.postgres"}, False),
    ],
    ids=["not begun", "in the middle", "begun", "recorded", "of another dataset", "of another destination"],
)
def test_a_package_that_was_begun_and_not_ended_is_loaded_first(
    pipeline: dlt.Pipeline, dlt_folder: Path, load_id: str, jobs: str, state: dict[str, str], *, refused: bool
) -> None:
    folder = dlt_folder / "pipelines" / "snovio_default"
    package = folder / "load" / "normalized" / load_id / jobs
    package.mkdir(parents=True)
    (package / "emails_sent.1.0.insert_values").touch()
    ours = {"destination_type": "dlt.destinations.duckdb", "dataset_name": DATASET}
    (folder / "state.json").write_text(json.dumps(ours | state))
    if refused:
        with pytest.raises(LoadUnfinished, match="account default"):
            check_finished(SNOVIO, pipeline)
    else:
        check_finished(SNOVIO, pipeline)
