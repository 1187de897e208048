"""The thread that samples: it goes on whatever the machine does, and ends with its writer."""

from collections.abc import Callable, Iterator, Mapping

from trainmon.writer.sampling.sampler import Machine, Sampler


class Told:
    """Keeps what a sampler tells its writer, which ends after so many lines."""

    def __init__(self, ends_after: int = 1_000) -> None:
        self.lines: list[Mapping[str, float]] = []
        self.words: list[str] = []
        self._left = ends_after

    def write(self, readings: Mapping[str, float]) -> bool:
        self.lines.append(readings)
        self._left -= 1
        return self._left > 0

    def tell(self, words: str) -> bool:
        self.words.append(words)
        return True


class FakeMachine:
    """Tells its samples one after the other; an error among them is raised, words are a hang."""

    def __init__(self, *samples: float | str | Exception) -> None:
        self.trouble = ""
        self._samples: Iterator[float | str | Exception] = iter(samples)

    def sample(self) -> Mapping[str, float]:
        sample = next(self._samples)
        self.trouble = sample if isinstance(sample, str) else ""
        if isinstance(sample, Exception):
            raise sample
        return {"sys/cpu": sample} if isinstance(sample, float) else {}


def sampled(told: Told, make: Callable[[], Machine], rests: int) -> None:
    """Let a sampler run in this thread, until it has rested so many times."""
    ends = iter([False] * rests + [True])
    sampler = Sampler(1.0, make=make, write=told.write, tell=told.tell, rest=lambda _: next(ends))
    sampler.run()


def test_each_sample_is_a_line() -> None:
    told = Told()
    sampled(told, lambda: FakeMachine(0.1, 0.2, 0.3), rests=2)
    assert told.lines == [{"sys/cpu": 0.1}, {"sys/cpu": 0.2}, {"sys/cpu": 0.3}]


def test_a_sample_that_fails_is_left_out_and_the_next_one_taken() -> None:
    told = Told()
    sampled(told, lambda: FakeMachine(0.1, OSError("gone"), 0.3), rests=2)
    assert told.lines == [{"sys/cpu": 0.1}, {"sys/cpu": 0.3}]
    assert not told.words


def test_a_machine_that_cannot_be_sampled_is_told_once() -> None:
    def make() -> Machine:
        raise ImportError("no psutil")

    told = Told()
    sampled(told, make, rests=3)
    assert told.words == ["the machine cannot be sampled: ImportError('no psutil')"]


def test_what_hangs_is_told_when_it_begins_to() -> None:
    told = Told()
    hangs = [f"GPU probe hangs since {seconds} s" for seconds in (3, 4, 5, 9)]
    sampled(told, lambda: FakeMachine(hangs[0], hangs[1], hangs[2], 0.5, hangs[3]), rests=4)
    assert told.words == [hangs[0], hangs[3]]
    assert told.lines == [{"sys/cpu": 0.5}]


def test_it_ends_when_its_writer_is_gone() -> None:
    told = Told(ends_after=2)
    sampled(told, lambda: FakeMachine(0.1, 0.2, 0.3), rests=5)
    assert len(told.lines) == 2


def test_nothing_is_written_after_it_was_stopped() -> None:
    told = Told()
    sampler: Sampler | None = None

    class Stopping(FakeMachine):
        """Is stopped while it is read."""

        def sample(self) -> Mapping[str, float]:
            assert sampler is not None
            sampler.stop()
            return super().sample()

    machine = Stopping(0.1)
    sampler = Sampler(1.0, make=lambda: machine, write=told.write, tell=told.tell)
    sampler.run()
    assert not told.lines
