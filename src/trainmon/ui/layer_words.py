"""What stands around the map of the layers: their names, their values, how many are in trouble."""

from collections import Counter
from collections.abc import Sequence

from trainmon.ui.charts.cells import Part, width_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.layers import Layer
from trainmon.ui.names import folded, without_common


def labels_of(layers: Sequence[Layer], room: int, selected: int | None) -> list[list[Part]]:
    """Return the glyph and the name of each layer; the one under the cursor is filled up."""
    names = [folded(name, room - 2) for name in without_common([each.name for each in layers])]
    widest = max((width_of([(name, Ink.TEXT)]) for name in names), default=0)
    labels = []
    for at, (layer, name) in enumerate(zip(layers, names, strict=True)):
        glyph, ink = (layer.trouble.glyph, layer.trouble.ink) if layer.trouble else (" ", Ink.DIM)
        if at == selected:
            blank = " " * (widest - width_of([(name, Ink.TEXT)]))
            labels.append([(f"{glyph} ", ink), (name + blank, Ink.SELECTED)])
        else:
            labels.append([(f"{glyph} ", ink), (name, Ink.TEXT if layer.trouble else Ink.DIM)])
    return labels


def tails_of(layers: Sequence[Layer], here: int, *, worded: bool) -> list[list[Part]]:
    """Return the newest value of each layer, and what is wrong with it, in columns."""
    values = [number(layer.last) for layer in layers]
    words = [layer.trouble.word if layer.trouble and worded else "" for layer in layers]
    wide, wordy = max(map(len, values), default=0), max(map(len, words), default=0)
    tails = []
    for at, (layer, value, word) in enumerate(zip(layers, values, words, strict=True)):
        tail: list[Part] = [(value.rjust(wide), Ink.STRONG if at == here else Ink.TEXT)]
        if wordy:
            ink = layer.trouble.ink if layer.trouble else Ink.DIM
            tail.append((f" {word.ljust(wordy)}", ink))
        tails.append(tail)
    return tails


def counts_of(layers: Sequence[Layer]) -> list[list[Part]]:
    """Return how many layers there are, and how many are in which trouble."""
    counted = Counter(layer.trouble for layer in layers if layer.trouble)
    values: list[list[Part]] = [[(f"{len(layers):,}", Ink.STRONG)]]
    for trouble, count in counted.most_common():
        values.append([(f"  {trouble.glyph} {count:,} {trouble.word}", trouble.ink)])
    return values
