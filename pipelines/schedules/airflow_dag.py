"""Airflow 3: a DAG for each source, which loads its accounts, each as a task of its own, and then builds the marts.

Put this file into the DAGs folder. Airflow's own environment needs nothing of this project: the DAG runs the command
line of the checkout in `OUTREACH_HOME`, with the settings of the worker's environment. The pools `snovio` and
`sendkit` bound how many accounts of a source load at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, BaseOperator, Param, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

HOME = os.environ.get("OUTREACH_HOME", "/srv/outreach-elt")
DESTINATION = os.environ.get("OUTREACH_DESTINATION", "postgres")
PYTHON = f"{HOME}/.venv/bin/python"

WELL = (0, 6)  # 6: a budget ended the load; the next one goes on from there
POINTLESS = (2, 3, 4)  # a setting, some tables or campaigns, the credentials: trying again at once changes nothing


class Outreach(BaseOperator):  # type: ignore[misc]  # Airflow lies in another environment
    """Runs a command of `outreach`, and turns its exit code into what Airflow is to do.

    Args:
        command: The command and its options.
        account: The account it is for, if it is for one.
        options: More options.
    """

    template_fields = ("command", "account", "options")

    def __init__(
        self, *, command: list[str], account: str = "", options: Sequence[str] | str = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.command = command
        self.account = account
        self.options = options
        self._process = SubprocessHook()

    def execute(self, context: object) -> int:  # noqa: ARG002  # Airflow's own signature
        """Run the command; what it prints goes to the task's log.

        Raises:
            AirflowException: It failed, and may do better when it is tried again.
            AirflowFailException: It failed, or came to a part of what was asked for; it is not tried again.
        """
        account = ("--account", self.account) if self.account else ()
        command = [str(part) for part in (*self.command, *account, "--destination", DESTINATION, *self.options)]
        code = int(self._process.run_command([PYTHON, "-m", "pipelines", *command], cwd=HOME).exit_code)
        if code in WELL:
            return code
        said = f"outreach {' '.join(command)} ended with {code}; see docs/operations.md"
        raise (AirflowFailException if code in POINTLESS else AirflowException)(said)

    def on_kill(self) -> None:
        """End the command; a load commits first what it read."""
        self._process.send_sigterm()


@task.external_python(python=PYTHON, expect_airflow=False)  # type: ignore[untyped-decorator]  # as above
def accounts(source: str) -> list[str]:
    """The accounts that are configured; runs in the environment of the project."""
    from pipelines.project import activate  # noqa: PLC0415  # the function alone is sent to the other environment

    activate()
    from pipelines.registry import SOURCES  # noqa: PLC0415

    return SOURCES[source].account_names("all")


def outreach(source: str, minute: int) -> DAG:
    """The DAG of a source."""
    with DAG(
        f"outreach_{source}",
        description=f"Loads all accounts of {source} and builds the marts",
        schedule=f"{minute} * * * *",
        start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017  # Airflow runs on Python 3.10 too
        catchup=False,
        max_active_runs=1,
        default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
        params={
            "max_minutes": Param(50, type="number", description="What is read by then is committed"),
            "options": Param([], type="array", description="Of outreach load, a line each: --since=2026-01-01"),
        },
        render_template_as_native_obj=True,
    ) as dag:
        loads = Outreach.partial(
            task_id="load",
            command=["load", source, "--max-minutes", "{{ params.max_minutes }}"],
            options="{{ params.options }}",
            pool=source,
            map_index_template="{{ task.account }}",
        ).expand(account=accounts(source))
        # What was loaded is worth its marts also if an account failed; `all_loaded` fails the run then.
        marts = Outreach(task_id="marts", command=["marts"], trigger_rule="all_done")
        loads >> [marts, EmptyOperator(task_id="all_loaded")]
    return dag


snovio, sendkit = outreach("snovio", 17), outreach("sendkit", 47)
