"""Names of layers, ranks and metrics in little room: what tells them apart is kept."""

from collections.abc import Sequence

from trainmon.ui.charts.cells import CONTINUED, ELLIPSIS, codes, decoded, fitting

_TAIL_SHARE = 0.6
"""Of the room: what the end of a name gets, which tells more than its beginning."""


def folded(name: str, width: int) -> str:
    """Return a name in at most `width` cells, with its beginning and its end.

    >>> folded("layers.11.attention.query.weight", 16)
    'layers…ry.weight'
    """
    cells = codes(name)
    if len(cells) <= width:
        return name
    if width <= 1:
        return ELLIPSIS[:width]
    tail = cells[len(cells) - int(_TAIL_SHARE * (width - 1)) :]
    if len(tail) and tail[0] == CONTINUED:
        tail = tail[1:]
    head = fitting(cells, width - 1 - len(tail))
    return f"{decoded(head)}{ELLIPSIS}{decoded(tail)}"


def without_common(names: Sequence[str]) -> list[str]:
    """Return names less the modules that all of them begin with; each keeps its last part.

    >>> without_common(["model.stem.weight", "model.head.weight"])
    ['stem.weight', 'head.weight']
    """
    parts = [name.split(".") for name in names]
    if len(parts) < 2:  # noqa: PLR2004 - of a single name all is its own
        return list(names)
    shortest = min(map(len, parts)) - 1
    common = 0
    while common < shortest and len({part[common] for part in parts}) == 1:
        common += 1
    return [".".join(part[common:]) for part in parts]
