"""What is sent to the terminal of a part of the screen that changed: that part and no more."""

from collections.abc import Iterator

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate
from textual.strip import Strip


class Cropped(ChopsUpdate):
    """Textual cuts what it sends at the right only: a digit at the end of a row would cost the whole row."""

    @classmethod
    def of(cls, update: ChopsUpdate) -> "Cropped":
        return cls(update.chops, update.spans, update.chop_ends)

    def render_segments(self, console: Console) -> str:
        """Escape sequences that draw the changed spans."""
        last = self.spans[-1][0]
        sent = []
        for y, first, end in self.spans:
            for x, strip in self._parts(y, first, end):
                sent += [Control.move_to(x, y).segment.text, strip.render(console)]
            if y != last:
                sent.append("\n")
        return "".join(sent)

    def _parts(self, y: int, first: int, end: int) -> Iterator[tuple[int, Strip]]:
        """Where in row ``y`` something is drawn between two columns, and what."""
        for over, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
            if strip is None or x >= end or over <= first:
                continue
            start, stop = max(x, first), min(over, end)
            yield start, (strip if (start, stop) == (x, over) else strip.crop(start - x, stop - x))
