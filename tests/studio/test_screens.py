"""Hands on the keyboard, in the real app over a real store."""

import re
from pathlib import Path

import pytest

from store.library import Library
from studio import actions
from studio.keymap import SCREENS
from tests.studio import house
from tests.studio.conftest import shown, studio, until


async def test_digits_open_every_screen(library: Library) -> None:
    app = studio()
    async with app.run_test(size=(80, 24)) as pilot:
        for digit, (name, words, _) in enumerate(SCREENS, 1):
            await pilot.press(str(digit))
            await pilot.pause()
            assert app.page is not None and app.page.id == name, words


async def test_dataset_shows_sounds_thumbnails_and_problems_DATA_04(library: Library) -> None:
    app = studio()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j")
        await pilot.pause()
        text = shown(app)
        assert "kick_deep.wav" in text and "▇" in text
        assert "silent: it is left out" in text


async def test_filter_takes_letters_that_are_keys_elsewhere(library: Library) -> None:
    app = studio()
    async with app.run_test() as pilot:
        await pilot.press("slash", *"drum")
        assert [item["name"] for item in app.page.list.shown] == ["drums"]
        await pilot.press("escape")
        assert len(app.page.list.shown) == 2


async def test_delete_goes_to_the_trash_and_undo_brings_it_back(library: Library) -> None:
    app = studio()
    async with app.run_test() as pilot:
        before = [record["name"] for record in actions.datasets()]
        await pilot.press("d")
        await pilot.pause()
        assert len(actions.datasets()) == 1
        assert "trash" in shown(app)
        await pilot.press("u")
        await pilot.pause()
        assert sorted(record["name"] for record in actions.datasets()) == sorted(before)


async def test_rename_asks_and_refuses_nothing(library: Library) -> None:
    app = studio("models")
    async with app.run_test() as pilot:
        await pilot.press("r")
        await pilot.pause()
        await pilot.press("ctrl+u", "enter")
        await pilot.pause()
        assert "name: it is empty" in shown(app)
        await pilot.press(*"dusk", "enter")
        await pilot.pause()
        assert "dusk" in [record["name"] for record in actions.models()]


async def test_train_form_says_what_is_wrong_where_it_is_wrong(library: Library) -> None:
    app = studio("train")
    async with app.run_test(size=(80, 24)) as pilot:
        form = app.page.form
        form.point("minutes")
        await pilot.press("9", "9", "9", "9", "9", "9", "9")
        await pilot.pause()
        assert "is above 100000" in form.wrong["minutes"]
        assert "nearest" in shown(app)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert not actions.jobs(), "a wrong form queues nothing"


async def test_advanced_fields_are_folded(library: Library) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        assert "kl floor" not in shown(app)
        form = app.page.form
        form.at = form.shown.index("advanced")
        await pilot.press("enter")
        await pilot.pause()
        assert "kl floor" in shown(app)


async def test_curve_of_the_newest_training_with_log_axis(library: Library) -> None:
    house.jobs()
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        assert "drums at dawn" in text and "cancelled" in text and "60 epoch" in text
        app.page.form.point("preset")
        await pilot.press("L")
        await pilot.pause()
        assert app.page.loss.log_y and "log" in shown(app)
        await pilot.press("n")
        await pilot.pause()
        assert "drums at dusk" in shown(app) and "200 epoch" in shown(app)


async def test_jobs_say_state_in_words(library: Library) -> None:
    house.jobs()
    app = studio("jobs")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.1)
        text = shown(app)
        for words in ("◦ queued (1)", "■ cancelled", "✗ failed", "✓ done"):
            assert words in text
        await pilot.press("j", "j")
        await pilot.pause()
        assert "no space left on the disk" in shown(app)


async def test_cancel_and_resume_by_key(library: Library) -> None:
    house.jobs()
    app = studio("jobs")
    async with app.run_test() as pilot:
        await pilot.press("c")
        await pilot.pause(0.2)
        assert actions.jobs()[-1].state == "cancelled"


async def test_sliders_move_reset_and_stay_in_range(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        sliders = app.page.sliders
        app.page._soon = lambda: None  # no worker in this test: what a preview does is another test
        await pilot.press("j", "right", "right", "shift+right")
        assert sliders.values["brightness"] == 62
        await pilot.press(*["shift+right"] * 6)
        assert sliders.values["brightness"] == 98, "the warning range is the end"
        await pilot.pause()
        assert "beyond safe" in shown(app)
        await pilot.press("0")
        assert sliders.values["brightness"] is None
        await pilot.pause()
        assert "free  darker ↔ brighter" in shown(app)
        assert sliders.positions == {}
        await pilot.press("right", "left")
        assert sliders.positions == {"brightness": 50}, "the middle is a set-point like any other"
        await pilot.press("R")
        assert all(10 <= value <= 90 for value in sliders.positions.values())
        assert sliders.positions["roughness"] <= 72, "what can't be reached is not asked for"
        assert "width" not in sliders.positions and "explore1" not in sliders.positions


async def test_presets_are_saved_and_recalled(library: Library) -> None:
    app = studio("play")
    async with app.run_test() as pilot:
        app.page._soon = lambda: None
        await pilot.press("j", "shift+right", "s")
        await pilot.pause()
        await pilot.press("ctrl+u", *"noon", "tab", "tab", "tab", "enter")
        await pilot.pause()
        kept = library.presets.find("noon")
        assert kept["sliders"] == {"brightness": 60}, "a free slider is no part of a preset"
        await pilot.press("o", "slash", *"dusk", "enter", "enter")
        await pilot.pause()
        assert app.page.sliders.values["brightness"] == 25
        assert app.page.preset == "dusk"


async def test_one_escape_closes_a_picker(library: Library) -> None:
    app = studio("play")
    async with app.run_test() as pilot:
        app.page._soon = lambda: None
        for typed in ("", "dr"):
            await pilot.press("m", *typed)
            await pilot.pause()
            assert len(app.screen_stack) == 2
            await pilot.press("escape")
            await pilot.pause()
            assert len(app.screen_stack) == 1


async def test_a_preset_of_another_model_says_what_is_left_out(library: Library) -> None:
    actions.save_preset("odd", "", {"brightness": 40, "glitter": 90})
    app = studio("play")
    async with app.run_test(size=(120, 40)) as pilot:
        app.page._soon = lambda: None
        app.page.apply(library.presets.find("odd"))
        await pilot.pause()
        assert app.page.sliders.positions == {"brightness": 40}
        assert "this model does not move glitter" in shown(app)


async def test_what_is_kept_is_what_was_heard_PRES_01(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter sends the sliders of the preview; the preset is only a label on the take."""
    sent = []
    monkeypatch.setattr(actions.queue, "submit", lambda spec, group="", lane=None: sent.append(spec))
    app = studio("play")
    async with app.run_test(size=(120, 40)) as pilot:
        app.page.apply(library.presets.find("dusk"))
        app.page.sliders.set(warmth=None)
        await app.page._preview()
        await app.page._keep(app.page.model)
        await pilot.pause()
    heard, kept = sent[0], next(spec for spec in sent if not spec.preview)
    assert heard.preview and not kept.preview
    assert heard.sliders == kept.sliders == {"brightness": 25.0}
    assert (kept.preset, kept.seed) == ("dusk", heard.seed)


async def test_history_loads_two_takes_and_says_what_differs(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("a", "j", "b")
        await pilot.pause()
        text = shown(app)
        assert "differ" in text and re.search(r"seed +5 +4", text)
        assert re.search(r"brightness +━+ 100 +━+─ 90", text)
        await pilot.press("x")
        await pilot.pause()
        assert app.page.pair.side == "a"
        assert "A gen_" in app.transport.what.title


async def test_history_says_all_that_differs_in_80_columns(library: Library) -> None:
    take = library.takes.all()[-1]
    library.takes.add(
        {
            **take,
            "sliders": {"dynamics": 31.5, "brightness": 20},
            "preset": "dusk",
            "seed": 99,
            "seconds": 2.5,
        },
        id="77" * 6,
    )
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "j", "b")
        await pilot.pause()
        text = shown(app)
        for words in (
            "preset dusk -",
            "dynamics 31.5 free",
            "warmth free 50",
            "brightness 20 100",
            "seed 99 5",
        ):
            assert words in " ".join(text.split()), text
        assert "None" not in text


async def test_undo_in_history_brings_back_cursor_and_side(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "a")
        lost = app.page.list.item["id"]
        await pilot.press("d")
        await pilot.pause()
        assert app.page.list.item["id"] != lost and not app.page.pair.sides
        await pilot.press("k", "u")
        await pilot.pause()
        assert app.page.list.item["id"] == lost
        assert app.page.pair.sides == {"a": lost}


async def test_help_and_palette_name_every_action(library: Library) -> None:
    app = studio()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        assert "import files or a folder" in shown(app)
        await pilot.press("escape", "ctrl+p", *"history", "enter")
        await pilot.pause()
        assert app.page.id == "history"


async def test_next_start_returns_to_the_same_place(library: Library) -> None:
    app = studio("history")
    async with app.run_test() as pilot:
        await pilot.press("j", "a")
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
    again = studio("")
    async with again.run_test() as pilot:
        await pilot.pause()
        assert again.page.id == "history"
        assert again.page.pair.sides == {"a": "050505050505"[:12]}
        assert again.page.list.item["id"] == again.page.pair.sides["a"]


async def test_keys_can_be_remapped(home: Path) -> None:
    config = home / "config"
    config.mkdir()
    (config / "keys.toml").write_text('[keys]\n"screen.jobs" = "f3"\n')
    app = studio()
    async with app.run_test() as pilot:
        await pilot.pause(0.2)
        await pilot.press("3")
        assert app.page.id == "data"
        await pilot.press("f3")
        await pilot.pause()
        assert app.page.id == "jobs"


async def test_broken_keys_file_is_said(home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "keys.toml").write_text("[keys\n")
    app = studio()
    async with app.run_test() as pilot:
        await until(pilot, "the usual keys are in use")


@pytest.mark.parametrize(
    "kept", [[1], "x", {"screen": [], "pages": 3}, {"screen": "play", "pages": {"play": {"values": 4}}}]
)
async def test_what_was_remembered_wrongly_keeps_nothing_shut(library: Library, kept: object) -> None:
    library.set("studio", kept)
    app = studio("")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.page is not None
