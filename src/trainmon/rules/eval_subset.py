"""The evaluation looks at a part of the data that does not stand for the whole.

Looks for
---------
Evaluations that lack a class, that hold fewer than five positives, or whose classes are distributed
otherwise than in training, above all where a limit on the evaluation's samples is configured.

Why it matters
--------------
The first batches of sorted data are of one class, of one day, of one site. What is measured on them
says nothing of the model, and it looks like a model that does not learn.

Fires when
----------
A class is missing while a limit is set, or no sample is positive in an evaluation of whole batches:
a warning, at once, since counts are exact. Without a limit it is info that a class is missing where
20 samples of it were to be expected. The classes' shares differ from those in training (G-test,
p < 1e-6, and by a tenth of the samples), or there are one to four positives: info, and a warning
where a limit is set.

Stays quiet
-----------
Where the log tells no counts. Without a limit, evaluation sets that are balanced by design or lie
later in time are only info. A limit that is larger than the evaluation set limits nothing. Labels
that no class has are another matter.

What to do
----------
Shuffle before the limit, or draw a fixed sample with a seed, stratified by class. Without a limit:
look at how the split was made.

Sources
-------
Sokal and Rohlf, Biometry (1981), for the G-test.

Example
-------
>>> from trainmon.judge import replay
>>> from trainmon.rules import load
>>> rule = load("eval-subset")
>>> first = replay(rule, rule.fires())[0].event
>>> first.severity.word, first.evidence["reason"], first.evidence["limit"]
('warning', 'class missing', 40.0)
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainmon.context import Context
from trainmon.courses.streak import Streak
from trainmon.evaluating.event import EvaluationEvent, evaluations_in
from trainmon.evaluating.fields import Shares, normalised
from trainmon.evaluating.g_test import g_test
from trainmon.evaluating.limit import limit_of, whole_batches
from trainmon.evaluating.training_classes import Frequencies, training_classes
from trainmon.rule import Block, Event, Need, Rule, Severity
from trainmon.store.batch import Record
from trainmon.threshold import threshold

State = Mapping[str, Streak]
"""By the split of the evaluation."""

_SHOWN = 10
"""Classes whose shares are told."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The samples of one evaluation, and what they should be like."""

    told: EvaluationEvent
    n: int
    actual: Shares
    trained: Frequencies
    """Samples of each class that are trained on; empty where nobody tells."""
    limit: float | None
    """What cut the evaluation off, if anything did."""
    batches: float | None
    """How many batches it was, if it was whole ones."""

    @property
    def expected(self) -> Shares:
        """The shares of the classes in training."""
        return normalised(self.trained)

    @property
    def evidence(self) -> dict[str, Any]:
        """What is told in any case."""
        told: dict[str, Any] = {"n": self.n, "split": self.told.split}
        told |= {"limit": self.limit} if self.limit is not None else {}
        told |= {"batches": self.batches} if self.batches is not None else {}
        told |= {"positives": self.told.positive_count} if self.told.binary else {}
        told["eval_shares"] = [round(part, 6) for part in self.actual[:_SHOWN]]
        told |= (
            {"train_shares": [round(p, 6) for p in self.expected[:_SHOWN]]} if self.trained else {}
        )
        return told


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is odd about them."""

    reason: str
    loud: bool
    says: str
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class EvalSubset(Rule[State]):
    """An evaluation on a part of the data that is not like the whole."""

    id = "eval-subset"
    summary = "the evaluation looks at a part of the data that does not stand for the whole"
    needs = (
        Need(
            "evaluation",
            (),
            'log.evaluation("val", targets, scores, step=step)',
            events=("evaluation/positives", "evaluation/confusion", "evaluation/actual_shares"),
        ),
    )
    hears = frozenset({"evaluation"})

    missed: float = threshold(20.0, "expected samples of a class that is missing: no accident")
    few: int = threshold(5, "positives: fewer move a rate by more than a fifth each")
    chance: float = threshold(1e-6, "probability that the shares differ as much by chance")
    apart: float = threshold(0.1, "of the samples: what large sets resolve below it is harmless")
    pooled: float = threshold(10.0, "expected samples: rarer classes are compared as one")

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: events tell all."""
        del context
        return ()

    def begin(self) -> State:
        """Return the state before the first row."""
        return {}

    def step(self, state: State, context: Context, block: Block) -> tuple[State, list[Event]]:
        """Compare the classes of each evaluation with those that it should hold."""
        streaks, events = dict(state), list[Event]()
        for row, told in evaluations_in(block.events):
            if told.split == "train" or not told.n or not told.actual:
                continue
            name = told.split or "val"
            key, streak = f"{name}/f1", streaks.get(f"{name}/f1", Streak())
            drawn = _drawn(told, told.n, context, block, row)
            odd = self._missing(drawn) or self._few(drawn) or self._differing(drawn)
            if odd is None:
                title = f"the {name} evaluation stands for the whole again"
                streaks[key], now = streak.over(row, title, key)
            else:
                streak = streak.seen(row)
                evidence = {"reason": odd.reason, **drawn.evidence, **odd.numbers}
                severity = Severity.WARNING if odd.loud else Severity.INFO
                title = f"the {name} evaluation {odd.says}"
                evidence["evaluations"] = streak.count
                streaks[key], now = streak.tell(row, severity, title, key, evidence)
            events += now
        return streaks, events

    def _missing(self, drawn: Drawn) -> Oddity | None:
        """Return that a class is missing which should be there."""
        absent = [index for index, part in enumerate(drawn.actual) if part == 0]
        shares = drawn.expected or (0.0,) * len(drawn.actual)
        if drawn.trained:  # what nobody trains on is not missed
            absent = [index for index in absent if shares[index]]
        if not absent or drawn.told.out_of_range:
            return None
        index = max(absent, key=shares.__getitem__)
        expected, positive = drawn.n * shares[index], drawn.told.binary and index == 1
        limited = drawn.limit is not None or (positive and drawn.batches is not None)
        if not limited and expected < self.missed:
            return None
        says = (
            f"holds no {'positive' if positive else f'sample of class {index}'} among {drawn.n:,}"
        )
        numbers: dict[str, float] = {"class": index, "classes_missing": len(absent)}
        if expected >= 1:
            says += f", where {expected:,.0f} were to be expected"
            numbers["expected"] = expected
        return Oddity("class missing", limited, says, numbers)

    def _few(self, drawn: Drawn) -> Oddity | None:
        """Return that there are so few positives that no rate of them says anything."""
        positives = drawn.told.positive_count
        if not drawn.told.binary or positives is None or not 0 < positives < self.few:
            return None
        noun = "positive" if positives == 1 else "positives"
        says = f"holds {positives} {noun} among {drawn.n:,} samples"
        return Oddity("few positives", drawn.limit is not None, says)

    def _differing(self, drawn: Drawn) -> Oddity | None:
        """Return that the classes are distributed otherwise than in training."""
        gaps = [abs(a - b) for a, b in zip(drawn.actual, drawn.expected, strict=False)]
        if sum(gaps) / 2 < self.apart:
            return None
        counts = [part * drawn.n for part in drawn.actual]
        rare = [part * drawn.n < self.pooled for part in drawn.expected]
        chance = g_test(_pooled(counts, rare), _pooled(drawn.trained, rare))
        if chance >= self.chance:
            return None
        index = 1 if drawn.told.binary else gaps.index(max(gaps))
        what = "positives" if drawn.told.binary else f"of class {index}"
        here, there = drawn.actual[index], drawn.expected[index]
        says = f"holds {100 * here:.3g} % {what}, training {100 * there:.3g} %"
        numbers = {"p": chance, "total_variation": sum(gaps) / 2, "class": float(index)}
        return Oddity("shares differ", drawn.limit is not None, says, numbers)

    @staticmethod
    def fires() -> list[Record]:
        """The first 40 batches of sorted data hold negatives alone."""
        config = {"eval_limit": 40, "batch_size": 8_192, "class_counts": [4_000_000, 3_100_000]}
        told = {"event": "evaluation", "split": "val", "n": 327_680, "positives": 0}
        return [
            {"trainmon": 1, "config": config},
            *({**told, "step": step} for step in (100, 200, 300)),
        ]

    @staticmethod
    def quiet() -> list[Record]:
        """A small but honest draw: the shares differ as much as chance lets them."""
        config = {"eval_limit": 500, "class_counts": [7_000, 3_000]}
        told = {"event": "evaluation", "split": "val", "n": 500}
        return [
            {"trainmon": 1, "config": config},
            *({**told, "step": step, "positives": 150 + step % 7} for step in (100, 200, 300)),
        ]


def _drawn(told: EvaluationEvent, n: int, context: Context, block: Block, row: int) -> Drawn:
    trained = training_classes(context, block, row)
    alike = trained if len(trained) == len(told.actual) else ()
    return Drawn(told, n, told.actual, alike, limit_of(n, context), whole_batches(n, context))


def _pooled(counts: Sequence[float], rare: Sequence[bool]) -> list[float]:
    """Return counts with those of the rare classes as one: of few samples the test is unsure."""
    common = [count for count, is_rare in zip(counts, rare, strict=True) if not is_rare]
    return [*common, sum(counts) - sum(common)]
