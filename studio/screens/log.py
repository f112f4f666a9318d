"""Everything a job said and wrote, to read and to search."""

from textual.app import ComposeResult

from store import paths
from studio import actions
from studio.screens.dialog import Window
from studio.text import figure, safe_text
from studio.widgets.lines import Part
from studio.widgets.rows import Rows

AT_MOST = 5000


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

    def parts(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        lines = [*self._events(), *self._file()][-AT_MOST:]
        self.list.put(list(enumerate(lines)), at=len(lines) - 1)

    def _events(self) -> list[str]:
        rows, _ = actions.events(self.job)
        said = []
        for row in rows[-AT_MOST:]:
            kind = row.pop("kind", "")
            row.pop("t", None)
            said.append(f"{kind:<10} " + "  ".join(f"{key} {figure(value)}" for key, value in row.items()))
        return said

    def _file(self) -> list[str]:
        try:
            return paths.log(self.job).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    def _draw(self, line: tuple[int, str], width: int) -> list[Part]:
        return [(safe_text(line[1].expandtabs(4), width), "text")]
