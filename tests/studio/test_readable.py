"""At 80x24 nothing that explains is cut: neither a row, nor its story, nor a hint, nor the help."""

from pathlib import Path

import pytest

from jobs.recipes.axes import MADE
from jobs.sound.descriptors import AXES
from store import paths, stream
from store.library import Library
from studio import actions
from studio.keymap import SCREENS
from studio.screens.taken import short
from studio.text import cells
from studio.widgets.knob import knob
from studio.widgets.lines import Lines
from studio.widgets.rows import Rows
from tests.studio import house
from tests.studio.conftest import shown, studio

SMALL = (80, 24)


MOST = {"onsets/s": (0.01, 18.0), "Hz": (40.0, 15_000.0), "dB": (-40.0, 24.0), "s": (0.02, 12.3)}
"""What sounds may have in a unit."""


def real_axes() -> list[dict]:
    """Every axis as a training writes it, each with all that can be said of one."""
    made = []
    for axis in AXES:
        low, high = MOST.get(axis.unit, (0.001, 3.816))
        record = house.axis(axis.name, axis.unit, axis.low_word, axis.high_word, 1.0)
        values = [low + (high - low) * p / 100 for p in range(101)]
        made.append({**record, "help": axis.help, "values": values, "reach": [16.7, 83.3], "why": MADE,
                     "kind": "engine"})  # fmt: skip
    return made


@pytest.mark.parametrize("percentile", [None, 0.0, 5.0, 20.0, 50.0, 51.0, 95.0, 100.0])
def test_what_a_row_says_fits_the_narrow_column_UX(percentile: float | None) -> None:
    for axis in real_axes():
        words = knob({**axis, "reach": [0, 100]}).words(percentile)
        assert cells(words) <= 22, words


@pytest.mark.parametrize("value", [None, 2.0, 50.0, 90.0])
def test_the_story_of_a_measured_axis_is_one_row_UX(value: float | None) -> None:
    """Or the rows below would jump when a preview comes."""
    for axis in real_axes():
        k = knob({**axis, "kind": "sound", "why": ""})
        assert cells(f"{k.name}: {k.about(value, 100.0)}") <= 76, k.name


async def test_every_row_of_play_is_told_in_full_UX(library: Library) -> None:
    library.models.amend("e5" * 6, axes=[*real_axes(), *house.AXES[-5:]])
    app = studio("play")
    async with app.run_test(size=SMALL) as pilot:
        page = app.page
        page._soon = lambda: None
        page.mix([library.models.find("drums")])
        for index in range(len(page.sliders.knobs)):
            await pilot.pause()
            k = page.sliders.knobs[index]
            assert k is page.sliders.knob
            text = shown(app)
            assert "…" not in text, text
            story = " ".join(text.split("╮")[1].split("▌")[0].replace("│", " ").split())
            assert f"{k.shown}: {k.help}" in story, story
            if not k.dead and not k.choices:
                await pilot.press("t", "right", "t", "shift+left")
                assert "…" not in shown(app)
            await pilot.press("j")
        assert page.sliders.at == len(page.sliders.knobs) - 1


@pytest.mark.parametrize("screen", [name for name, _, _ in SCREENS])
async def test_the_help_of_each_screen_is_told_in_full_UX(library: Library, screen: str) -> None:
    app = studio(screen)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        rows = app.screen.list
        for _ in rows.items:
            assert "…" not in "\n".join(strip.text for strip in rows.rows())
            await pilot.press("down")


@pytest.mark.parametrize("screen", [name for name, _, _ in SCREENS])
@pytest.mark.parametrize("full", [False, True])
async def test_no_screen_cuts_what_it_says_UX(home: object, screen: str, full: bool) -> None:
    if full:
        house.furnish(real=False)
        house.jobs()
    app = studio(screen)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause(0.2)
        for told in app.screen.query(Lines):
            # A name in a list or in a choice may be cut: where the cursor is it is told in full.
            if told.display and not isinstance(told, Rows):
                lines = [row.text for row in told.rows() if "‹" not in row.text]
                assert "…" not in "\n".join(lines)


async def test_a_line_of_a_log_that_is_too_long_is_told_in_full_below_UX(library: Library) -> None:
    house.jobs()
    long = "word " * 30 + "end"
    job = actions.jobs()[-1]
    stream.say(paths.run(job.id) / "events.jsonl", kind="note", text=long)
    app = studio("jobs")
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("l")
        await pilot.pause()
        text = shown(app)
        assert "note       word" in text and "end" in text.split("…")[1]


async def test_the_palette_names_what_is_done_before_what_only_moves_UX(
    library: Library,
) -> None:
    app = studio("play")
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        words = [item[1] for item in app.screen.list.items]
        assert words.index("randomise") < words.index("up") < words.index("theme: woodshed")
        assert "filter" not in shown(app).splitlines()[-1], "all that is typed filters"


def test_a_generated_name_is_shortened_to_when_and_seed_UX() -> None:
    name = "gen_20200303T093005Z_seed5"
    assert short(name, 40) == name
    assert short(name, 20) == "03 Mar 09:30:05 #5"
    assert short(name, 12) == "09:30:05 #5"
    assert short("gen_odd_name_of_mine_seed5", 12) == "gen_odd_name_of_mine_seed5"


@pytest.mark.parametrize(
    ("screen", "keys"),
    [
        ("data", "n import  o sets"),
        ("train", "ctrl+r train"),
        ("jobs", ""),
        ("models", ""),
        ("play", ""),
        ("history", ""),
    ],
)
async def test_an_empty_screen_offers_only_keys_that_work_UX(home: Path, screen: str, keys: str) -> None:
    app = studio(screen)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause(0.2)
        assert shown(app).splitlines()[-1].split("? help")[0].strip() == keys


async def test_keys_come_with_the_first_model_and_go_with_the_last_UX(library: Library) -> None:
    actions.trash("models", "a1" * 6)
    app = studio("models")
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause(0.2)
        assert "p play it" in shown(app)
        await pilot.press("d", "1", "4")
        await pilot.pause()
        assert "p play it" not in shown(app)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        assert "p play it" in shown(app)
