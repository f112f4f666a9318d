"""From 160 columns on lists say more; what is said at 120 stays."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from store.library import Library
from studio.text import cells
from studio.widgets.columns import Column, cells_of, fitting, heads, wide
from tests.studio import house
from tests.studio.conftest import shown, studio

WIDE, USUAL = (160, 45), (120, 40)
MORE = {
    "data": ["level", "channels", "format", "-18.0 dB", "stereo", "PCM 24"],
    "models": ["learned from", "made", "epochs", "214"],
    "history": ["drums bright", "#2147483647", "dusk"],
    "jobs": ["3 tries", "1 min 5 s"],
}


@pytest.mark.parametrize("screen", MORE)
async def test_a_wide_terminal_has_more_columns_UX(library: Library, screen: str) -> None:
    house.jobs()
    take = library.takes.all()[-1]
    library.takes.amend(take["id"], seed=2**31 - 1, preset="dusk", model_name="drums bright")
    seen = {}
    for size in (WIDE, USUAL):
        app = studio(screen)
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.2)
            if screen == "jobs":
                *others, job = app.page.list.items
                times = {"started": "2020-03-01T09:00:00Z", "ended": "2020-03-01T09:01:05Z"}
                app.page.list.put([*others, replace(job, tries=3, **times)])
                await pilot.pause()
            rows = app.page.list if screen != "data" else app.page.sounds
            seen[size] = "\n".join(strip.text for strip in rows.rows())
    for words in MORE[screen]:
        assert words in seen[WIDE], seen[WIDE]
        assert words not in seen[USUAL], seen[USUAL]
    assert screen == "jobs" or "…" not in seen[WIDE], "but why a job failed is told below in full"


async def test_a_wide_and_high_terminal_has_the_pictures_beside_the_sliders_UX(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause(0.2)
        sliders, heard = app.page.query_one("#sliders").region, app.page.heard.region
        assert sliders.y == heard.y and sliders.right <= heard.x and heard.right == WIDE[0]
        assert len(app.page.sliders.knobs) < app.page.sliders.size.height, "none has to be scrolled to"
        await pilot.resize_terminal(*USUAL)
        await pilot.pause(0.2)
        sliders, heard = app.page.query_one("#sliders").region, app.page.heard.region
        assert sliders.x == heard.x and sliders.bottom <= heard.y
        assert "explore" in shown(app)


def test_columns_come_in_the_order_of_their_worth_UX() -> None:
    columns = [Column("one", 6, lambda item: item), Column("two", 9, lambda item: item * 2, right=True)]
    assert (
        fitting(columns, 5) == [] and fitting(columns, 14) == columns[:1] and fitting(columns, 15) == columns
    )
    for parts in (heads(columns), cells_of(columns, "日本\x1b[2J")):
        assert sum(cells(words) for words, _ in parts) == wide(columns) == 15
        assert not any("\x1b" in words for words, _ in parts)


@pytest.mark.parametrize("value", [10**400, float("nan"), "loud", None, [1], {"a": 1}, True])
async def test_figures_that_nobody_can_write_are_left_out_UX(library: Library, value: object) -> None:
    owner = library.datasets.all()[-1]
    file = Path(owner["folder"]) / "sounds.json"
    sounds = json.loads(file.read_text())
    names = ("seconds", "rate", "channels", "bytes", "peak_dbfs", "rms_dbfs", "subtype")
    sounds[0].update(dict.fromkeys(names, value))
    file.write_text(json.dumps(sounds))
    app = studio("data")
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        assert "kick_deep.wav" in shown(app) and "kick_tight.wav" in shown(app)
