"""Train, its curve and its keys, also among streams that say what no training of ours says."""

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store import paths
from store.library import Library
from studio import actions
from tests.studio.conftest import shown, studio
from tests.studio.test_train import submitted


@pytest.mark.parametrize(
    "row",
    [
        '"train": 0.5',
        '"loss": null',
        '"loss": 0',
        '"loss": -1e308, "validation": 1e308',
        '"loss": 1e999',
        f'"loss": 1{"0" * 400}, "seconds": 1{"0" * 400}',
    ],
    ids=["train alone", "a gap", "zero", "far apart", "infinite", "too big for a float"],
)
async def test_every_key_of_the_curve_outlives_odd_numbers(library: Library, row: str) -> None:
    job = Ledger().submit(specs.make(specs.TrainVae, dataset=actions.datasets()[0]["id"], name="odd"))
    with open(paths.events(job.id), "a") as file:
        for epoch in (1, 2):
            file.write(f'{{"t": "2020-03-01T09:30:00Z", "kind": "row", "epoch": {epoch}, {row}}}\n')
    app = studio("train")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        app.page.loss.focus()
        await pilot.press("L", "left", "home", "end", "plus", "comma", "minus", "t", "L", "right")
        await pilot.pause()
        assert app.is_running
        assert "odd" in shown(app)


async def test_trainings_that_vanish_while_they_are_compared_leave_an_empty_screen(library: Library) -> None:
    submitted("one", 5)
    submitted("two", 5)
    app = studio("train")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("escape", "o", "space", "escape")
        assert app.page.watching.others
        for file in paths.ledger().parent.glob(f"{paths.ledger().name}*"):
            file.unlink()
        app.poll()
        app.poll()
        await pilot.pause()
        assert app.is_running
        assert "A training learns a dataset" in shown(app)


async def test_the_log_axis_and_the_zoom_obey_the_form_too_UX(library: Library) -> None:
    submitted("one", 5)
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        loss = app.page.loss
        for widget in (loss, app.page.form):
            widget.focus()
            await pilot.pause()
            before = loss.log_y
            await pilot.press("L", "plus")
            assert loss.log_y != before and loss.zoom.ends
            await pilot.press("minus")
            assert loss.zoom.ends is None
        app.page.form.point("name")
        await pilot.press("L", "+", "-")
        assert app.page.form.values["name"].endswith("L+-") and loss.zoom.ends is None
