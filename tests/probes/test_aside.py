"""A probe that hangs: it is told since when, holds up nobody, and is read again when it answers."""

from collections.abc import Callable
from threading import Event

from tests.probes.clock import Clock
from trainmon.probes.aside import Aside
from trainmon.probes.sample import Sample

PATIENCE = 20.0
"""Seconds that a thread may take on a busy machine; it takes a fraction of one."""


class FakeProbe:
    """Counts how often it is read."""

    def __init__(self, takes: Callable[[], None] = lambda: None) -> None:
        self.asking = "GPU 1: power"
        self.reads = 0
        self._takes = takes

    def read(self) -> Sample:
        self._takes()
        self.reads += 1
        return Sample({"reads": float(self.reads)})


class Threads:
    """Threads that run when they are let."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def start(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def let_go(self) -> None:
        while self.waiting:
            self.waiting.pop()()


def at_once(work: Callable[[], None]) -> None:
    work()


def test_an_answer_comes_with_how_long_it_took() -> None:
    clock = Clock()
    aside = Aside("GPU", FakeProbe(lambda: clock.pass_by(0.25)), clock=clock, start=at_once)
    aside.ask()
    assert aside.answer(0.0) == Sample({"reads": 1.0}, seconds=0.25)


def test_one_that_is_late_gives_its_last_answer_for_a_moment() -> None:
    clock, threads = Clock(), Threads()
    aside = Aside("GPU", FakeProbe(), clock=clock, start=threads.start)
    aside.ask()
    threads.let_go()
    aside.ask()
    clock.pass_by(1.0)
    assert aside.answer(0.0).readings == {"reads": 1.0}


def test_one_that_hangs_has_no_readings_but_words_on_since_when_and_at_what() -> None:
    clock, threads = Clock(), Threads()
    aside = Aside("GPU", FakeProbe(), clock=clock, start=threads.start)
    for _ in range(12):
        aside.ask()
        clock.pass_by(1.0)
        answer = aside.answer(0.0)
    assert answer == Sample(notes=("GPU probe hangs since 12 s, at GPU 1: power",))
    assert len(threads.waiting) == 1


def test_one_that_answers_in_the_end_is_read_again() -> None:
    clock, threads = Clock(), Threads()
    aside = Aside("GPU", FakeProbe(), clock=clock, start=threads.start)
    aside.ask()
    clock.pass_by(60.0)
    threads.let_go()
    aside.ask()
    threads.let_go()
    assert aside.answer(0.0).readings == {"reads": 2.0}


def test_one_that_breaks_is_told_and_asked_again() -> None:
    def breaks() -> None:
        raise RuntimeError("no such thing")

    aside = Aside("host", FakeProbe(breaks), start=at_once)
    for _ in range(2):
        aside.ask()
        (note,) = aside.answer(0.0).notes
        assert note == ("host probe failed, please report it: RuntimeError('no such thing')")


def test_where_no_thread_can_begin_it_is_told_and_tried_again() -> None:
    left = iter([False, True])

    def start(work: Callable[[], None]) -> None:
        if not next(left):
            raise RuntimeError("can't start new thread")
        work()

    aside = Aside("GPU", FakeProbe(), start=start)
    aside.ask()
    assert aside.answer(0.0).notes == ("GPU probe cannot begin: can't start new thread",)
    aside.ask()
    assert aside.answer(0.0).readings == {"reads": 1.0}


def test_in_a_thread_of_its_own_it_holds_up_nobody() -> None:
    begun, let_go = Event(), Event()

    def takes() -> None:
        begun.set()
        assert let_go.wait(PATIENCE)

    aside = Aside("GPU", FakeProbe(takes))
    aside.ask()
    assert begun.wait(PATIENCE)
    assert aside.answer(0.0) == Sample()
    let_go.set()
    assert aside.answer(PATIENCE).readings == {"reads": 1.0}
