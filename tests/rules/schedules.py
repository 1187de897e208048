"""Logs of nothing but a learning rate, for the rules on schedules."""

from collections.abc import Callable

from trainmon.judge import replay
from trainmon.rule import Event
from trainmon.rules import load
from trainmon.store.batch import Record

Rate = Callable[[int], float]


def schedule(count: int, rate: Rate, every: int = 1, **config: object) -> list[Record]:
    """Return a log of a rate by step, with a header that tells this configuration."""
    steps = range(0, count, every)
    records: list[Record] = [{"step": step, "lr": rate(step)} for step in steps]
    return [{"trainmon": 1, "config": config}, *records] if config else records


def events(rule: str, records: list[Record]) -> list[Event]:
    """Return what a rule decides on a log."""
    return [decision.event for decision in replay(load(rule), records)]
