"""Curves, waves and spectrograms: what is drawn is what was measured."""

import math
from array import array

from studio.course import LOSS, Course
from studio.sight import Sight
from studio.widgets import ink as inks
from studio.widgets.chart import chart, frame_of, nice, roomy, whole
from studio.widgets.curve import bounds, extremes, plot
from studio.widgets.heat import heat, read_picture, scaled
from studio.widgets.ink import COLORS, LEVELS, Ink, load, names
from studio.widgets.lines import changed_cells, strip
from studio.widgets.wave import read_peaks, resampled, thumbnail, wave

INK = Ink(load("woodshed"))
NAN = float("nan")


def points(*values: float) -> tuple:
    return range(len(values)), values


def lit(strips: list) -> set[tuple[int, int]]:
    """(column, row) of every dot."""
    dots = (
        (0x1, 0, 0),
        (0x2, 0, 1),
        (0x4, 0, 2),
        (0x40, 0, 3),
        (0x8, 1, 0),
        (0x10, 1, 1),
        (0x20, 1, 2),
        (0x80, 1, 3),
    )
    found = set()
    for y, row in enumerate(strips):
        for x, char in enumerate(row.text):
            bits = ord(char) - 0x2800 if char != " " else 0
            found |= {(2 * x + dx, 4 * y + dy) for bit, dx, dy in dots if bits & bit}
    return found


def test_a_rising_line_rises() -> None:
    dots = lit(plot([points(*map(float, range(40)))], ["train"], 20, 5, INK))
    assert (0, 19) in dots and (39, 0) in dots
    assert all(any(x == column for x, _ in dots) for column in range(40))


def test_a_spike_among_thousands_is_seen() -> None:
    values = [0.0] * 5000
    values[3123] = 1.0
    dots = lit(plot([points(*values)], ["train"], 40, 5, INK))
    assert any(y == 0 for _, y in dots)


def test_nan_is_a_gap() -> None:
    dots = lit(plot([points(1.0, 1.0, NAN, NAN, 1.0, 2.0)], ["train"], 3, 2, INK))
    assert {x for x, _ in dots} == {0, 1, 4, 5}
    assert extremes(points(NAN, NAN), 2, 0, 1) == [None, None]


def test_few_points_are_joined_and_stay_where_they_are() -> None:
    dots = lit(plot([([0, 10], [0.0, 1.0]), ([5], [0.5])], ["train", "valid"], 10, 5, INK))
    assert {x for x, _ in dots} == set(range(20)), "a line from the first point to the last"
    assert extremes(([4.0, 6.0], [1.0, 3.0]), 11, 0, 10)[3:8] == [None, (1, 1), (2, 2), (3, 3), None]


def test_axes_end_at_round_numbers_that_stay_while_the_curve_grows() -> None:
    assert [nice(v) for v in (0.0, 0.31, 61, 180, 1000, -0.2)] == [0.0, 0.4, 80.0, 200.0, 1000.0, -0.2]
    assert [nice(v, up=False) for v in (0.31, 61, 1000)] == [0.3, 60.0, 1000.0]
    low, high = roomy((0.153, 1.754), log=False)
    assert low <= 0.153 and high >= 1.754 and high - low < 2.2
    assert roomy((0.153, 1.754), log=True) == (0.15, 2.0)


def test_log_axis_needs_no_positive_values() -> None:
    assert bounds([[0.0, -1.0]], log=True) == (0.0, 1.0) or bounds([[0.0, -1.0]], log=True)[1] > 0
    rows = plot([points(*[10**-i for i in range(8)])], ["train"], 8, 4, INK, log=True)
    places = sorted(lit(rows))
    assert places[0][1] == 0 and places[-1][1] == 15
    plot([points(0.0, 1.0, -5.0, 10.0)], ["train"], 8, 4, INK, log=True)


def test_nothing_and_one_point_are_drawn_too() -> None:
    assert len(charted([points(), points()])) == 6
    assert len(charted([points(0.5), points(NAN)], log=True)) == 6
    assert all(row.cell_length == 40 for row in charted([points(1.0, 2.0)]))


def charted(series: list, log: bool = False, ends: tuple | None = None, **more: object) -> list:
    return chart(series, ["train", "valid"], frame_of(series, 40, 6, log, ends), INK, letters="tv", **more)


def test_curves_that_end_together_have_their_letters_below_one_another() -> None:
    rows = charted([points(1.0, 2.0, 1.5), points(1.0, 2.0, 1.5)])
    at = {row.text[x]: (x, y) for y, row in enumerate(rows[:-1]) for x in range(8, 40) if row.text[x] in "tv"}
    assert at["t"][0] == at["v"][0] and at["v"][1] == at["t"][1] + 1


def test_a_part_of_a_curve_is_drawn_to_its_edges_and_on_its_own_axis() -> None:
    series = [(range(1000), [i / 1000 for i in range(1000)])]
    rows = charted(series, ends=(500.0, 510.0))
    assert rows[-1].text.split() == ["500", "510", "epoch"]
    assert rows[0].text.strip().startswith("0.51") and "0.4995┤" in rows[-2].text
    seen = [row.crop(8, 40) for row in rows[:-1]]
    assert {x for x, _ in lit(seen) if x < 60} == set(range(60)), "no gap at the left edge"
    assert whole(series) == (0.0, 1000.0)
    far = charted([([0, 100], [1.0, 2.0])], ends=(40.0, 60.0))
    assert lit([row.crop(8, 36) for row in far[:-1]]), "a line between points that lie outside"


def test_cursor_and_best_are_marked_where_they_are() -> None:
    rows = charted([points(*map(float, range(40)))], cursor=10.0, best=20.0)
    assert rows[0].text[8 + 8] == "┊" and rows[-1].text.index("▲") == 8 + round(20 / 40 * 31)


def test_only_the_cells_that_changed_are_sent_UX() -> None:
    def row(*parts: tuple[str, str]) -> object:
        return strip(parts, 30, INK)

    assert changed_cells(row(("loss 0.31", "text")), row(("loss 0.32", "text"))) == (8, 9)
    assert changed_cells(row(("a", "text")), row(("a", "bad"))) == (0, 1)
    same = row(("ab", "text"))
    assert changed_cells(same, strip([("a", "text"), ("b", "text")], 30, INK)) == (0, 0)
    assert changed_cells(row(("漢字 1", "text")), row(("漢字 2", "text"))) == (5, 6)
    assert changed_cells(row(("字x", "text")), row(("abx", "text"))) == (0, 2)
    assert changed_cells(row(("e", "text")), row(("e\u0301", "text"))) in ((0, 1), (0, 30))


def test_resuming_from_a_checkpoint_cuts_the_curve() -> None:
    course = Course("x")

    def shown() -> list[str]:
        return [term.key for term in course.shown(LOSS)]

    for epoch in [1, 2, 3, 4, 5, 4, 5, 6]:
        course.add({"epoch": epoch, "loss": epoch * 1.0, "validation": None})
    course.add({"epoch": 6.5, "loss": 6.5})
    assert shown() == ["loss", "validation"]
    for epoch in (6.5, 7, 7.5):
        course.add({"epoch": epoch, "train": 0.25})
    assert shown() == ["train", "validation"]
    assert course.curves["loss"] == ([1, 2, 3, 4, 5, 6, 6.5], [1, 2, 3, 4, 5, 6, 6.5])
    places, held = course.curves["validation"]
    assert places == [1, 2, 3, 4, 5, 6] and all(math.isnan(v) for v in held)


def test_wave_is_symmetric_and_full_scale_fills_it() -> None:
    dots = lit(wave(array("b", [-127, 127] * 20), 10, 4, INK))
    assert {y for _, y in dots} == set(range(16))
    assert lit(wave(array("b", [0, 0] * 20), 10, 4, INK))


def test_thumbnail_has_a_bar_per_column() -> None:
    assert (
        thumbnail(array("b", [-1, 1, -127, 127, 0, 0, -64, 64]), 4) == "▁▇▁▄"
        or len(thumbnail(array("b", [0, 0]), 4)) == 4
    )
    assert thumbnail(array("b"), 8) == ""
    assert resampled(array("b", [-5, 5, -9, 2]), 1) == [(-9, 5)]


def test_missing_and_wrong_pictures_are_empty(tmp_path) -> None:
    assert not read_peaks(tmp_path / "none") and read_picture(tmp_path / "none", (4, 4)) == b""
    (tmp_path / "short").write_bytes(b"123")
    assert read_picture(tmp_path / "short", (4, 4)) == b""


def test_heat_keeps_its_corners() -> None:
    rows = scaled(bytes([255, 0, 0, 0]), (2, 2), 10, 4)
    assert rows[0][0] == LEVELS - 1 and rows[0][-1] == 0 and rows[-1][0] == 0
    strips = heat(rows, INK)
    assert len(strips) == 2 and all(strip.cell_length == 10 for strip in strips)
    assert (
        strips[0]._segments[0].style.color == INK.heat[-1]
        or strips[0]._segments[0].style.bgcolor == INK.heat[-1]
    )


def test_every_theme_has_every_colour() -> None:
    assert {"woodshed", "harbour"} <= set(names())
    for name in names():
        theme = load(name)
        assert theme["name"] == name
        assert set(theme["colors"]) == set(COLORS)
        assert len(Ink(theme).heat) == (len(theme["heat"]["stops"]) if theme["sixteen"] else LEVELS)


def test_words_can_be_read_in_every_theme() -> None:
    """Contrast of text and ground at least 4.5:1, of dim words 4:1 (WCAG)."""
    for name in names():
        colors = load(name)["colors"]
        for ground in ("background", "surface", "panel"):
            assert contrast(colors["text"], colors[ground]) >= 7
            assert contrast(colors["dim"], colors[ground]) >= 4
            assert contrast(colors["accent"], colors[ground]) >= 4.5


def contrast(a: str, b: str) -> float:
    def light(color: str) -> float:
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_broken_theme_file_gives_the_usual_one(home) -> None:
    folder = home / "config" / "themes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("[colors]\ntext = 'red'\n")
    assert inks.load("mine")["name"] == "woodshed"
    assert inks.load("\x1b[31m/../..")["name"] == "woodshed"


def test_without_colours_one_curve_is_whole_and_the_other_dashed_UX() -> None:
    ink = Ink(load("woodshed"), Sight(color="none"))
    flat, high = points(*[0.0] * 60), points(*[1.0] * 60)
    top, *_, bottom = [row.text for row in plot([flat, high], ["train", "valid"], 30, 4, ink)]
    assert " " not in top and bottom.count(" ") == 10


def test_a_spectrogram_without_colours_is_read_by_its_shades_UX() -> None:
    rows = scaled(bytes(range(0, 256, 4)) * 2, (64, 2), 64, 2)
    for glyphs, shades in (("braille", " ░▒▓█"), ("ascii", " .:-=+*#%@")):
        (row,) = heat(rows, Ink(load("woodshed"), Sight(color="none", glyphs=glyphs)))
        order = [shades.index(char) for char in row.text]
        assert order == sorted(order) and set(row.text) == set(shades)
        assert not any(segment.style and segment.style.color for segment in row)
