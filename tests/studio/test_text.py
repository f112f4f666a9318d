"""Words from outside, and figures for people."""

import pytest

from studio import text
from studio.text import cells, safe_text
from studio.widgets.lines import wrap

HOSTILE = [
    "kick\x1b]52;c;cm0gLXJm\x07.wav",
    "snare\x1b[31mred\x1b[0m.wav",
    "a\x9b31mb",
    "rtl\u202egnp.wav",
    "isolate\u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "new\nline\rback\ttab",
    "sep\u2028\u2029",
    "half\udce9.wav",
    "tag\U000e0041",
    "zalgo" + "\u0301" * 300,
    "\x00nul\x7fdel",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_a_terminal_obeys_is_left(name: str) -> None:
    out = safe_text(name)
    out.encode("utf-8")
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in out)
    assert not set(out) & {"\u202e", "\u2066", "\u2069", "\u200b", "\ufeff", "\u2028", "\u2029"}
    assert len(out) < 60


def test_control_bytes_are_shown_not_hidden() -> None:
    assert safe_text("a\x1b[31mb\x07") == "a␛[31mb␇"


def test_markup_stays_as_it_is_written() -> None:
    assert safe_text("kick[/].wav [bold]x") == "kick[/].wav [bold]x"


def test_ordinary_names_are_untouched() -> None:
    for name in ("kick.wav", "Übung – groß.wav", "日本語の音.wav", "🥁.wav", "naïve café"):
        assert safe_text(name) == name


@pytest.mark.parametrize("name", ["x" * 300, "日本" * 150, "🥁" * 100, "a👩‍👩‍👧b" * 50])
@pytest.mark.parametrize("width", [0, 1, 2, 9, 40])
def test_never_wider_than_asked(name: str, width: int) -> None:
    assert cells(safe_text(name, width)) <= width
    assert cells(text.pad(name, width)) == width


@pytest.mark.parametrize("words", ["あ" * 30, "ab " + "あ" * 30, "aあ" * 20 + " b"])
@pytest.mark.parametrize("width", [3, 20, 21])
def test_wide_letters_are_wrapped_and_none_is_lost(words: str, width: int) -> None:
    lines = wrap(words, width)
    assert max(map(cells, lines)) <= width
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")


def test_figures() -> None:
    assert text.clock(4.25) == "0:04.2" and text.clock(725) == "12:05" and text.clock(3723) == "1:02:03"
    assert text.clock(None) == "-:--"
    assert text.span(42) == "42 s" and text.span(200) == "3 min 20 s" and text.span(7500) == "2 h 5 min"
    assert text.size(820) == "820 B" and text.size(1_400_000) == "1.4 MB"
    assert (
        text.figure(0.18341) == "0.1834"
        and text.figure([]) == "-"
        and text.figure(["a", 0.5]) == "a, 0.5"
        and text.figure(float("nan")) == "-"
        and text.figure(2e-7) == "2.0e-07"
    )
    assert text.rates([44100, 48000]) == "44.1-48 kHz" and text.rates([]) == "? kHz"
    assert text.when("not a time\x1b") == "not a time␛"
