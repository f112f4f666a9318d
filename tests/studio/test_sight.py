"""Every terminal gets what it can show, at a real pty: colours, characters, mouse."""

import re
from pathlib import Path

import pytest

from studio.sight import look
from studio.text import cells
from studio.widgets.glyphs import drawn
from tests.studio import house
from tests.studio.terminal import Terminal

SGR = re.compile(rb"\x1b\[([\d;]*)m")


def painted(home: Path, *argv: str, keys: str = "56", **environ: str) -> Terminal:
    """The studio after a walk over some screens; it has ended."""
    from tests.studio.terminal import sys

    with Terminal(home, (100, 34), [sys.executable, "-m", "studio", *argv], environ) as terminal:
        terminal.wait("asleep|worker")
        terminal.press("1")
        terminal.quiet(0.3)
        for key in keys:
            terminal.press(key)
            terminal.quiet(0.3)
        terminal.end()
    return terminal


def codes(terminal: Terminal) -> list[list[int]]:
    found = [list(map(int, told.split(b";"))) for told in set(SGR.findall(bytes(terminal.raw))) if told]
    assert found
    return found


def test_256_colours_are_never_spelt_as_millions_UX(home: Path) -> None:
    house.furnish()
    terminal = painted(home, WOODSHED_COLOR="256")
    assert b"38;5;" in terminal.raw and b"48;5;" in terminal.raw
    assert b"38;2;" not in terminal.raw and b"48;2;" not in terminal.raw


def test_16_colours_are_the_terminals_own_UX(home: Path) -> None:
    house.furnish()
    terminal = painted(home, WOODSHED_COLOR="16")
    own = {
        *range(0, 10),
        *range(22, 30),
        *range(30, 38),
        39,
        *range(40, 48),
        49,
        *range(90, 98),
        *range(100, 108),
    }
    used = {code for told in codes(terminal) for code in told}
    assert used <= own
    assert len(used & {*range(30, 38), *range(90, 98)}) >= 4, "and there are colours"


def test_without_colour_the_cursor_is_still_seen_UX(home: Path) -> None:
    house.furnish()
    terminal = painted(home, NO_COLOR="1")
    used = {code for told in codes(terminal) for code in told}
    assert not {code for code in used if code >= 30}
    assert {1, 7} <= used, "bold and reversed"


def test_ascii_has_no_byte_above_127_UX(home: Path) -> None:
    house.furnish()
    terminal = painted(home, WOODSHED_GLYPHS="ascii", WOODSHED_COLOR="16")
    assert max(terminal.raw) < 128
    assert "#" in terminal.text and "+-" in terminal.text


def test_blocks_have_no_braille_UX(home: Path) -> None:
    house.furnish()
    text = bytes(painted(home, WOODSHED_GLYPHS="block").raw).decode()
    assert not [char for char in text if 0x2800 <= ord(char) < 0x2900]
    assert set("▛▙▟▜▌█") & set(text)


@pytest.mark.parametrize("by", ["environment", "file"])
def test_the_mouse_can_be_left_to_the_terminal_UX(home: Path, by: str) -> None:
    if by == "file":
        (home / "config").mkdir()
        (home / "config" / "studio.toml").write_text("mouse = false\n")
    terminal = painted_empty(home, **({"WOODSHED_MOUSE": "off"} if by == "environment" else {}))
    assert b"?1000h" not in terminal.raw and b"?1003h" not in terminal.raw


def painted_empty(home: Path, **environ: str) -> Terminal:
    with Terminal(home, (80, 24), environ=environ) as terminal:
        terminal.wait("datasets")
        terminal.quiet(0.3)
        terminal.end()
    return terminal


def test_low_bandwidth_sends_less_UX(home: Path) -> None:
    house.furnish()
    usual = len(painted(home, keys="56").raw)
    low = len(painted(home, "--low-bandwidth", keys="56").raw)
    assert low < 0.9 * usual, (low, usual)


@pytest.mark.parametrize(
    ("environ", "color", "glyphs"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "truecolor", "braille"),
        ({"TERM": "xterm-256color"}, "256", "braille"),
        ({"TERM": "xterm-kitty"}, "truecolor", "braille"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.x"}, "256", "braille"),
        ({"TERM": "tmux-256color", "TMUX": "x"}, "256", "braille"),
        ({"TERM": "xterm"}, "16", "braille"),
        ({"TERM": "linux"}, "16", "ascii"),
        ({"TERM": "dumb"}, "none", "braille"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "none", "braille"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256", "braille"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "WOODSHED_COLOR": "16"}, "16", "braille"),
        ({"TERM": "xterm-256color", "LC_ALL": "C"}, "256", "ascii"),
        ({"TERM": "xterm-256color", "LANG": "de_DE.ISO-8859-1"}, "256", "ascii"),
        ({"TERM": "xterm-256color", "LANG": "de_DE.UTF-8"}, "256", "braille"),
        ({"TERM": "linux", "WOODSHED_GLYPHS": "block"}, "16", "block"),
    ],
)  # fmt: skip
def test_the_terminal_is_known_by_what_it_says_UX(home: Path, environ: dict, color: str, glyphs: str) -> None:
    found = look(environ)
    assert (found.color, found.glyphs, found.wrong) == (color, glyphs, "")


def test_environment_before_file_before_guess_UX(home: Path) -> None:
    (home / "config").mkdir()
    file = home / "config" / "studio.toml"
    file.write_text('color = "16"\nglyphs = "block"\nlow_bandwidth = true\ntheme = "harbour"\n')
    told = {"TERM": "xterm-256color"}
    assert (look(told).color, look(told).glyphs, look(told).low, look(told).theme) == (
        "16",
        "block",
        True,
        "harbour",
    )
    assert look({**told, "WOODSHED_COLOR": "none", "WOODSHED_LOW_BANDWIDTH": "off"}).color == "none"
    assert look({**told, "WOODSHED_LOW_BANDWIDTH": "off"}).low is False


def test_far_away_is_measured_only_over_ssh_and_outside_tmux_UX(home: Path) -> None:
    assert look({"TERM": "xterm"}).low is False
    assert look({"TERM": "xterm", "SSH_CONNECTION": "a 1 b 2"}).low is None
    assert look({"TERM": "tmux", "SSH_CONNECTION": "a 1 b 2", "TMUX": "x"}).low is False
    assert look({"TERM": "xterm", "SSH_CONNECTION": "a 1 b 2"}, low=True).low is True


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('colour = "256"', "did you mean 'color'"),
        ('color = "265"', "did you mean '256'"),
        ("glyphs = 3", "braille, block, ascii"),
        ("mouse = ", "usual settings"),
        ("theme = 4", "name of a theme"),
    ],
)
def test_a_wrong_setting_is_one_line_with_the_file_and_what_is_near_UX(
    home: Path, text: str, said: str
) -> None:
    (home / "config").mkdir()
    (home / "config" / "studio.toml").write_text(text)
    wrong = look({"TERM": "xterm"}).wrong
    assert said in wrong and "studio.toml" in wrong and "\n" not in wrong


def test_what_stands_in_is_as_wide_as_what_it_stands_for_UX() -> None:
    words = "kick ⣿⡇⠁ ▁▇ ✓✗▲ é ü 鼓 ドラム 🥁 ──━━ ╭╮ … ½"
    for glyphs in ("block", "ascii"):
        assert cells(drawn(words, glyphs)) == cells(words)
    assert drawn(words, "ascii").isascii()
    assert drawn("é鼓✓", "ascii") == "e??+"
    assert drawn("⣿⡇⠉", "block") == "█▌▀"


@pytest.mark.parametrize("size", [(60, 20), (40, 12), (200, 60)], ids=str)
def test_every_size_is_painted_without_a_key_UX(home: Path, size: tuple[int, int]) -> None:
    house.furnish()
    with Terminal(home, size) as terminal:
        terminal.wait("Data")
        for key in "123456":
            terminal.press(key)
            terminal.quiet(0.15)
        assert terminal.end() == 143
        assert b"Traceback" not in terminal.raw
