"""The look at recent cells against a model with people in several campaigns."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.snovio.recheck import Recheck
from sources.snovio.windows import Block
from tests.properties import examples
from tests.snovio.people import ADDITIVE, Facts, World, counters, facts, on

CellKey = tuple[int, date]
TODAY = on(0)


def stored(world: World) -> dict[CellKey, dict[str, int]]:
    return {cell: counters([its_facts]) for cell, its_facts in world.items() if its_facts}


def cells_of(block: Block[int]) -> list[CellKey]:
    return [(subject, block.since) for subject in block.subjects]


@dataclass
class Look:
    """Looks at a world again, and watches over what is asked."""

    world: World
    recheck: Recheck[int]
    failing: Collection[int] = ()
    asked: Counter[Block[int]] = field(default_factory=Counter)
    given_up: set[CellKey] = field(default_factory=set)
    found: dict[CellKey, Mapping[str, int] | None] = field(default_factory=dict)

    def run(self, *, most_open: int = 1, order: Callable[[int], int] = lambda _: 0) -> Look:
        """Asks until all is known."""
        waiting: list[Block[int]] = []
        while not self.recheck.is_done:
            while len(waiting) < most_open and (block := self.recheck.next()) is not None:
                waiting.append(block)
            assert waiting, "nothing can be asked, nothing is open, and yet it is not done"
            self._answer(waiting.pop(order(len(waiting))))
            for cell in self.recheck.take():
                assert (cell.subject, cell.day) not in self.found
                self.found[cell.subject, cell.day] = cell.counters
        assert max(self.asked.values(), default=1) == 1
        return self

    def _answer(self, block: Block[int]) -> None:
        assert block.since == block.through
        self.asked[block] += 1
        if not set(self.failing).isdisjoint(block.subjects):
            self.given_up.update(cells_of(block))
            self.recheck.give_up(block)
        else:
            self.recheck.answer(block, self.shown(block) or None)

    def shown(self, block: Block[int]) -> dict[str, int]:
        """What the API answers."""
        return counters(self.world.get(cell, frozenset()) for cell in cells_of(block))

    def singly(self) -> set[CellKey]:
        """The cells that were asked alone."""
        return {cell for block in self.asked if len(block.subjects) == 1 for cell in cells_of(block)}


@dataclass
class Case:
    """A world as it was stored and as it is now."""

    days: dict[int, list[date]]
    old: dict[CellKey, Facts]
    new: dict[CellKey, Facts]
    doubtful: set[CellKey]
    most_subjects: int

    def look(self, *, failing: Collection[int] = ()) -> Look:
        """A look at the world as it is now."""
        recheck = Recheck(
            self.days,
            stored=stored(self.old),
            additive=ADDITIVE,
            doubtful=self.doubtful,
            most_subjects=self.most_subjects,
        )
        return Look(self.new, recheck, failing)

    def cells(self) -> set[CellKey]:
        """Those to look at."""
        return {(subject, day) for subject, days in self.days.items() for day in days}

    def changed(self) -> dict[CellKey, Mapping[str, int] | None]:
        """The cells that differ from what is stored, and their counters."""
        was, now = stored(self.old), stored(self.new)
        return {cell: now.get(cell) for cell in self.cells() if now.get(cell) != was.get(cell)}


people = st.lists(st.sampled_from([f"{number}" for number in range(12)]), max_size=4)


@st.composite
def cases(draw: st.DrawFn, *, only_more_sent: bool = False) -> Case:
    """Some cells changed, emptied or new; or e-mails were only added, so that no change can hide another."""
    old, new, days = {}, {}, {}
    for subject in range(draw(st.integers(1, 14))):
        days[subject] = [on(day) for day in draw(st.lists(st.integers(0, 2), unique=True))]
        for day in days[subject]:
            before = facts(subject, day, draw(people), draw(people))
            after = before
            if draw(st.integers(0, 3)) == 0:
                more = facts(subject, day, [*draw(people), "new"])
                after = before | {fact._replace(uid=f"{fact.uid} more") for fact in more}
                opened = before | facts(subject, day, [], draw(people))
                after = after if only_more_sent else draw(st.sampled_from([after, more, opened, frozenset()]))
            old[subject, day], new[subject, day] = before, after
    cells = sorted(old)
    doubtful = set(draw(st.lists(st.sampled_from(cells), max_size=3))) if cells else set()
    return Case(days, old, new, doubtful, draw(st.sampled_from([1, 4, 500])))


def hidden(case: Case, look: Look) -> set[CellKey]:
    """The cells of questions whose answers cannot be told from what is stored."""
    was = stored(case.old)
    blind: set[CellKey] = set()
    for block in look.asked:
        together: Counter[str] = Counter()
        for cell in cells_of(block):
            together.update(was.get(cell, {}))
        if look.shown(block) == {name: number for name, number in together.items() if number}:
            blind.update(cells_of(block))
    return blind


@given(cases(only_more_sent=True), st.integers(1, 4), st.integers(0, 1_000))
@settings(max_examples=examples(200), deadline=None)
def test_exactly_the_changed_cells_are_found(case: Case, most_open: int, seed: int) -> None:
    look = case.look().run(most_open=most_open, order=random.Random(seed).randrange)
    assert look.found == case.changed()
    assert look.recheck.proved == case.cells() - look.singly()
    assert case.doubtful & case.cells() <= look.singly()


@given(cases(), st.integers(1, 4), st.integers(0, 1_000))
@settings(max_examples=examples(200), deadline=None)
def test_only_changes_that_hide_each_other_are_missed(case: Case, most_open: int, seed: int) -> None:
    look = case.look().run(most_open=most_open, order=random.Random(seed).randrange)
    changed = case.changed()
    assert look.found.items() <= changed.items()
    assert changed.keys() - look.found.keys() <= hidden(case, look) - look.singly()
    assert look.recheck.proved == case.cells() - look.singly()


@given(cases(), st.integers(1, 4))
@settings(deadline=None)
def test_a_second_look_at_a_still_world_costs_one_question_a_day(case: Case, most_open: int) -> None:
    """Whoever shares people with whom, and whatever changed before the first look."""
    case.doubtful.clear()
    first = case.look().run()
    kept = {cell: found for cell, found in (stored(case.old) | first.found).items() if found}
    again = Recheck(
        case.days,
        stored=kept,
        additive=ADDITIVE,
        remembered=first.recheck.answers,
        most_subjects=case.most_subjects,
    )
    look = Look(case.new, again).run(most_open=most_open)
    assert look.found == {}
    whole_days = Counter(day for days in case.days.values() for day in days)
    assert len(look.asked) == sum(-(-subjects // case.most_subjects) for subjects in whole_days.values())


@given(cases(only_more_sent=True), st.integers(1, 4), st.sets(st.integers(0, 13), max_size=2))
@settings(deadline=None)
def test_cells_without_an_answer_do_not_touch_the_others(case: Case, most_open: int, failing: set[int]) -> None:
    look = case.look(failing=failing).run(most_open=most_open)
    expected = {cell: found for cell, found in case.changed().items() if cell not in look.given_up}
    assert look.found == expected
    assert look.recheck.proved == case.cells() - look.singly() - look.given_up


def still_world(subjects: int, *, shared: int = 0, seed: int = 1) -> dict[CellKey, Facts]:
    """A day on which nobody is in two campaigns, but for some pairs of campaigns with a common person."""
    rng = random.Random(seed)
    world = {}
    for subject in range(subjects):
        own = [f"{subject} {number}" for number in range(rng.randrange(20))]
        if subject < 2 * shared:
            own.append(f"both {subject // 2}")
        world[subject, TODAY] = facts(subject, TODAY, own, own[::3])
    return world


def look_at(
    old: World, new: World, *, most_open: int = 1, remembered: Mapping[str, Mapping[str, int]] | None = None
) -> Look:
    days: dict[int, Sequence[date]] = {subject: [day] for subject, day in old}
    recheck = Recheck(days, stored=stored(old), additive=ADDITIVE, remembered=remembered)
    return Look(new, recheck).run(most_open=most_open)


def opened_once_more(world: World, subjects: Collection[int]) -> dict[CellKey, Facts]:
    return {
        (subject, day): cell | facts(subject, day, [], [f"late {subject}"]) if subject in subjects else cell
        for (subject, day), cell in world.items()
    }


def sent_once_more(world: World, subjects: Collection[int]) -> dict[CellKey, Facts]:
    return {
        (subject, day): cell | facts(subject, day, [f"late {subject}"]) if subject in subjects else cell
        for (subject, day), cell in world.items()
    }


def test_nothing_changed_costs_one_question() -> None:
    world = still_world(300)
    assert len(look_at(world, world).asked) == 1


@pytest.mark.parametrize("change", [opened_once_more, sent_once_more])
def test_one_changed_cell_of_300_costs_at_most_12_questions(
    change: Callable[[World, Collection[int]], dict[CellKey, Facts]],
) -> None:
    world = still_world(300)
    for subject in [0, 1, 2, 74, 149, 150, 151, 224, 298, 299]:
        look = look_at(world, change(world, [subject]), most_open=4)
        assert list(look.found) == [(subject, TODAY)]
        assert len(look.asked) <= 12


@pytest.mark.parametrize("change", [opened_once_more, sent_once_more])
@pytest.mark.parametrize("most_open", [1, 4])
@pytest.mark.parametrize(("changed", "among", "most"), [(20, 60, 70), (60, 60, 90), (3, 300, 30), (300, 300, 345)])
def test_changes_among_the_first_cost_about_one_question_each(
    change: Callable[[World, Collection[int]], dict[CellKey, Facts]],
    most_open: int,
    changed: int,
    among: int,
    most: int,
) -> None:
    world = still_world(300)
    for seed in range(5):
        subjects = random.Random(seed).sample(range(among), changed)
        look = look_at(world, change(world, subjects), most_open=most_open)
        assert {subject for subject, _ in look.found} == set(subjects)
        assert len(look.asked) <= most


def test_what_is_reckoned_proves_nothing() -> None:
    """One person is new to two campaigns, and counted once: found in the one, it is missing from the rest."""
    old = still_world(8)
    opened = facts(1, TODAY, [], ["new to both"])
    new = old | {cell: old[cell] | opened for cell in [(1, TODAY), (6, TODAY)]}
    assert set(look_at(old, new).found) == {(1, TODAY), (6, TODAY)}


def test_people_in_two_campaigns_cost_more_once_and_nothing_when_remembered() -> None:
    world = still_world(300, shared=5)
    first = look_at(world, world)
    assert first.found == {}
    assert 1 < len(first.asked) <= 60
    assert len(look_at(world, world, remembered=first.recheck.answers).asked) == 1


def test_what_is_remembered_proves_nothing_when_e_mails_were_sent() -> None:
    """The answer is that of the last load, and yet what is stored is not what it was then."""
    world = still_world(20, shared=2)
    remembered = look_at(world, world).recheck.answers
    lost = {cell: found for cell, found in world.items() if cell != (7, TODAY)}
    days = {subject: [TODAY] for subject in range(20)}
    recheck = Recheck(days, stored=stored(lost), additive=ADDITIVE, remembered=remembered)
    assert list(Look(world, recheck).run().found) == [(7, TODAY)]


def test_the_answer_about_a_day_is_not_remembered_unless_all_its_cells_are_known() -> None:
    old = still_world(20, shared=2)
    new = opened_once_more(old, [3])
    days = {subject: [TODAY] for subject in range(20)}
    recheck = Recheck(days, stored=stored(old), additive=ADDITIVE)
    look = Look(new, recheck, failing=[3])
    block = recheck.next()
    assert block is not None
    recheck.answer(block, look.shown(block))
    assert recheck.answers == {}
    look.run()
    assert recheck.answers == {}


def test_a_cell_that_lost_its_activity_has_no_counters() -> None:
    old = still_world(8)
    nothing: Facts = frozenset()
    assert look_at(old, old | {(5, TODAY): nothing}).found == {(5, TODAY): None}
