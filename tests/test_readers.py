"""Readers in threads against made-up lists: what is handed on, in which order, and when nothing more is begun."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from sources import readers as module
from sources.errors import CredentialsRefused, RateLimited, Stopped, StopReason, Unreachable
from sources.readers import ENDING, MOST_AHEAD, Readers, once

Step = tuple[str, int]
Table = Iterator[tuple[str, Callable[[], Step | None]] | None]
STOPPED = Stopped(StopReason.SIGTERM)
SECONDS = 30
"""No wait of a test that works takes long; one that does not ends with this."""


def wait(event: threading.Event) -> None:
    assert event.wait(SECONDS)


@dataclass
class Lists:
    """Made-up lists, each of so many steps, and what happens to the readers of them.

    Args:
        steps: How many steps each list has.
        before: Called with list and step before a step is done, in its thread; may wait, or raise.
    """

    steps: dict[str, int]
    before: Callable[[str, int], None] = lambda *_: None
    started: list[Step] = field(default_factory=list)
    active: set[str] = field(default_factory=set)
    most_active: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str) -> Iterator[Step]:
        """The reader of a list."""
        try:
            for number in range(self.steps[name]):
                with self.lock:
                    self.started.append((name, number))
                    self.active.add(name)
                    self.most_active = max(self.most_active, len(self.active))
                self.before(name, number)
                yield name, number
        finally:
            with self.lock:
                self.active.discard(name)

    def expected(self) -> dict[str, list[int | None]]:
        """What every list brings: its steps in order, then its end."""
        return {name: [*range(count), None] for name, count in self.steps.items()}


@dataclass
class Taken:
    """What was handed on by list, and how often a table had nothing."""

    steps: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    nothing: int = 0

    def take(self, table: Table) -> bool:
        """Pulls once; whether a step was handed on."""
        found = next(table)
        if found is None:
            self.nothing += 1
            return False
        name, brought = found
        try:
            step = brought()
        except (ValueError, Unreachable) as error:
            self.steps[name].append(type(error))
        else:
            assert step is None or step[0] == name
            self.steps[name].append(None if step is None else step[1])
        return True

    def take_all(self, *tables: Table) -> Taken:
        """Pulls tables in turn, to the end of each."""
        left = list(tables)
        while left:
            for table in list(left):
                try:
                    self.take(table)
                except StopIteration:
                    left.remove(table)
        return self

    def take_steps(self, table: Table, count: int) -> None:
        """Pulls one table until so many steps were handed on."""
        while count:
            count -= self.take(table)

    def end_of(self, table: Table) -> BaseException | None:
        """Pulls one table to its end; what that raises."""
        try:
            while True:
                self.take(table)
        except StopIteration:
            return None
        except ENDING as end:
            return end

    @property
    def count(self) -> int:
        """How many steps, the ends of lists included."""
        return sum(map(len, self.steps.values()))


@pytest.fixture
def make() -> Iterator[Callable[..., Readers]]:
    """Makes readers that begin nothing more once the test is over."""
    made: list[Readers] = []

    def make_readers(most_at_once: int = 4, calls_left: int | None = None) -> Readers:
        made.append(Readers(most_at_once, lambda: calls_left, lambda _: True))
        return made[-1]

    yield make_readers
    for one in made:
        one.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is done before anything else happens, as when whoever takes them is slower than the API."""

    class AtOnce:
        def __init__(self, *_: Any, **__: Any) -> None:
            pass

        def submit(self, step: Callable[..., Any], *arguments: Any) -> Future[Any]:
            future: Future[Any] = Future()
            try:
                future.set_result(step(*arguments))
            except Exception as error:  # noqa: BLE001  # an executor keeps whatever is raised
                future.set_exception(error)
            return future

        def shutdown(self, **_: Any) -> None:
            pass

    monkeypatch.setattr(module, "ThreadPoolExecutor", AtOnce)


MakeReaders = Callable[..., Readers]


def test_every_step_of_every_list_is_handed_on_in_order(make: MakeReaders) -> None:
    lists = Lists({"a": 3, "b": 0, "c": 1, "d": 17, "e": 5, "f": 5})
    assert Taken().take_all(make().read(lists.steps, lists.begin)).steps == lists.expected()


def test_once_makes_a_reader_of_a_single_step(make: MakeReaders) -> None:
    found = Taken().take_all(make().read(["a", "b"], once(lambda name: (name, 7))))
    assert found.steps == {"a": [7, None], "b": [7, None]}


def test_a_table_with_nothing_to_read_ends_at_once(make: MakeReaders) -> None:
    lists = Lists({})
    assert list(make().read([], lists.begin)) == []


def test_nothing_is_begun_before_the_table_is_read(make: MakeReaders) -> None:
    lists = Lists({"a": 1})
    table = make().read(lists.steps, lists.begin)
    assert lists.started == []
    assert Taken().take_all(table).steps == lists.expected()


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_so_many_lists_are_read_at_once_and_never_more(make: MakeReaders, most: int) -> None:
    """The second steps of as many lists wait for each other: they only go on if they are under way together."""
    together = threading.Barrier(most)

    def before(name: str, number: int) -> None:
        if number == 1 and int(name) < most:
            together.wait(SECONDS)

    lists = Lists({str(number): 3 for number in range(9)}, before)
    found = Taken().take_all(make(most).read(lists.steps, lists.begin))
    assert found.steps == lists.expected()
    assert lists.most_active == most


def test_all_tables_together_read_so_many_lists_at_once(make: MakeReaders) -> None:
    lists = Lists({f"{table}{number}": 4 for table in "abc" for number in range(4)})
    readers = make(3)
    tables = [readers.read([name for name in lists.steps if name[0] == table], lists.begin) for table in "abc"]
    assert Taken().take_all(*tables).steps == lists.expected()
    assert lists.most_active <= 3


@pytest.mark.parametrize(("calls_left", "most"), [(0, 1), (9, 1), (10, 2), (25, 3), (1_000, 4), (None, 4)])
def test_near_the_end_of_a_budget_fewer_lists_are_begun(make: MakeReaders, calls_left: int | None, most: int) -> None:
    lists = Lists({str(number): 3 for number in range(8)})
    found = Taken().take_all(make(4, calls_left).read(lists.steps, lists.begin))
    assert found.steps == lists.expected()
    assert lists.most_active <= most


@pytest.mark.parametrize("names", ["a", "abc", "abcdefgh"])
def test_never_more_than_so_many_steps_are_not_taken(make: MakeReaders, names: str) -> None:
    allowed = MOST_AHEAD
    exceeded: list[int] = []

    def before(*_: object) -> None:
        if len(lists.started) > allowed:
            exceeded.append(len(lists.started))

    lists = Lists(dict.fromkeys(names, 12), before)
    table = make().read(lists.steps, lists.begin)
    found = Taken()
    while found.steps != lists.expected():
        allowed += 1  # this pull may take one
        found.take(table)
        allowed = found.count + MOST_AHEAD
    assert list(table) == []
    assert exceeded == []


def test_while_nothing_is_taken_readers_go_on_so_far_and_no_step_is_lost(make: MakeReaders) -> None:
    """A slice ends here: what is read meanwhile opens the next one."""
    ahead = threading.Event()

    def before(*_: object) -> None:
        if len(lists.started) == 1 + MOST_AHEAD:
            ahead.set()

    lists = Lists({"a": 20, "b": 20}, before)
    table = make().read(lists.steps, lists.begin)
    found = Taken()
    found.take_steps(table, 1)
    wait(ahead)
    assert len(lists.started) == 1 + MOST_AHEAD
    assert found.take_all(table).steps == lists.expected()


def test_a_pause_of_one_table_or_of_all_loses_nothing(make: MakeReaders) -> None:
    lists = Lists({f"{table}{number}": 6 for table in "ab" for number in range(3)})
    readers = make()
    first, second = (readers.read([name for name in lists.steps if name[0] == table], lists.begin) for table in "ab")
    found = Taken()
    for _ in range(3):
        found.take(first)
        found.take(second)
    for _ in range(4):
        found.take(first)
    for _ in range(4):
        found.take(second)
    assert found.take_all(second, first).steps == lists.expected()


def test_two_tables_that_are_read_in_turn_get_their_turns(make: MakeReaders) -> None:
    """The second table is read to its end long before the first one is."""
    lists = Lists({"a1": 500, "a2": 500, "b": 3})
    readers = make()
    first, second = readers.read(["a1", "a2"], lists.begin), readers.read(["b"], lists.begin)
    found = Taken()
    while len(found.steps["b"]) < 4:
        found.take(first)
        found.take(second)
    assert found.steps["b"] == [0, 1, 2, None]
    assert None not in found.steps["a1"] + found.steps["a2"]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("names", [["a1"], ["a1", "a2"], ["a1", "a2", "a3", "a4", "a5"]])
def test_a_table_does_not_keep_another_from_being_read_however_fast_its_steps(
    make: MakeReaders, names: list[str]
) -> None:
    """Whatever of the first table is done before anything is taken, the second one gets a share of what is ahead."""
    lists = Lists({**dict.fromkeys(names, 100), "b": 3})
    readers = make()
    first, second = readers.read(names, lists.begin), readers.read(["b"], lists.begin)
    found = Taken()
    for _ in range(30):
        found.take(first)
        found.take(second)
        if found.steps["b"] == [0, 1, 2, None]:
            break
    assert found.steps["b"] == [0, 1, 2, None]


@pytest.mark.usefixtures("at_once")
def test_a_table_that_comes_later_is_begun_although_another_has_all_steps_ahead(make: MakeReaders) -> None:
    lists = Lists({"a": 100, "b": 3})
    readers = make()
    first, second = readers.read(["a"], lists.begin), readers.read(["b"], lists.begin)
    found = Taken()
    found.take_steps(first, 10)
    for _ in range(30):
        found.take(first)
        found.take(second)
        if found.steps["b"] == [0, 1, 2, None]:
            break
    assert found.steps["b"] == [0, 1, 2, None]


def test_a_table_waits_for_its_turn_without_keeping_busy(make: MakeReaders) -> None:
    """A table has nothing at most as often as some table has something, and once for each list that is begun."""
    lists = Lists({f"{table}{number}": 8 for table in "abc" for number in range(5)})
    readers = make()
    tables = [readers.read([name for name in lists.steps if name[0] == table], lists.begin) for table in "abc"]
    found = Taken().take_all(*tables)
    assert found.count == 9 * 15
    assert found.nothing <= len(tables) * found.count


def test_one_table_alone_has_nothing_at_most_once_a_step(make: MakeReaders) -> None:
    lists = Lists({str(number): 8 for number in range(5)})
    found = Taken().take_all(make().read(lists.steps, lists.begin))
    assert found.nothing <= found.count + 1


def test_an_ordinary_error_ends_its_list_and_no_other(make: MakeReaders) -> None:
    def before(name: str, number: int) -> None:
        if (name, number) in {("b", 0), ("c", 2)}:
            raise ValueError(name)
        if (name, number) == ("d", 1):
            raise Unreachable("emails_sent", "gone")

    lists = Lists(dict.fromkeys("abcde", 4), before)
    found = Taken().take_all(make(2).read(lists.steps, lists.begin))
    assert found.steps == {
        **lists.expected(), "b": [ValueError], "c": [0, 1, ValueError], "d": [0, Unreachable],
    }  # fmt: skip


ENDS = [STOPPED, CredentialsRefused("refused"), RateLimited("emails_sent", "too many", 429)]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: type(end).__name__)
def test_an_end_hands_on_what_was_read_and_begins_nothing_more(make: MakeReaders, end: Exception) -> None:
    """One table meets it, one has a step under way and a list not begun, one is complete, one comes too late."""
    meet, under_way, go_on = threading.Event(), threading.Event(), threading.Event()

    def before(name: str, number: int) -> None:
        if (name, number) == ("a1", 1):
            wait(meet)
            raise end
        if (name, number) == ("b1", 1):
            under_way.set()
            wait(go_on)

    lists = Lists(dict.fromkeys(["a1", "b1", "b2", "c", "d"], 3), before)
    readers = make(2)
    complete = readers.read(["c"], lists.begin)
    found = Taken()
    found.take_steps(complete, 4)
    met, cut = readers.read(["a1"], lists.begin), readers.read(["b1", "b2"], lists.begin)
    found.take_steps(met, 1)
    found.take_steps(cut, 1)
    wait(under_way)
    meet.set()
    late = readers.read(["d"], lists.begin)
    assert found.end_of(late) is end  # which is noted by now
    go_on.set()
    assert found.end_of(met) is end
    assert found.end_of(cut) is end
    assert found.end_of(complete) is None
    assert found.end_of(readers.read(["d"], lists.begin)) is end
    assert found.end_of(readers.read([], lists.begin)) is None
    assert found.steps == {"a1": [0], "b1": [0, 1], "c": [0, 1, 2, None]}
    assert sorted(lists.started) == [("a1", 0), ("a1", 1), ("b1", 0), ("b1", 1), ("c", 0), ("c", 1), ("c", 2)]


def test_an_end_in_the_last_step_of_all_is_raised_although_all_lists_were_begun(make: MakeReaders) -> None:
    def before(name: str, number: int) -> None:
        if (name, number) == ("b", 2):
            raise STOPPED

    lists = Lists({"a": 3, "b": 3}, before)
    found = Taken()
    with pytest.raises(Stopped):
        found.take_all(make(1).read(lists.steps, lists.begin))
    assert found.steps == {"a": [0, 1, 2, None], "b": [0, 1]}


@pytest.mark.usefixtures("at_once")
def test_an_end_hands_on_all_steps_that_were_done_before_it(make: MakeReaders) -> None:
    """Also those of the list that met it; the budget ends after the ninth call."""
    calls: list[Step] = []

    def before(name: str, number: int) -> None:
        if len(calls) == 9:
            raise STOPPED
        calls.append((name, number))

    lists = Lists({"a": 5, "b": 5, "c": 5}, before)
    readers = make()
    tables = [readers.read([name], lists.begin) for name in lists.steps]
    found = Taken()
    ends = 0
    while tables:
        for table in list(tables):
            try:
                found.take(table)
            except Stopped:
                ends += 1
                tables.remove(table)
            except StopIteration:
                tables.remove(table)
    handed_on = [(name, step) for name, steps in found.steps.items() for step in steps if step is not None]
    assert sorted(handed_on) == sorted(calls)
    assert ends == sum(None not in found.steps[name] for name in lists.steps)


def test_a_table_that_is_left_does_not_keep_the_others_from_being_read(make: MakeReaders) -> None:
    """Its readers begin no further step."""
    under_way, go_on = threading.Event(), threading.Event()

    def before(name: str, number: int) -> None:
        if (name, number) == ("a", 1):
            under_way.set()
            wait(go_on)

    lists = Lists({"a": 50, "b": 5}, before)
    readers = make()
    left, other = readers.read(["a"], lists.begin), readers.read(["b"], lists.begin)
    found = Taken()
    found.take_steps(left, 1)
    wait(under_way)
    assert hasattr(left, "close")
    left.close()
    go_on.set()
    assert found.take_all(other).steps["b"] == [0, 1, 2, 3, 4, None]
    assert [step for step in lists.started if step[0] == "a"] == [("a", 0), ("a", 1)]


def test_once_closed_nothing_more_is_begun(make: MakeReaders) -> None:
    lists = Lists({"a": 5})
    readers = make()
    readers.close()
    with closing(readers), pytest.raises(RuntimeError):
        next(readers.read(["a"], lists.begin))
    assert lists.started == []


def interleaved(rng: random.Random, tables: Sequence[Table], found: Taken) -> None:
    """Pulls tables in any order, to the end of each; a table may stand still for long."""
    left = list(tables)
    while left:
        turns = rng.sample(left, len(left)) + rng.choices(left, k=rng.randrange(3))
        for table in turns:
            try:
                if table in left:
                    found.take(table)
            except StopIteration:
                left.remove(table)


@pytest.mark.parametrize("seed", range(30))
def test_any_number_of_tables_lists_steps_and_errors_in_any_order(make: MakeReaders, seed: int) -> None:
    rng = random.Random(seed)
    steps = {f"{table}{number}": rng.randrange(7) for table in "abc" for number in range(rng.randrange(6))}
    bad = {name: rng.randrange(count) for name, count in steps.items() if count and rng.random() < 0.3}

    def before(name: str, number: int) -> None:
        if bad.get(name) == number:
            raise ValueError(name)

    lists = Lists(steps, before)
    readers = make(rng.randint(1, 4), rng.choice([None, 0, 15]))
    found = Taken()
    tables = [readers.read([name for name in steps if name[0] == table], lists.begin) for table in "abc"]
    interleaved(rng, tables, found)
    assert found.steps == {
        **lists.expected(), **{name: [*range(number), ValueError] for name, number in bad.items()},
    }  # fmt: skip


def test_lists_of_one_table_are_begun_before_the_first_answer() -> None:
    together = threading.Barrier(MOST_AHEAD)

    def meet(*_: object) -> None:
        together.wait(SECONDS)

    lists = Lists(dict.fromkeys("abcdefgh", 1), before=meet)
    with closing(Readers(MOST_AHEAD, lambda: None, lambda _: True)) as readers:
        taken = Taken().take_all(readers.read(lists.steps, lists.begin))
    assert taken.steps == lists.expected()
