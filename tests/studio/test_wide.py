"""Screens of every width, and what is left out where colours or bytes are few."""

import pytest

from jobs.job import Claim
from store.library import Library
from studio.frame import Studio
from studio.keymap import SCREENS
from studio.sight import Sight
from studio.text import cells
from studio.widgets.header import Header
from studio.widgets.wave import BARS
from tests.studio.conftest import shown
from tests.studio.test_train import running, say  # noqa: F401 - a fixture


def seen_by(sight: Sight, start: str) -> Studio:
    """The real app at another terminal; silent."""
    app = Studio(start=start, wake=False, sight=sight)
    app.player.device.there = False
    return app


@pytest.mark.parametrize("width", [60, 76, 79, 80, 99, 109, 110, 160])
def test_the_worker_and_the_open_screen_are_named_at_every_width_UX(width: int) -> None:
    for told, words in (({"alive": True}, "worker"), ({"alive": False, "waiting": 2}, "no worker"),
                        ({"alive": True, "busy": 2}, "2 run")):  # fmt: skip
        for current, name, _ in SCREENS:
            header = Header()
            header.current = current
            for field, value in told.items():
                setattr(header, field, value)
            (row,) = header.draw(width, 1)
            text = "".join(part for part, _ in row)
            assert cells(text) <= width and words in text and f" {name} " in text
            assert all(f" {digit} " in text for digit in range(1, len(SCREENS) + 1))


async def test_the_legend_tells_curves_apart_without_colours_UX(running: Claim) -> None:  # noqa: F811
    app = seen_by(Sight(color="none"), "train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "t╌ train" in text and "v━ validation" in text


async def test_a_live_curve_is_drawn_every_third_second_where_bytes_are_few_UX(
    running: Claim,  # noqa: F811
) -> None:
    for low, drawn in ((False, [1, 2, 3]), (True, [3])):
        app = seen_by(Sight(low=low), "train")
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.1)
            watching = app.page.watching
            watching._waited = 0
            changes = []
            for second in (1, 2, 3):
                before = len(watching.course.curves["loss"][0])
                say(running.job.id, before + 1)
                watching.tick()
                if len(watching.course.curves["loss"][0]) > before:
                    changes.append(second)
            assert changes == drawn


async def test_takes_have_no_thumbnails_where_bytes_are_few_UX(library: Library) -> None:
    for low in (False, True):
        app = seen_by(Sight(low=low), "history")
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause(0.1)
            rows = "".join(row.text for row in app.page.list.rows())
            assert (set(BARS[1:]) & set(rows) == set()) == low
            assert "0:04.0" in rows
