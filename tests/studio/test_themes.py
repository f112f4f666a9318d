"""Themes: to be read, told apart by every eye they promise it to, and edited while they are worn."""

import asyncio
import itertools
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.errors import BadInput
from store.library import Library
from studio import themes
from studio.palettes import FIXED, between, contrast, distance, oklab, parse, ramp_256
from studio.widgets import ink as inks
from studio.widgets.lines import Lines
from tests.studio.conftest import shown, studio
from tests.studio.eyes import MACHADO, VIENOT, seen

OURS = sorted(path.stem for path in themes.folders()[0].glob("*.toml"))
APART = 0.1
"""OKLab distance that colours of different meaning keep at least."""
PAIRS = (*itertools.combinations(("good", "warn", "bad"), 2), ("train", "valid"), ("accent", "second"))


def colors(name: str) -> dict:
    return {role: parse(text) for role, text in themes.load(name)["colors"].items()}


def test_there_is_something_for_everyone_UX() -> None:
    all = [themes.load(name) for name in OURS]
    assert len(all) >= 6 and {theme["dark"] for theme in all} == {True, False}
    assert {eyes for theme in all for eyes in theme["safe_for"]} == set(themes.EYES)
    assert any(theme["sixteen"] for theme in all)
    assert (
        all
        and {theme["words"] for theme in all} - {""}
        and len({theme["words"] for theme in all}) == len(all)
    )


@pytest.mark.parametrize("name", OURS)
def test_words_are_read_on_every_ground_UX(name: str) -> None:
    told = colors(name)
    sixteen = themes.load(name)["sixteen"]
    for ground in themes.GROUNDS:
        # Of the sixteen only the text itself is drawn on the cursor's row.
        for role in (
            ("text",)
            if sixteen and ground == "raised"
            else ("text", "accent", "second", "good", "warn", "bad")
        ):
            assert contrast(told[role], told[ground]) >= 4.5, (
                role,
                ground,
                contrast(told[role], told[ground]),
            )
        if not (sixteen and ground == "raised"):
            assert contrast(told["dim"], told[ground]) >= 3


@pytest.mark.parametrize("name", OURS)
def test_meanings_are_told_apart_UX(name: str) -> None:
    told = colors(name)
    for one, other in PAIRS:
        assert distance(told[one], told[other]) >= APART, (one, other)


@pytest.mark.parametrize(
    ("name", "eyes", "matrix"),
    [
        (name, eyes, table[eyes])
        for name in OURS
        for eyes in themes.load(name)["safe_for"]
        for table in (MACHADO, VIENOT)
        if eyes in table
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_they_are_told_apart_by_the_eyes_they_are_for_UX(name: str, eyes: str, matrix: tuple) -> None:
    told = {role: seen(color, matrix) for role, color in colors(name).items()}
    for one, other in PAIRS:
        assert distance(told[one], told[other]) >= APART, (one, other, distance(told[one], told[other]))


@pytest.mark.parametrize("name", OURS)
def test_the_ramp_of_pictures_goes_one_way_UX(name: str) -> None:
    theme = themes.load(name)
    stops = [parse(stop) for stop in theme["heat"]["stops"]]
    ramp = stops if theme["sixteen"] else [between(stops, step / 31) for step in range(32)]
    sign = 1 if theme["dark"] else -1
    lights = [sign * oklab(color)[0] for color in ramp]
    assert all(a < b for a, b in itertools.pairwise(lights)), lights
    fixed = [sign * oklab(FIXED[number - 16])[0] for number in ramp_256(ramp)]
    assert all(a <= b for a, b in itertools.pairwise(fixed))
    assert len(set(ramp_256(ramp))) >= min(len(ramp), 10)


GOOD = (themes.folders()[0] / "harbour.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('accent = "#56b4e9"', 'acent = "#56b4e9"', "colors.acent: no such field (did you mean 'accent'?)"),
        ('accent = "#56b4e9"', 'accent = "blue"', "colors.accent: 'blue' is no colour"),
        ('accent = "#56b4e9"', 'accent = "ansi_blu"', "did you mean 'ansi_blue'?"),
        ('accent = "#56b4e9"', "", "colors.accent: missing"),
        ("dark = true", "dark = 3", "dark: 3 is neither true nor false"),
        ('"protanopia"]', '"protanopy"]', "safe_for"),
        ("[heat]", "[heats]", "heats: no such field"),
        ("dark = true", "dark = ", "line"),
    ],
)
def test_a_broken_file_is_told_by_file_and_field_UX(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as told:
        themes.read(path)
    assert said in str(told.value) and str(path) in str(told.value) and "\n" not in str(told.value)


WILD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["#112233", "ansi_red"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*themes.COLORS, "stops", "x"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*themes.FIELDS, "y"]), WILD, max_size=6))
def test_no_wild_theme_is_taken_or_breaks_anything_UX(told: dict) -> None:
    with pytest.raises(ValueError):
        themes._checked(told, "wild")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_wild_bytes_break_anything_UX(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "wild.toml"
    path.write_bytes(data)
    with pytest.raises(BadInput):
        themes.read(path)


async def test_an_edited_theme_is_worn_at_once_and_a_broken_one_is_not_UX(
    library: Library, home: Path
) -> None:
    mine = home / "config" / "themes" / "mine.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text(GOOD)
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        app.set_theme("mine")
        await asyncio.sleep(0.1)
        mine.write_text(GOOD.replace('text = "#dbe3ec"', 'text = "#ffddaa"'))
        app.poll()
        await pilot.pause()
        assert app.ink.colors["text"] == "#ffddaa"
        colours = {
            s.style.color.name
            for row in app.screen._compositor.render_strips()
            for s in row
            if s.style and s.style.color
        }
        assert "#ffddaa" in colours and "#dbe3ec" not in colours
        mine.write_text(GOOD.replace('text = "#dbe3ec"', 'text = "red"'))
        os.utime(mine, ns=(1, 1))
        app.poll()
        await pilot.pause()
        assert app.ink.colors["text"] == "#ffddaa", "the last good one stays"
        assert "colors.text" in app.keys.said[0] and "stay as they were" in app.keys.said[0]
        # A long path may be broken in two on the screen.
        assert "mine.toml" in app.keys.said[0] and "colours stay" in " ".join(shown(app).split())


async def test_rows_made_before_the_style_sheet_changes_wear_the_new_theme_too_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        before = inks.load(app.ink.name)["colors"]
        app.preview_theme("foolscap")
        for lines in app.screen.query(Lines):
            lines.touch()
        await asyncio.sleep(0.2)
        await pilot.pause()
        seen = {
            s.style.color.name
            for row in app.screen._compositor.render_strips()
            for s in row
            if s.style and s.style.color
        }
        assert app.ink.colors["text"] in seen and not seen & {before["text"], before["accent"]}


async def test_a_theme_is_seen_while_choosing_and_escape_takes_it_off_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        before = app.ink.name
        await pilot.press("T")
        await pilot.pause()
        await pilot.press("up")
        await pilot.pause()
        worn = app.ink.name
        assert worn != before
        await pilot.press("escape")
        await pilot.pause()
        assert app.ink.name == before
        await pilot.press("T", "up", "enter")
        await pilot.pause()
        assert app.ink.name == worn and app.memory["theme"] == worn
