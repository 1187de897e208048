"""A partial repaint that sends the cells that changed, and not what stands left of them."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate
from textual.strip import Strip


def exact(update: RenderableType | None) -> RenderableType | None:
    """Return the exact form of a partial repaint, and any other as it is."""
    if isinstance(update, ChopsUpdate):
        return ExactUpdate(update.chops, update.spans, update.chop_ends)
    return update


class ExactUpdate(ChopsUpdate):
    """Sends the dirty spans cell by cell.

    Textual begins each span where its widget begins: of a chart as wide as the screen, every
    change near its right end would send the whole row, once for each span in it.
    """

    def render_segments(self, console: Console) -> str:
        """Return the text and the sequences that a terminal is sent."""
        return "".join(
            f"\x1b[{row + 1};{col + 1}H{piece.render(console)}"
            for row, col, piece in self._pieces()
        )

    def _pieces(self) -> Iterator[tuple[int, int, Strip]]:
        """Yield row and column of each piece of a widget that lies in a dirty span."""
        for row, start, stop in self.spans:
            chops = self.chops[row].items()
            for end, (begin, strip) in zip(self.chop_ends[row], chops, strict=True):
                first, last = max(begin, start), min(end, stop)
                if strip is not None and first < last:
                    yield row, first, strip.crop(first - begin, last - begin)
