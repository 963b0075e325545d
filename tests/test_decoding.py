"""Decoding in other processes gives what decoding here gives, and its failures leave no trace."""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sources.answers import read_body
from sources.decoding import Decoder, DecodingProcesses, Read

PROJECT = Path(__file__).parents[1]
LARGE = 500_000
"""Bytes from which an answer is carried to another process."""
ROWS = [{"id": number, "text": "x" * 100, "half": 0.5, "none": None} for number in range(6_000)]
BODY = json.dumps(ROWS).encode()


def apart(test: Callable[[], None]) -> Callable[[], None]:
    """Runs a test in a process without threads or other tests' files: the decoding processes are copies of it."""

    @functools.wraps(test)
    def run() -> None:
        command = f"from tests import test_decoding; test_decoding.{test.__name__}.__wrapped__()"
        done = subprocess.run(  # noqa: S603  # our own
            [sys.executable, "-W", "error", "-c", command],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")

    return run


def where(content: bytes) -> tuple[int, int]:
    """Tells which process read how much."""
    return os.getpid(), len(content)


def failing(content: bytes) -> Any:
    raise ValueError(f"cannot read {len(content)} bytes in the asking process")


def loaded(content: bytes) -> Any:
    return json.loads(content)


def unportable_result(content: bytes) -> Any:
    """Makes something that cannot be carried back."""
    return lambda: len(content)


def children() -> list[int]:
    return [process.pid for process in multiprocessing.active_children() if process.pid is not None]


def is_gone(pid: int) -> bool:
    """Whether a process is no more, or only waits to be counted by its parent."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until_gone(pids: list[int]) -> None:
    """Returns once processes that are no children of ours are gone; the time limit of the test bounds it."""
    while not all(map(is_gone, pids)):
        threading.Event().wait(0.02)


@apart
def test_a_large_answer_is_read_by_another_process_and_a_small_one_here() -> None:
    with closing(DecodingProcesses(1)) as processes, closing(Decoder(processes)) as decoder:
        large, small = bytes(LARGE), bytes(LARGE - 1)
        assert decoder.decode(large, where, portable=True) == (children()[0], LARGE)
        assert decoder.decode(small, where, portable=True) == (os.getpid(), LARGE - 1)
        assert decoder.decode(large, where, portable=False) == (os.getpid(), LARGE)


@apart
def test_what_is_returned_is_what_is_returned_here() -> None:
    """Through `read_body` as the client uses it, with JSON that only the lenient decoder takes among it."""
    odd = b'\xef\xbb\xbf[NaN, "\\ud83d cut", 1' + b"0" * 30 + b', "caf\xe9", "' + b"x" * LARGE + b'"]'
    read: Read = partial(read_body, "emails_sent", content_type="application/json", convert=list)
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as apart_decoder:
        for body in (BODY, odd, b"[" + b" " * LARGE + b"]"):
            with closing(Decoder()) as decoder:
                here = decoder.decode(body, read, portable=True)
            there = apart_decoder.decode(body, read, portable=True)
            assert repr(there) == repr(here)
            assert repr(processes.decode(body, read)) == repr(here)


def raised(decoder: Decoder, content: bytes, read: Read) -> tuple[type[BaseException], str]:
    try:
        decoder.decode(content, read, portable=True)
    except Exception as error:  # noqa: BLE001  # whatever it is, it must be the same
        return type(error), str(error)
    raise AssertionError("nothing was raised")


@apart
def test_an_error_is_the_one_that_arises_here() -> None:
    read = partial(read_body, "emails_sent", content_type="application/json")
    bodies: list[tuple[bytes, Read]] = [
        (bytes(LARGE), failing),
        (b"{" * LARGE, loaded),
        (b"<html>" * LARGE, read),
        (b"[" * LARGE, read),
        (b"null" + b" " * LARGE, read),
        (b'{"success": false}' + b" " * LARGE, read),
    ]
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as there, closing(Decoder()) as here:
        for body, reading in bodies:
            assert raised(there, body, reading) == raised(here, body, reading)
            assert there.decode(BODY, loaded, portable=True) == ROWS


@apart
def test_falsy_results_are_results() -> None:
    with closing(DecodingProcesses(1)) as processes, closing(Decoder(processes)) as decoder:
        for body, expected in ((b"[]", []), (b"0", 0), (b"{}", {}), (b"null", None)):
            assert decoder.decode(body + b" " * LARGE, loaded, portable=True) == expected


@apart
def test_when_a_process_is_killed_its_answers_are_read_here() -> None:
    """All of the following ones too, by the processes that are left or here."""
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as decoder:
        first, second = children()
        os.kill(first, signal.SIGKILL)
        for _ in range(4):
            assert decoder.decode(BODY, loaded, portable=True) == ROWS
        os.kill(second, signal.SIGKILL)
        for _ in range(4):
            assert decoder.decode(BODY, loaded, portable=True) == ROWS
        wait_until_gone([first, second])
        assert decoder.decode(bytes(LARGE), where, portable=True) == (os.getpid(), LARGE)


def killed_there(asking: int, content: bytes) -> int:
    """Ends the process that reads, if it is not the one that asks."""
    if os.getpid() != asking:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(content)


@apart
def test_when_a_process_is_killed_while_it_reads_the_answer_is_read_here() -> None:
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as decoder:
        for _ in range(3):
            assert decoder.decode(bytes(LARGE), partial(killed_there, os.getpid()), portable=True) == LARGE


@apart
def test_what_cannot_be_carried_is_read_here() -> None:
    """Whether it is the reader or what it returns; the processes go on."""
    marks: list[int] = []

    def unportable(content: bytes) -> int:
        marks.append(os.getpid())
        return len(content)

    with closing(DecodingProcesses(1)) as processes, closing(Decoder(processes)) as decoder:
        found = decoder.decode(bytes(LARGE), unportable_result, portable=True)
        assert found() == LARGE
        assert decoder.decode(bytes(LARGE), where, portable=True)[0] == children()[0]
        assert decoder.decode(bytes(LARGE), unportable, portable=True) == LARGE
        assert marks == [os.getpid()]
        assert decoder.decode(bytes(LARGE), where, portable=True)[0] == children()[0]


def not_made_here(parent: int) -> Read:
    if os.getpid() != parent:
        raise AttributeError("the other process does not know it")
    return where


class Unknown:
    """A reader that the other process cannot make anew, as if its code had been loaded after the copy was made."""

    def __init__(self) -> None:
        self.parent = os.getpid()

    def __call__(self, content: bytes) -> tuple[int, int]:
        """Reads."""
        return where(content)

    def __reduce__(self) -> tuple[Callable[[int], Read], tuple[int]]:
        return not_made_here, (self.parent,)


class Unmade:
    """What the asking process cannot make anew."""

    def __init__(self, parent: int) -> None:
        if os.getpid() == parent:
            self.made = "here"

    def __reduce__(self) -> tuple[Callable[[bytes], Any], tuple[bytes]]:
        return failing, (b"",)


def unmade(parent: int, content: bytes) -> Any:
    return len(content) if os.getpid() == parent else Unmade(parent)


@apart
def test_a_result_that_cannot_be_unpacked_is_read_here() -> None:
    with closing(DecodingProcesses(1)) as processes, closing(Decoder(processes)) as decoder:
        assert decoder.decode(bytes(LARGE), partial(unmade, os.getpid()), portable=True) == LARGE
        assert decoder.decode(bytes(LARGE), where, portable=True)[0] == children()[0]


@apart
def test_a_reader_that_the_other_process_does_not_know_is_used_here() -> None:
    """Quietly: nothing is written to the terminal of the load."""
    with closing(DecodingProcesses(1)) as processes, closing(Decoder(processes)) as decoder:
        assert decoder.decode(bytes(LARGE), Unknown(), portable=True) == (os.getpid(), LARGE)
        assert decoder.decode(BODY, loaded, portable=True) == ROWS


@apart
def test_close_ends_the_processes() -> None:
    processes = DecodingProcesses(3)
    pids = children()
    assert len(pids) == 3
    assert processes.decode(BODY, loaded) == ROWS
    processes.close()
    assert children() == []
    wait_until_gone(pids)


@apart
def test_close_ends_processes_that_were_killed_too() -> None:
    processes = DecodingProcesses(2)
    os.kill(children()[0], signal.SIGKILL)
    processes.close()
    assert children() == []


@apart
def test_the_signals_that_stop_a_load_do_not_stop_its_processes() -> None:
    """The load decides when to end; what is being decoded is finished."""
    with closing(DecodingProcesses(1)) as processes:
        assert processes.decode(bytes(1), where) == (children()[0], 1)
        for stopping in (signal.SIGINT, signal.SIGTERM):
            os.kill(children()[0], stopping)
            assert processes.decode(bytes(1), where) == (children()[0], 1)


@apart
def test_four_threads_at_once_each_get_their_own_answers() -> None:
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as decoder:
        bodies = [json.dumps({"number": number, "text": "x" * LARGE}).encode() for number in range(24)]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda body: decoder.decode(body, loaded, portable=True)["number"], bodies))
        assert found == list(range(24))


@apart
def test_four_threads_at_once_while_processes_are_killed() -> None:
    with closing(DecodingProcesses()) as processes, closing(Decoder(processes)) as decoder:
        reads: list[Read] = [loaded if number % 5 else partial(killed_there, os.getpid()) for number in range(20)]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda read: decoder.decode(BODY, read, portable=True), reads))
        assert found == [ROWS if number % 5 else len(BODY) for number in range(20)]


def wait_to_be_killed() -> None:
    """Makes processes, tells which, has one of them busy, and waits."""
    processes = DecodingProcesses()
    assert processes.decode(BODY, loaded) == ROWS
    print(json.dumps(children()), flush=True)  # noqa: T201  # read by the test
    signal.pause()


def test_the_processes_end_when_the_load_is_killed() -> None:
    """They are no orphans that keep memory and a file of the load open."""
    command = "from tests import test_decoding; test_decoding.wait_to_be_killed()"
    with subprocess.Popen(  # noqa: S603  # our own
        [sys.executable, "-c", command], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as load:
        assert load.stdout is not None
        pids = json.loads(load.stdout.readline())
        assert len(pids) == 2
        assert not any(map(is_gone, pids))
        load.kill()
        assert load.wait() == -signal.SIGKILL
        wait_until_gone(pids)
        assert select.select([load.stdout], [], [], 10)[0]
        assert load.stdout.read() == ""


def test_without_processes_everything_is_read_here_one_at_a_time() -> None:
    """In a thread of its own, so that two answers are never in memory as objects."""
    at_once = threading.Semaphore(1)

    def alone(content: bytes) -> str:
        assert at_once.acquire(blocking=False)
        found = json.loads(content)
        at_once.release()
        assert found == ROWS
        return threading.current_thread().name

    with closing(Decoder()) as decoder, ThreadPoolExecutor(4) as threads:
        names = set(threads.map(lambda _: decoder.decode(BODY, alone, portable=True), range(12)))
    assert len(names) == 1
    assert names.pop().startswith("decoder")


def test_errors_are_raised_to_the_caller_without_processes() -> None:
    with closing(Decoder()) as decoder, pytest.raises(ValueError, match="cannot read 3 bytes"):
        decoder.decode(b"abc", failing, portable=True)


def test_the_readers_of_these_tests_can_be_carried() -> None:
    """Otherwise the tests above would not test what they say."""
    for read in (where, failing, loaded, unportable_result, partial(killed_there, 1), partial(unmade, 1)):
        assert pickle.dumps(read)
