"""dbt for tests that build marts more than once: it reads the project once, which is most of what it does."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest


class ParsedOnce:
    """Stands in for `dbtRunner`: what it read of the project serves all tests of a process that ask for the same.

    Args:
        callbacks: Called with what dbt says.
    """

    _parsed: ClassVar[dict[tuple[str, ...], Manifest]] = {}

    def __init__(self, callbacks: Sequence[Any]) -> None:
        self._callbacks = list(callbacks)

    def invoke(self, arguments: list[str]) -> dbtRunnerResult:
        """Run a command of dbt."""
        variables = arguments[arguments.index("--vars") + 1]
        asked = variables, *_place(Path(arguments[arguments.index("--profiles-dir") + 1]))
        if asked not in self._parsed:
            options = arguments[1 : arguments.index("--vars") + 2]
            parsed = dbtRunner().invoke(["parse", *options])
            assert isinstance(parsed.result, Manifest), parsed.exception
            self._parsed[asked] = parsed.result
        return dbtRunner(self._parsed[asked], self._callbacks).invoke(arguments)


def _place(profiles: Path) -> tuple[str, str, str]:
    """What models are named by: the kind of database, its name and the schema."""
    output = json.loads((profiles / "profiles.yml").read_text(encoding="utf-8"))["outreach"]["outputs"]["marts"]
    return output["type"], output.get("dbname") or Path(output["path"]).stem, output["schema"]
