"""The main path with a real worker: import by keyboard, jobs that run, stop and go on."""

from pathlib import Path

import pytest

from jobs import specs
from store.library import Library
from studio import actions
from studio.screens.paths import begun_anew
from tests import sounds
from tests.studio import house
from tests.studio.conftest import shown, studio, typed, until


async def test_import_a_folder_by_keyboard_DATA_02(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my sounds"
    sounds.write_folder(folder, count=6, seconds=0.5)
    (folder / "notes.wav").write_text("this is text and no sound")
    house.dataset(Library(), "older")
    app = studio(wake=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("ctrl+u")
        await typed(pilot, f"{tmp_path}/my")
        await pilot.press("tab")
        await pilot.pause()
        assert app.screen.form.values["path"] == f"{folder}/"
        assert "sounds here" in shown(app)
        await pilot.press("down", *"mine", "down", "down", "enter")
        text = await until(pilot, "imported mine: 6 sounds")
        assert "▌mine" in text
        assert "notes.wav" in await until(pilot, "notes.wav")
        assert [record["name"] for record in actions.datasets()] == ["older", "mine"]


def test_an_absolute_path_may_be_typed_behind_the_one_that_stands_there_DATA_02() -> None:
    assert begun_anew("/home/me//srv/drums") == "/srv/drums"
    assert begun_anew("/home/me/~/drums") == "~/drums"
    assert begun_anew("/home/me/drums") == "/home/me/drums"


async def test_import_of_nothing_says_so_before_it_is_asked_for(home: Path) -> None:
    app = studio()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        await pilot.press("ctrl+u", *"/no/such/folder", "down", "down", "down", "enter")
        await pilot.pause()
        assert "no such file or folder" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert not actions.jobs()


async def test_jobs_run_stop_and_go_on(home: Path) -> None:
    app = studio("jobs", wake=True)
    async with app.run_test(size=(100, 30)) as pilot:
        job = actions.submit(specs.Rehearse, steps=400, pause=0.02)
        await until(pilot, "▶ running")
        await until(pilot, " %")
        await pilot.press("c")
        await until(pilot, "■ cancelled")
        reached = actions.events(job.id)[0][-1]
        await pilot.press("r")
        await until(pilot, "▶ running")
        await pilot.press("l")
        await until(pilot, "checkpoint")
        await pilot.press("escape", "c")
        await until(pilot, "■ cancelled")
        assert reached


async def test_a_worker_that_lives_is_shown(home: Path) -> None:
    app = studio("jobs", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, "○ asleep")
        actions.submit(specs.Rehearse, steps=3, pause=0.01)
        await until(pilot, "● worker")
        await until(pilot, "✓ done")


@pytest.mark.slow
async def test_from_a_folder_to_a_take(home: Path, tmp_path: Path) -> None:
    """Import, train a little, move a slider, hear it, keep it, find it in the history: keys only."""
    sounds.write_folder(tmp_path / "sounds", count=8, seconds=1.0)
    actions.wait(actions.import_sounds([tmp_path / "sounds"], "mine"), lambda row: None)
    app = studio("train", wake=True)
    async with app.run_test(size=(120, 40)) as pilot:
        app.page.form.set("minutes", "0.3")
        await pilot.press("ctrl+r")
        await until(pilot, "━ train", 120)
        await until(pilot, "✓ done", 240)
        await pilot.press("5")
        await until(pilot, "brightness")
        app.page.sliders.at = [k.name for k in app.page.sliders.knobs].index("brightness")
        await pilot.press("shift+right")
        await until(pilot, "♪ preview", 120)
        assert not Library().takes.all(), "a preview is not kept"
        await pilot.press("enter")
        await until(pilot, "♪ kept", 60)
        await pilot.press("v")
        await until(pilot, "varies gen_")
        await until(pilot, "♪ preview", 60)
        await pilot.press("enter")
        await until(pilot, "♪ kept", 60)
        await pilot.press("6")
        text = await until(pilot, "brightness 60")
        assert "varies gen_" in text
        assert [take["spec"]["vary"] for take in Library().takes.all()][1]


async def test_escape_leaves_a_field_so_that_digits_are_keys_again(home: Path) -> None:
    app = studio()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "down", "5")
        await pilot.pause()
        assert app.screen.query_one("Fields").values["name"] == "5"
        assert "esc leave the field" in shown(app)
        await pilot.press("escape", "3")
        await pilot.pause(0.2)
        assert "jobs" in shown(app) and "train on" not in shown(app)
