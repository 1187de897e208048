"""Any console in which numbers stand beside their names: the last resort."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from trainmon.console.heading import Heading, evaluated
from trainmon.console.lines import plain
from trainmon.console.numbers import apart, value
from trainmon.console.places import Places
from trainmon.console.plan import Plan, plan_of
from trainmon.console.prefix import Line, undressed
from trainmon.console.reading import SHAPES_KEPT
from trainmon.console.source import ELSEWHERE, TIME, ConsoleSource
from trainmon.record import KEYS_LIMIT
from trainmon.roles import Direction, role_of
from trainmon.source import Framing, Head
from trainmon.store.batch import Record
from trainmon.text import clean

_LOOKED_AT = 4_000
"""Lines looked at to recognise a log: half from the beginning, half from the end of its head."""

_REPEATED = 3
"""Lines of one kind that make a log where they say where they stand."""

_REPEATED_UNPLACED = 10
"""Lines of one kind that make a log where they do not: three may be a table or a sweep."""

_ONCE_LIMIT = 1_000
"""Kinds of lines without a place that are kept in mind until they come again."""

_BINARY = re.compile(rb"[\x01-\x06\x0e-\x1a\x1c-\x1f]")
_BINARY_LOOK = 65_536
"""Bytes looked at for what no console prints; one in a hundred makes a binary file."""

_TOLD_LIMIT = 12
"""Names that a remark holds."""

_MAYBE = re.compile(r"[=:/]|loss|acc|step|epoch|iter|lr", re.IGNORECASE)
"""What a line of numbers and names has somewhere; most prose has none of it."""

_plan = lru_cache(maxsize=SHAPES_KEPT)(plan_of)


class KeyValueSource(ConsoleSource):
    """Reads lines in which numbers stand beside names; says how it understood them.

    A line that only tells a position stands ahead of the lines that follow. A line without any
    place counts once another like it comes, so that a printed configuration is no record. Running
    means of an evaluation are kept back until it is over.
    """

    id = "key-value"
    summary = "any console text with numbers beside names: step 10 loss 2.31, loss=2.31, bars"
    order = 95
    framing = Framing.BYTES  # a bar may be redrawn for hours without a newline

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._places = Places()
        self._placed = False
        self._block: Record | None = None
        self._evaluating: Record | None = None
        self._heading = Heading()
        self._once: dict[tuple[str, ...], Record] = {}
        self._last: Record = {}
        self._told: Plan | None = None
        self._names: dict[str, None] = {}
        self._twice: dict[str, None] = {}

    @staticmethod
    def recognises(head: Head) -> bool:
        """Return whether lines repeat that hold metrics of a training."""
        data = head.data
        if len(_BINARY.findall(data[:_BINARY_LOOK])) > len(data[:_BINARY_LOOK]) // 100:
            return False
        if data.lstrip()[:1] in (b"{", b"<", b"") or not (head.lines or b"\r" in data):
            return False
        texts = head.texts if head.lines else data.decode(errors="replace").split("\r")[:-1]
        if len(texts) > _LOOKED_AT:
            texts = (*texts[: _LOOKED_AT // 2], *texts[-_LOOKED_AT // 2 :])
        return _repeats(texts)

    def line_of(self, text: str) -> Line:
        """Return a line; a bare number ahead of one without a place is its step, no rank."""
        line = undressed(text)
        if line.labelled:
            plan = _plan(apart(line.text)[0])
            if plan and plan.metrics and not plan.placed:
                self._places.told_by["the number ahead of the line"] = None
                return Line(f"step {line.rank}: {line.text}", line.time)
        return line

    def records(self, line: Line) -> Iterator[Record]:
        """Yield the records that a line completes."""
        if not _MAYBE.search(line.text):
            return
        texts, numbers = apart(line.text)
        plan = _plan(texts) if numbers else None
        if plan is None:
            if not numbers:
                self._heading.read(line.text)
            return
        record = self._heading.over(self._read_as(plan, numbers), placed=plan.placed)
        self.kept = bool(plan.telling or self._block is not None or not plan.metrics)
        if line.time is not None:
            record[TIME] = line.time
        if not plan.metrics:
            yield from self.held()
            self._block = self._places.of(plan, numbers)
            yield from self.configured(**self._places.planned(plan, numbers))
        elif self._block is not None and not plan.placed:
            yield from self._extended(record)
        elif self._evaluating is not None and not plan.placed:
            # What stands by itself behind the batches of an evaluation is its result.
            time = {TIME: record.pop(TIME)} if TIME in record else {}
            self._evaluating |= evaluated(record) | time
        elif plan.telling:
            yield from self._recorded(plan, numbers, record)

    def held(self) -> Iterator[Record]:
        """Yield a record of several lines, and an evaluation that is over."""
        evaluated, self._evaluating = self._evaluating, None
        if evaluated is not None:
            yield evaluated
        block, self._block = self._block, None
        if block and block.keys() - {"step", "epoch", TIME}:
            yield block

    def remarks(self) -> Sequence[str]:
        """Return how the lines were understood."""
        names = [clean(name) for name in list(self._names)[:_TOLD_LIMIT]]
        hidden = len(self._names) - len(names)
        more = f" and {hidden} more" if hidden else ""
        places = ", ".join(clean(place) for place in self._places.told_by)
        told = [f"the position is read from {places}"] if places else []
        told.append(f"metrics: {', '.join(names)}{more}")
        if self._twice:
            doubled = ", ".join(clean(name) for name in list(self._twice)[:_TOLD_LIMIT])
            told.append(f"named twice in a line, of which the first counts: {doubled}")
        if self._places.rounds:
            told.append("each bar that starts again is taken for an epoch")
        if once := sum(map(bool, self._once.values())):
            told.append(f"kinds of lines that came once and have no position: {once:,}")
        return (*told, *super().remarks())

    def _recorded(self, plan: Plan, numbers: Sequence[str], record: Record) -> Iterator[Record]:
        """Yield the record of a line with metrics, outside any block."""
        names = record.keys() - {TIME}
        record = {**self._places.of(plan, numbers), **record}
        if "step" not in record:
            record[ELSEWHERE] = True
        if record == self._last:
            return
        self._last = record.copy()
        if plan is not self._told:
            self._told = plan
            self._tell(name for name in record if name in names)
            if len(self._twice) < _TOLD_LIMIT:
                self._twice |= dict.fromkeys(plan.twice)
        if plan.evaluates and plan.within:
            self._evaluating = record
            return
        yield from self.held()
        if plan.placed or self._placed or self._places.epoch is not None:
            self._placed = self._placed or plan.placed
            yield record
            yield from self.configured(**self._places.planned(plan, numbers))
        else:
            yield from self._second(record)

    def _second(self, record: Record) -> Iterator[Record]:
        """Yield a record without a place from its second coming on, the first one with it."""
        kind = tuple(record)
        if kind not in self._once and len(self._once) < _ONCE_LIMIT:
            self._once[kind] = record
            return
        first = self._once.get(kind)
        if first:
            yield first
            self._once[kind] = {}
        yield record

    def _extended(self, record: Record) -> Iterator[Record]:
        """Add a line to the block it stands in; a name that comes again begins another record."""
        assert self._block is not None
        self._tell(name for name in record if name != TIME)
        if self._block.keys() & record.keys() - {TIME} or len(self._block) >= KEYS_LIMIT:
            place = {name: at for name, at in self._block.items() if name in ("step", "epoch")}
            yield from self.held()
            self._block = place
        self._block |= record

    def _tell(self, names: Iterable[str]) -> None:
        if len(self._names) < KEYS_LIMIT:
            self._names |= dict.fromkeys(names)

    def _read_as(self, plan: Plan, numbers: Sequence[str]) -> Record:
        record: Record = {}
        for name, field in plan.metrics:
            averaged = plan.evaluates and field.average is not None
            at = field.average if averaged and field.average is not None else field.at
            record[name] = value(numbers[at]) * field.factor
            total = 0.0 if field.total is None else value(numbers[field.total])
            if total and role_of(name).direction is Direction.HIGHER:
                record[name] /= total  # "Accuracy: 9342/10000"
        return record


def _repeats(texts: Sequence[str]) -> bool:
    """Return whether enough lines hold the same metrics of a training."""
    seen: Counter[tuple[str, ...]] = Counter()
    under_header = False
    for text in texts:
        line = undressed(plain(text))
        plan = _plan(apart(line.text)[0])
        if plan is None:
            continue
        placed = plan.placed or line.labelled
        under_header = under_header or (placed and not plan.metrics)
        if not plan.telling:
            continue
        kind = tuple(name for name, _ in plan.metrics)
        seen[kind] += 1
        wide = len(kind) > 1 or placed or under_header
        if seen[kind] >= (_REPEATED if wide else _REPEATED_UNPLACED):
            return True
    return False
