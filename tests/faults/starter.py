"""`python -m tests.faults.starter SOCKET...`: starts loads as copies of itself, which spares each the imports.

From each socket, given by its number, it reads one order a line, as JSON, and answers it with one line when the
process is started and one when it is over. The sockets are served at once.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from socket import socket
from typing import IO, Any, Final
from unittest.mock import patch

import stamina
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from pipelines.cli import app
from sources import slices
from sources.snovio.client import SnovioClient
from tests.faults.phases import Announcer, Death

_ATTEMPTS: Final = 10
_NEEDED: Final = (
    "dlt._workspace", "dlt.sources.helpers.requests", "h11", "httpcore", "pipelines.load", "pipelines.notify",
    "pipelines.report", "pydantic.type_adapter", "sqlalchemy.sql",
)  # fmt: skip
"""What a load imports only when it comes to need it."""
_INHERITED: Final = ("PATH", "HOME", "SSL_CERT_FILE")


def main(numbers: Sequence[int]) -> None:
    """Serve every socket, each by a copy of this process, until the other ends are closed."""
    for name in _NEEDED:
        import_module(name)
    serving = []
    for number in numbers:
        serving.append(os.fork())
        if not serving[-1]:
            with socket(fileno=number) as connection, connection.makefile("rw") as orders:
                _serve(orders)
            os._exit(0)
    for process in serving:
        os.waitpid(process, 0)


def _serve(orders: IO[str]) -> None:
    """Start what is ordered until there are no more orders."""
    for line in orders:
        order = json.loads(line)
        began = time.monotonic()
        process = os.fork()
        if process == 0:
            code = 1
            try:
                code = _load(order)
            finally:
                os._exit(code)  # a copy has not the threads of DuckDB's that the usual end waits for
        _answer(orders, pid=process)
        _, status, usage = os.wait4(process, 0)
        code = os.waitstatus_to_exitcode(status)
        _answer(orders, code=code, memory=usage.ru_maxrss, seconds=time.monotonic() - began)


def _answer(orders: IO[str], **values: Any) -> None:
    orders.write(json.dumps(values) + "\n")
    orders.flush()


def _load(order: dict[str, Any]) -> int:
    """Become the command line, and return its exit code."""
    _write_to(Path(order["output"]))
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    os.environ.clear()
    os.environ.update(kept | order["environment"])
    os.chdir(order["folder"])
    Container()[PluggableRunContext].reload_providers()
    stamina.set_testing(testing=True, attempts=_ATTEMPTS, cap=True)  # as many attempts as ever, without the waits
    announcer = Announcer(Death(*order["death"]) if order["death"] else None)
    try:
        with (
            patch.multiple(slices, MOST_ROWS=order["rows_a_slice"], ROWS_PER_PAGE=order["rows_a_page"]),
            patch.dict(SnovioClient.__init__.__kwdefaults__ or {}, window_seconds=order["window_seconds"]),
        ):
            app(order["arguments"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001  # shown as Python itself would show it
        traceback.print_exc()
        return 1
    finally:
        Path(order["events"]).write_text(json.dumps(announcer.events))
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _write_to(output: Path) -> None:
    """Send all that this process says to a file; what starts it must not take that for an answer."""
    with output.open("wb") as file, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
