"""Everything a job said and wrote, to read and to search, as it comes; and what the house itself wrote."""

import time
from collections import deque
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


class File:
    """A log file, from where it was read last."""

    def __init__(self, name: str) -> None:
        self.path = paths.log(name)
        self._read = 0
        self._rest = b""

    def more(self) -> list[str]:
        """Lines that are new and came to their end."""
        try:
            with open(self.path, "rb") as file:
                end = file.seek(0, 2)
                start = self._read if self._read <= end else 0
                if end - start > BYTES_AT_MOST:
                    start, self._rest = end - BYTES_AT_MOST, b""
                file.seek(start)
                text = self._rest + file.read(BYTES_AT_MOST)
                self._read = file.tell()
        except OSError:
            return []
        whole, mark, self._rest = text.rpartition(b"\n")
        return whole.decode("utf-8", "replace").splitlines() if mark else []

    def last(self) -> list[str]:
        """A last line that never came to its end."""
        rest, self._rest = self._rest, b""
        return rest.decode("utf-8", "replace").splitlines()


class OfJob(File):
    """The stream of a job, then its log file."""

    def __init__(self, job: str) -> None:
        super().__init__(job)
        self.job = job
        self._said = 0

    def more(self) -> list[str]:
        """Lines that are new: what was said, then what was written."""
        return [*self._events(), *super().more()]

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


class OfHouse:
    """What the worker, the sound device and the studio wrote of their own troubles."""

    def __init__(self) -> None:
        self.files = [File(name) for name in ("audio", "worker", "studio")]
        self.path = paths.log("studio").parent

    def more(self) -> list[str]:
        """Lines that are new."""
        return [f"{file.path.stem:<7} {line}" for file in self.files for line in file.more()]

    def last(self) -> list[str]:
        """Lines that never came to their end."""
        return [f"{file.path.stem:<7} {line}" for file in self.files for line in file.last()]


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
            low = max(0, self.cursor - room + 1)
            free = room // 3 if low else 0
            if not low <= self.top <= low + free:
                self.top = low + free
            return
        super()._follow()


class Log(Window):
    """The stream and the log file. ``/`` filters; at the last line it follows, above it stays."""

    DEFAULT_CSS = """
    Log > #frame { width: 96%; height: 90%; padding: 0 1; }
    """

    def __init__(self, job: str = "") -> None:
        """Of one job; without it of the house: its worker, its sound device, the studio itself."""
        super().__init__()
        self.title_words = f"log of {job}" if job else "logs of the house"
        self.job = job
        self.source = OfJob(job) if job else OfHouse()
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
            empty=[[("it said nothing yet" if job else "nothing went wrong yet", "dim")]],
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
            self.found = actions.ledger().get(self.job) if self.job else None
        except Refusal:
            return
        if self.found is None:
            self.state.show([] if self.job else [[(str(self.source.path), "dim")]])
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
