"""Few bytes, the same picture: what is sent draws what Textual's own way would have drawn."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from studio import sight
from studio.widgets.sending import Pen, Sparing, sequence
from tests.studio import house
from tests.studio.browser import program

CONSOLE = Console(force_terminal=True, color_system="truecolor")
COLORS = st.sampled_from([None, "#102030", "#ffffff", "red", "color(130)", "default"])
BITS = st.sampled_from([None, True, False])
STYLES = st.one_of(
    st.none(),
    st.builds(Style, color=COLORS, bgcolor=COLORS, bold=BITS, underline=BITS, reverse=BITS, strike=BITS),
)
TEXTS = st.one_of(st.text("ab ▀⣿", min_size=1, max_size=5), st.integers(1, 30).map(" ".__mul__))
SEGMENTS = st.lists(
    st.builds(lambda text, style: Segment(text, style), TEXTS, STYLES), min_size=1, max_size=8
)


def seen(sequences: str, columns: int = 300, rows: int = 3) -> list[tuple]:
    """Cells of a terminal that showed something else before; of a blank only what is seen of it."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed("\x1b[31;44m" + "x" * columns * rows + "\x1b[m\x1b[H" + sequences)
    blank = " "
    return [
        (cell.data, cell.bg, cell.underscore, cell.reverse, cell.strikethrough)
        + ((cell.fg, cell.bold) if cell.data != blank or cell.reverse else ())
        for y in range(rows)
        for cell in (screen.buffer[y][x] for x in range(columns))
    ]


@given(st.lists(SEGMENTS, min_size=1, max_size=3), st.booleans())
def test_one_pen_draws_what_all_of_a_style_for_each_piece_draws_UX(rows: list, erases: bool) -> None:
    pen = Pen(CONSOLE._color_system, erases)
    ours = "".join(f"\x1b[{y};1H{pen.write(Strip(row))}" for y, row in enumerate(rows, 1)) + pen.rest()
    theirs = "".join(f"\x1b[{y};1H{Strip(row).render(CONSOLE)}" for y, row in enumerate(rows, 1))
    assert seen(ours) == seen(theirs)
    assert seen(ours + "z") == seen(ours + "\x1b[mz"), "and leaves the terminal plain"


@given(SEGMENTS, st.integers(0, 30), st.integers(1, 30))
def test_of_a_part_that_part_is_drawn_and_no_more_UX(row: list, first: int, width: int) -> None:
    strip = Strip(row)
    length = strip.cell_length
    first = min(first, length - 1)
    end = min(first + width, length)
    update = ChopsUpdate([{0: strip}], [(0, first, end)], [[length]])
    part = f"\x1b[1;{first + 1}H{strip.crop(first, end).render(CONSOLE)}"
    assert seen(Sparing(update, True).render_segments(CONSOLE)) == seen(part)


def test_a_whole_screen_is_drawn_where_it_lies_UX() -> None:
    strips = [[Strip([Segment("one", Style(color="red"))]), Strip([Segment("two")])], [Strip.blank(3)]]
    update = LayoutUpdate(strips, Region(2, 1, 6, 2))
    sent = Sparing(update, False).render_segments(CONSOLE)
    assert seen(sent) == seen("\x1b[2;3H\x1b[31mone\x1b[mtwo\x1b[3;3H   ")


def test_less_is_sent_UX() -> None:
    red, blue = Style(color="#ff0000", bgcolor="#000020"), Style(color="#0000ff", bgcolor="#000020")
    strip = Strip([Segment("a", red), Segment(" " * 60, blue), Segment("b", red), Segment("c", blue)])
    assert len(sequence(strip, CONSOLE)) * 2 < len(strip.render(CONSOLE))
    assert sequence(strip, CONSOLE).count("38;2;255;0;0") == 1, "a blank has no colour of characters"


@pytest.mark.parametrize(
    ("environ", "erases"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}, True),
        ({"TERM": "screen-256color"}, False),
        ({"TERM": "screen.xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "vt220"}, False),
        ({}, False),
    ],
)
def test_blanks_are_said_by_their_number_where_that_is_understood_UX(
    home: Path, environ: dict[str, str], erases: bool
) -> None:
    assert sight.look(environ).erases is erases


def test_tmux_shows_the_same_with_and_without_erasing_UX(home: Path) -> None:
    program("tmux")
    house.furnish()
    shown = []
    tmux = ["tmux", "-f", "/dev/null", "-S", str(home / "tmux.sock")]
    for term in ("tmux-256color", "screen-256color"):
        studio = f"env -u TMUX -u STY COLORTERM=truecolor TERM={term} {shlex.quote(sys.executable)} -m studio"
        subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "40", studio], check=True)
        try:
            end = time.monotonic() + 30
            picture = before = ""
            while time.monotonic() < end and not ("kick_tight" in picture and picture == before):
                time.sleep(1.2)
                before = picture
                out = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True)
                picture = out.stdout.decode()
            assert "kick_tight" in picture
            subprocess.run([*tmux, "send-keys", "q"], check=True)
            while subprocess.run([*tmux, "has-session"], capture_output=True).returncode == 0:
                time.sleep(0.1)
        finally:
            subprocess.run([*tmux, "kill-server"], capture_output=True)
        shown.append(seen(picture.replace("\n", "\r\n"), 120, 41))
    assert shown[0] == shown[1]
