"""What a studio would be made of without ours: stock widgets at a pty, stock pictures as terminal text."""

import io
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec

HEAD = """
from textual.app import App
from textual.widgets import DataTable, OptionList, Static
from textual.widgets.option_list import Option
"""
BARE = """
class Bare(App):
    def compose(self): yield Static("READY")
Bare().run()
"""
LIST = """
class List(App):
    def compose(self): yield OptionList(*[Option(f"row {i:03d} of the list") for i in range(200)])
List().run()
"""
TABLE = """
class Table(App):
    def compose(self): yield DataTable(cursor_type="row")
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("name", "length", "rate", "peak")
        for i in range(200):
            table.add_row(f"row {i:03d} of the list", "0:01.3", "48 kHz", "-3.0 dB")
Table().run()
"""
LIVE = """
class Live(App):
    done = 60
    def compose(self): yield DataTable()
    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_column("what", key="what"); table.add_column("is", key="is", width=40)
        for name in ("READY", "loss", "valid", "kl", "stft", "left"):
            table.add_row(name, "0", key=name)
        self.set_interval(1.0, self.tick)
    def tick(self):
        self.done += 1
        for name in ("READY", "loss", "valid", "kl", "stft", "left"):
            self.query_one(DataTable).update_cell(name, "is", f"{self.done / 7:.5f}")
Live().run()
"""


def argv(code: str) -> list[str]:
    """A program of stock widgets."""
    return [sys.executable, "-c", HEAD + code]


def plotted(series: Sequence[Sequence[float]], width: int, height: int) -> tuple[Callable[[], str], str]:
    """What draws curves in braille, and its name: plotext where there is one."""
    if find_spec("plotext") is None:
        return lambda: _points(series, width, height), "dots by rich"
    import plotext

    def draw() -> str:
        plotext.clear_figure()
        plotext.theme("clear")
        plotext.plotsize(width, height)
        for values, color in zip(series, ("red", "blue"), strict=False):
            plotext.plot(list(values), marker="braille", color=color)
        return plotext.build()

    return draw, "plotext"


def _points(series: Sequence[Sequence[float]], width: int, height: int) -> str:
    """Every value a dot, in rich's own text."""
    from rich.text import Text

    low, high = min(map(min, series)), max(map(max, series))
    rows = [[(" ", "")] * width for _ in range(height)]
    for values, color in zip(series, ("red", "blue"), strict=False):
        for at, value in enumerate(values):
            y = round((high - value) / (high - low) * (height - 1))
            rows[y][at * width // len(values)] = ("•", color)
    return rendered(Text("\n").join(Text.assemble(*row) for row in rows))


def half_blocks(picture: bytes, across: int, down: int, width: int, height: int) -> str:
    """A picture of levels as rich text of half blocks, a cell at a time."""
    from rich.style import Style
    from rich.text import Text

    lines = []
    for y in range(height):
        line = Text()
        for x in range(width):
            upper, lower = (
                picture[(2 * y + half) * down // (2 * height) * across + x * across // width]
                for half in (0, 1)
            )
            line.append("▀", Style.parse(f"rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})"))
        lines.append(line)
    return rendered(Text("\n").join(lines))


def rendered(what: object) -> str:
    """What rich sends to a terminal of true colour."""
    from rich.console import Console

    out = io.StringIO()
    Console(file=out, force_terminal=True, color_system="truecolor", width=200).print(what)
    return out.getvalue()
