"""Verdicts and cases made up for the tests of the scoring."""

from dataclasses import replace

import numpy as np

from tests.evaluation.case import Case, Fault, Variant
from tests.evaluation.verdict import Alarm, Named, Verdict
from trainmon.rule import Severity
from trainmon.store.batch import Record

NAN = Fault(frozenset({"non-finite"}), ("lr-too-high", "precision-overflow"), 100.0)

STEPS = 1_000.0


def case(fault: Fault | None = NAN, *, recipe: str = "nan", seed: int = 0, every: int = 1) -> Case:
    """Return a case without a log."""
    return Case(recipe, "digits", seed, "tuning", Variant(every=every), (), fault)


def alarm(rule: str = "non-finite", spoke: float | None = 101.0, **other: object) -> Alarm:
    """Return a warning of a rule."""
    made = Alarm(rule, frozenset({rule}), Severity.WARNING, spoke)
    return replace(made, **other)  # type: ignore[arg-type]  # tests say fields by name


def primary(cause: str, *rivals: str) -> Named:
    """Return a primary cause."""
    return Named(cause, "primary", rivals)


def verdict(of: Case, *alarms: Alarm, causes: tuple[Named, ...] = (), **other: object) -> Verdict:
    """Return what trainmon might have said of a case of a thousand steps."""
    made = Verdict("trainmon", of, alarms, STEPS, causes=causes)
    return replace(made, **other)  # type: ignore[arg-type]  # tests say fields by name


def right(seed: int = 0) -> Verdict:
    """Return a fault that was found and rightly explained."""
    return verdict(case(seed=seed), alarm(), causes=(primary("lr-too-high"),))


def silent(seed: int = 0) -> Verdict:
    """Return a healthy run of which nothing was said."""
    return verdict(case(None, recipe="constant", seed=seed))


def log(*, broken: bool = False) -> tuple[Record, ...]:
    """Return a log of a noisy loss that falls, and is not finite from step 100 on if `broken`."""
    noise = np.random.default_rng(0)
    header: Record = {"trainmon": 1, "run": "made up", "time": 1e9}
    steps = (
        {
            "step": step,
            "epoch": step / 50,
            "time": 1e9 + step,
            "train/loss": "NaN"
            if broken and step >= 100
            else (2.0 * 0.99**step + 0.1) * float(noise.lognormal(0, 0.1)),
        }
        for step in range(1, 201)
    )
    return header, *steps
