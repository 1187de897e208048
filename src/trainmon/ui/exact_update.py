"""A partial repaint that sends the cells that changed, and not what stands left of them."""

from collections.abc import Iterator

from rich.console import Console
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.strip import Strip


class ExactUpdate(ChopsUpdate):
    """Sends the dirty spans cell by cell.

    Textual begins each span where its widget begins: of a chart as wide as the screen, every
    change near its right end would send the whole row, once for each span in it.
    """

    @classmethod
    def of(cls, update: CompositorUpdate) -> CompositorUpdate:
        """Return the exact form of a partial repaint, and any other update as it is."""
        if type(update) is not ChopsUpdate:
            return update
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """Return the text and the sequences that a terminal is sent."""
        return "".join(
            f"\x1b[{row + 1};{col + 1}H{strip.render(console)}"
            for row, col, strip in self._pieces()
        )

    def _pieces(self) -> Iterator[tuple[int, int, Strip]]:
        """Yield row and column of each piece of a widget that lies in a dirty span."""
        for row, start, stop in self.spans:
            for end, (begin, strip) in zip(
                self.chop_ends[row], self.chops[row].items(), strict=True
            ):
                first, last = max(begin, start), min(end, stop)
                if strip is not None and first < last:
                    yield row, first, strip.crop(first - begin, last - begin)
