"""Everything a job said and wrote, to read and to search; of one that runs, as it comes."""

import time
from collections import deque
from pathlib import Path
from typing import Any

from textual.app import ComposeResult

from store import paths, stream
from store.errors import Refusal
from studio import actions
from studio.messages import Highlighted
from studio.screens.dialog import Window
from studio.text import cells, figure, safe_text
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows
from studio.widgets.status import standing

AT_MOST = 5000
BYTES_AT_MOST = 1 << 20
"""Of the log file: the end is what tells why."""
WHOLE = 6
"""Rows at most for the line of the cursor."""
STILL = 10.0
"""Seconds without a new line after which it stands still."""
OPEN = ("queued", "running", "interrupted")


class Source:
    """The stream and the log file of a job, each from where it was read last."""

    def __init__(self, job: str) -> None:
        self.job = job
        self._said = self._written = 0
        self._rest = b""

    def more(self) -> list[str]:
        """Lines that are new: what was said, then what was written."""
        return [*self._events(), *self._file()]

    def _events(self) -> list[str]:
        rows: deque[dict] = deque(maxlen=2 * AT_MOST)
        while True:
            piece, end = stream.follow(paths.events(self.job), self._said, BYTES_AT_MOST)
            if end == self._said:
                break
            rows.extend(piece)
            self._said = end
        # How far it is comes five times a second: of several in a row the newest says it all.
        told = [
            row
            for at, row in enumerate(rows)
            if row.get("kind") != "progress" or at + 1 == len(rows) or rows[at + 1].get("kind") != "progress"
        ]
        return [_words(row) for row in told[-AT_MOST:]]

    def _file(self) -> list[str]:
        try:
            with open(self.path, "rb") as file:
                end = file.seek(0, 2)
                start = self._written if self._written <= end else 0
                if end - start > BYTES_AT_MOST:
                    start, self._rest = end - BYTES_AT_MOST, b""
                file.seek(start)
                text = self._rest + file.read(BYTES_AT_MOST)
                self._written = file.tell()
        except OSError:
            return []
        whole, mark, self._rest = text.rpartition(b"\n")
        return whole.decode("utf-8", "replace").splitlines() if mark else []

    def last(self) -> list[str]:
        """A last line that never came to its end."""
        rest, self._rest = self._rest, b""
        return rest.decode("utf-8", "replace").splitlines()

    @property
    def path(self) -> Path:
        return paths.log(self.job)


def _words(row: dict[str, Any]) -> str:
    kind = row.get("kind", "")
    told = {key: value for key, value in row.items() if value is not None and key not in ("kind", "t")}
    words = [
        figure(value) if key in (kind, "text") else f"{key} {figure(value)}" for key, value in told.items()
    ]
    return f"{kind:<10} " + "  ".join(words)


class Tail(Rows):
    """Keeps some rows free below the last line when it follows: the next ones then cost a row each, and
    the whole list only when they are used up."""

    def draw(self, width: int, height: int) -> list[Line]:
        lines = super().draw(width, height)
        # As many rows as before: else all of them are sent for one that is new.
        return [*lines, *[[]] * (height - len(lines))]

    def _follow(self) -> None:
        room = self._room()
        if self.cursor == len(self.shown) - 1 and not self.query_text:
            # The last line at the bottom, or above it by as many rows as are kept free.
            low, free = max(0, self.cursor - room + 1), room // 3
            if not low <= self.top <= low + min(free, self.cursor):
                self.top = low + (free if low else 0)
            return
        super()._follow()


class Log(Window):
    """The stream and the log file. ``/`` filters; at the last line it follows, above it stays."""

    DEFAULT_CSS = """
    Log > #frame { width: 96%; height: 90%; padding: 0 1; }
    """

    def __init__(self, job: str) -> None:
        super().__init__()
        self.title_words = f"log of {job}"
        self.job = job
        self.source = Source(job)
        self.lines: list[tuple[int, str]] = []
        self.count = 0
        self.found: Any = None
        """The job as it was at the last look."""
        self.came = -STILL
        """When the last line came."""
        self.state = Facts()
        self.list = Tail(
            self._draw,
            key=lambda line: line[0],
            words=lambda line: line[1],
            empty=[[("it said nothing yet", "dim")]],
        )
        self.whole = Facts()

    def parts(self) -> ComposeResult:
        yield self.state
        yield self.list
        yield self.whole

    def on_mount(self) -> None:
        self._read()
        self.list.put(self.lines, at=self.count - 1)
        self.set_interval(1.0, self._more)

    def _more(self) -> None:
        """What came in the last second; the cursor stays, unless it is at the end."""
        following = self.list.item is None or self.list.cursor == len(self.list.shown) - 1
        if self._read():
            self.came = time.monotonic()
            self.list.put(list(self.lines), at=self.count - 1 if following else None)
        self._standing()

    def _read(self) -> bool:
        self._standing()
        new = self.source.more()
        if not self.open:
            new += self.source.last()
        self.lines = [*self.lines, *enumerate(new, self.count)][-AT_MOST:]
        self.count += len(new)
        return bool(new)

    @property
    def open(self) -> bool:
        """Whether more may come."""
        return bool(self.found is not None and self.found.state in OPEN)

    def _standing(self) -> None:
        try:
            self.found = actions.ledger().get(self.job)
        except Refusal:
            return
        if self.found is None:
            self.state.show([])
            return
        told = standing(self.found, actions.ledger().standing(self.found))
        words = "  follows; scroll up to stay" if self.open else ""
        if not words and self.source.path.exists():
            words = f"  {self.source.path}"
        lines: list[Line] = [[*told, (words, "dim")]]
        why = (self.found.error or {}).get("message", "")
        self.state.show(lambda width: [*lines, *([(line, "text")] for line in wrap(why, width)[:WHOLE])])

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self.whole.show(lambda width: self._told(width))

    def _told(self, width: int) -> list[Line]:
        """The line of the cursor in full, where the list has no room for it."""
        words = self.list.item[1] if self.list.item else ""
        if self.list.cursor == len(self.list.shown) - 1 and time.monotonic() - self.came < STILL:
            # While it follows: lines that come and go here would move the whole list every second.
            return []
        if cells(safe_text(words)) < width:
            return []
        return [[(line, "dim")] for line in wrap(words, width)[:WHOLE]]

    def _draw(self, line: tuple[int, str], width: int) -> list[Part]:
        return [(safe_text(line[1].expandtabs(4), width), "text")]
