"""What stands around the map of the layers: their names, their values, how many are in trouble."""

from collections import Counter
from collections.abc import Mapping, Sequence

from trainmon.ui.charts.cells import Part, width_of
from trainmon.ui.charts.ink import Ink
from trainmon.ui.charts.numbers import number
from trainmon.ui.layers.layers import Layer
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


def tails_of(
    layers: Sequence[Layer], values: Mapping[int, float], here: int, *, worded: bool
) -> dict[int, list[Part]]:
    """Return the values of the layers at some places, and what is wrong with each, in columns."""
    told = {at: number(value) for at, value in values.items()}
    words = {at: _word(layers[at]) if worded else "" for at in values}
    wide, wordy = (max(map(len, texts.values()), default=0) for texts in (told, words))
    tails = {}
    for at, value in told.items():
        tail: list[Part] = [(value.rjust(wide), Ink.STRONG if at == here else Ink.TEXT)]
        if wordy:
            trouble = layers[at].trouble
            tail.append((f" {words[at].ljust(wordy)}", trouble.ink if trouble else Ink.DIM))
        tails[at] = tail
    return tails


def _word(layer: Layer) -> str:
    return layer.trouble.word if layer.trouble else ""


def counts_of(layers: Sequence[Layer]) -> list[list[Part]]:
    """Return how many layers there are, and how many are in which trouble."""
    counted = Counter(layer.trouble for layer in layers if layer.trouble)
    values: list[list[Part]] = [[(f"{len(layers):,}", Ink.STRONG)]]
    for trouble, count in counted.most_common():
        values.append([(f"  {trouble.glyph} {count:,} {trouble.word}", trouble.ink)])
    return values
