"""The search for the sandboxes' secrets at the end of every run of the tests, in all that the tests left behind.

Whatever a test leaves in its temporary folder (warehouses, dlt's folders, logs) and whatever it prints or logs is
searched for the canary that is part of every secret: as it is, which is also what it is in a URL, and in base64.
"""

import gzip
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
import pytest
from pyarrow.lib import ArrowInvalid

from tests.sandbox.canary import CANARY

MEANT_TO_HOLD_SECRETS: Final = frozenset({"secrets.toml"})
"""Names of files that a test writes its credentials to."""

_OF_A_CHECKOUT: Final = "pyproject.toml"
_GZIP: Final = b"\x1f\x8b"
_PIECE: Final = 65_536
_SHOWN: Final = 60

_printed: dict[str, None] = {}
"""What was found so far; a section comes with the report of each phase after it."""


def _in_base64(shift: int) -> bytes:
    """The characters of base64 that are the canary's alone, so many bytes after the beginning of a group."""
    whole = b64encode(b"\0" * shift + CANARY.encode())
    first = -(-shift * 8 // 6)
    return whole[first : (shift + len(CANARY)) * 8 // 6]


FORMS: Final = (CANARY.encode(), *map(_in_base64, range(3)))
"""Every form in which the canary is recognised."""


@pytest.fixture(autouse=True, scope="session")
def _no_canary_got_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fails the run, at its end, if a secret is where it must not be; with xdist each worker searches its own."""
    yield
    found = [*_printed, *leaks(tmp_path_factory.getbasetemp())]
    if found:
        pytest.fail(f"secrets of the sandbox got out, {len(found)} times:\n" + "\n".join(found[:20]), pytrace=False)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what a test printed and logged."""
    for title, text in report.sections:
        if (found := _found(text.encode(errors="replace"))) is not None:
            _printed[f"{report.nodeid}, {title}: {found}"] = None


def leaks(folder: Path) -> Iterator[str]:
    """Where in a folder a canary is, in words."""
    for path in _files(folder):
        if (found := _found(_content(path))) is not None:
            yield f"{path}: {found}"


def _files(folder: Path) -> Iterator[Path]:
    """The files in a folder, those of a copy of the checkout aside: it shows the canary itself."""
    for name, folders, files in os.walk(folder):
        if _OF_A_CHECKOUT in files:
            folders.clear()
            continue
        paths = (Path(name, file) for file in files if file not in MEANT_TO_HOLD_SECRETS)
        yield from (path for path in paths if path.is_file() and not path.is_symlink())


def _content(path: Path) -> bytes:
    """What a file holds, unpacked: DuckDB files are, as far as the tests write them."""
    if path.suffix == ".parquet":
        with suppress(ArrowInvalid):  # a killed load leaves one without an end
            table = pq.ParquetFile(path).read(use_threads=False)
            chunks = (chunk for column in table.columns for chunk in column.chunks)
            return b"".join(
                buffer.to_pybytes() for chunk in chunks for buffer in chunk.buffers() if buffer is not None
            )
    content = path.read_bytes()
    return b"".join(_unzipped(content)) if content.startswith(_GZIP) else content


def _unzipped(content: bytes) -> Iterator[bytes]:
    """What there is of a file, also of one without an end."""
    with suppress(EOFError), gzip.open(BytesIO(content)) as file:
        while piece := file.read(_PIECE):
            yield piece


def _found(content: bytes) -> str | None:
    """What stands before the first canary; None if there is none. The secret itself is not shown again."""
    for form in FORMS:  # one after the other: that is quicker than one pattern for all
        if (place := content.find(form)) >= 0:
            return f"...{content[max(0, place - _SHOWN) : place].decode(errors='replace')}<canary>"
    return None
