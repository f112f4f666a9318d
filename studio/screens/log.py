"""Everything a job said and wrote, to read and to search."""

from collections import deque

from textual.app import ComposeResult

from store import paths
from studio import actions
from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.text import cells, figure, safe_text
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

AT_MOST = 5000
WHOLE = 6
"""Rows at most for the line of the cursor."""


class Log(Window):
    """The end of the log file, or the events where there is none; ``/`` filters."""

    DEFAULT_CSS = """
    Log > #frame { width: 96%; height: 90%; padding: 0 1; }
    """

    def __init__(self, job: str) -> None:
        super().__init__()
        self.title_words = f"log of {job}"
        self.job = job
        self.list = Rows(
            self._draw,
            key=lambda line: line[0],
            words=lambda line: line[1],
            empty=[[("it said nothing yet", "dim")]],
        )
        self.whole = Facts()

    def parts(self) -> ComposeResult:
        yield self.list
        yield self.whole

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self.whole.show(lambda width: self._told(width))

    def _told(self, width: int) -> list[Line]:
        """The line of the cursor in full, where the list has no room for it."""
        words = self.list.item[1] if self.list.item else ""
        if cells(safe_text(words)) < width:
            return []
        return [[(line, "dim")] for line in wrap(words, width)[:WHOLE]]

    def on_mount(self) -> None:
        lines = [*self._events(), *self._file()][-AT_MOST:]
        self.list.put(list(enumerate(lines)), at=len(lines) - 1)

    def _events(self) -> list[str]:
        rows: deque[dict] = deque(maxlen=AT_MOST)
        for piece, _ in actions.pieces(self.job):
            rows.extend(piece)
        said = []
        for row in rows:
            kind = row.pop("kind", "")
            row.pop("t", None)
            told = {key: value for key, value in row.items() if value is not None}
            words = [figure(value) if key in (kind, "text") else f"{key} {figure(value)}"
                     for key, value in told.items()]  # fmt: skip
            said.append(f"{kind:<10} " + "  ".join(words))
        return said

    def _file(self) -> list[str]:
        try:
            return paths.log(self.job).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _draw(self, line: tuple[int, str], width: int) -> list[Part]:
        return [(safe_text(line[1].expandtabs(4), width), "text")]
