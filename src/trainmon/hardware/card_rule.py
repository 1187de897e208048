"""Judges the GPUs of a run one by one: what rules of cards have in common.

A rule says which metric of a card its windows are of, which of them look bad, how bad they are in
truth, and what there is to tell; the life of a finding is here.
"""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from trainmon.context import Context
from trainmon.courses.lasting import (
    WELL,
    Flags,
    Lasting,
    Levels,
    Windows,
    completes,
    follow,
    steps_apart,
    width_of,
    windows,
)
from trainmon.digest import Digest
from trainmon.hardware.readings import gpus
from trainmon.rule import Block, Event, EventKind, Rule

Metrics = Mapping[str, str]
"""The metrics of one GPU by what they tell: ``util`` -> ``sys/gpu0/util``."""


@dataclass(frozen=True, slots=True)
class Card:
    """How one GPU has been."""

    apart: float = 0.0
    """Steps, or else seconds, that a sample of it stands for; 0 until it is known."""
    lasting: Lasting = WELL


@dataclass(frozen=True, slots=True)
class Cards:
    """How each GPU has been, by its name."""

    baseline_row: int = 0
    cards: Mapping[str, Card] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Seen:
    """A card and its windows that are complete now."""

    gpu: str
    metrics: Metrics
    every: Windows
    context: Context
    block: Block

    @property
    def number(self) -> int:
        """The card's number on its host."""
        return int(self.gpu.removeprefix("gpu"))


class CardRule(Rule[Cards]):
    """A rule that judges each GPU by windows of one of its metrics."""

    of_machine = True

    @abstractmethod
    def judged(self, metrics: Metrics) -> str | None:
        """Return the metric whose windows are judged; None where others are lacking for it."""

    @abstractmethod
    def suspects(self, seen: Seen) -> Flags:
        """Return which windows look bad at first sight; in most blocks none does."""

    @abstractmethod
    def levels(self, seen: Seen) -> tuple[Levels, Flags]:
        """Return how bad each window is, and which are calm."""

    @abstractmethod
    def in_a_row(self) -> tuple[int, int]:
        """Return how many bad windows open a finding, and how many a warning."""

    @abstractmethod
    def evidence(self, seen: Seen, place: int) -> dict[str, Any]:
        """Return the numbers at a window."""

    @abstractmethod
    def title(self, gpu: str, kind: EventKind, evidence: Mapping[str, Any]) -> str:
        """Return the finding in words."""

    def width(self, apart: float) -> int:
        """Return the cells of a window of samples that are so many steps, or seconds, apart."""
        return width_of(apart)

    def watched(self, context: Context) -> Collection[str]:
        """Return nothing: it is windows that are judged."""
        del context
        return ()

    def paced(self, context: Context) -> Collection[str]:
        """Return the metric of each GPU whose windows are judged."""
        return tuple(filter(None, map(self.judged, gpus(context).values())))

    def begin(self) -> Cards:
        """Return the state before the first row."""
        return Cards()

    def step(self, state: Cards, context: Context, block: Block) -> tuple[Cards, list[Event]]:
        """Judge the windows that are complete now, GPU by GPU."""
        if state.baseline_row != context.baseline_row:
            anew = {gpu: Card(lasting=card.lasting.anew()) for gpu, card in state.cards.items()}
            state = Cards(context.baseline_row, MappingProxyType(anew))
        cards, events = dict[str, Card](), list[Event]()
        for gpu, metrics in gpus(context).items():
            metric = self.judged(metrics)
            digest, card = block.digest(metric), state.cards.get(gpu)
            if not len(digest):
                continue
            if card is None or not card.apart:
                lasting = card.lasting if card else WELL
                card = cards[gpu] = Card(_apart(block, digest), lasting)
            width = self.width(card.apart)
            if completes(digest, block.start, width):
                every = windows(digest, block.start, width)
                seen = Seen(gpu, metrics, every, context, block)
                cards[gpu], told = self._followed(card, seen, metric)
                events += told
        if not cards:
            return state, []
        events.sort(key=lambda event: event.row)
        return Cards(state.baseline_row, MappingProxyType({**state.cards, **cards})), events

    def _followed(self, card: Card, seen: Seen, metric: str | None) -> tuple[Card, list[Event]]:
        """Return a card after its windows, and what is told of it."""
        if card.lasting.is_still(self.suspects(seen)):
            return card, []
        levels, calm = self.levels(seen)
        lasting, turns = follow(card.lasting, seen.every, levels, calm, *self.in_a_row())
        events = []
        for turn in turns:
            evidence = {"gpu": seen.number, **self.evidence(seen, turn.place)}
            title = self.title(seen.gpu, turn.kind, evidence)
            events.append(turn.event(title, metric, evidence))
        return replace(card, lasting=lasting), events


def _apart(block: Block, digest: Digest) -> float:
    """Return how many steps a sample stands for, or seconds where it stands at no step.

    Those that probes take at a pace of their own tell of a moment each, however long steps are.
    """
    first, last = int(digest.first_rows[0]), int(digest.rows[0])
    if np.isfinite(block.lane.steps[first]) and np.isfinite(block.lane.steps[last]):
        return steps_apart(block, digest)
    seconds = float(block.lane.times[last] - block.lane.times[first]) / (digest.cell - 1)
    return seconds if seconds > 0 else np.nan
