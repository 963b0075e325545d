"""What the tests of the marts share: dbt reads the project once for all of them."""

from typing import Any

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from pipelines import marts_build


class _ReadOnce(dbtRunner):
    """dbt with what it read of the project last time, if it is asked with the same variables."""

    read: dict[str, Manifest] = {}  # noqa: RUF012  # shared on purpose

    def invoke(self, args: list[str], **kwargs: Any) -> dbtRunnerResult:
        """Run a command."""
        variables = args[args.index("--vars") + 1]
        if variables not in self.read:
            common = args[1 : args.index("--vars") + 2]
            answer = dbtRunner().invoke(["parse", *common])
            assert isinstance(answer.result, Manifest), answer.exception
            self.read[variables] = answer.result
        self.manifest = self.read[variables]
        return super().invoke(args, **kwargs)


@pytest.fixture(autouse=True)
def _project_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marts_build, "dbtRunner", _ReadOnce)
