"""Presets and the trash in their windows, takes kept as presets, and what is done to several at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from textual import events

from jobs.ledger import Ledger
from store.library import Library
from studio import actions
from tests.studio.conftest import shown, studio

NASTY = "[b]bold[/b]\x1b[31m\u202eevil"
SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are committed to the ledger, and no worker is started for them."""
    monkeypatch.setattr(
        actions.queue, "submit", lambda spec, group="", lane=None: Ledger().submit(spec, group=group)
    )


def fill(library: Library) -> None:
    actions.save_preset("night", "a1" * 6, {"brightness": 20}, folder="dark/late", description="slow")
    actions.save_preset("odd", "e5" * 6, {"brightness": 40}, folder="light")
    actions.save_preset("far", "", {"glitter": 90})


async def play(pilot: Any) -> Any:
    page = pilot.app.page
    page._soon = lambda: None
    page.choose("a1" * 6)
    await pilot.press("o")
    await pilot.pause()
    return page


async def answer(pilot: Any, words: str, *keys: str) -> None:
    """Paste into the field of the window's form, and press these keys."""
    await pilot.pause()
    await pilot.press("ctrl+u")
    pilot.app.screen.form.post_message(events.Paste(words))
    await pilot.pause()
    await pilot.press(*keys)


# --- presets ---------------------------------------------------------------------------------------


async def test_presets_are_found_by_folder_and_recalled_PRES_02(library: Library) -> None:
    fill(library)
    app = studio("play")
    async with app.run_test(size=(120, 40)) as pilot:
        page = await play(pilot)
        text = shown(app)
        assert "dark/late/night" in text and "◇ drums bright" in text and "✗1" in text
        await pilot.press("slash", *"folder:dark", "enter")
        await pilot.pause()
        assert [one["name"] for one in app.screen.list.shown] == ["night"]
        assert "slow" in shown(app) and "━" in shown(app), "its sliders are shown beside it"
        await pilot.press("enter")
        await pilot.pause()
        assert page.sliders.positions == {"brightness": 20} and page.preset == "night"
        await pilot.press("o")
        await pilot.pause()
        assert app.screen.list.query_text == "folder:dark", "the filter is remembered"


async def test_what_a_model_does_not_move_is_said_before_it_is_recalled_PRES_02(library: Library) -> None:
    fill(library)
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        await play(pilot)
        app.screen.list.go(library.presets.find("far")["id"])
        await pilot.pause()
        assert "drums does not move glitter" in " ".join(shown(app).split())


async def test_a_preset_is_renamed_moved_deleted_and_taken_back_PRES_02(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        await play(pilot)
        await pilot.press("r", "ctrl+u", *"noon", "enter")
        await pilot.pause()
        assert "noon" in shown(app)
        await pilot.press("m", *" warm / day /", "enter")
        await pilot.pause()
        assert library.presets.find("noon")["folder"] == "warm/day" and "warm/day/" in shown(app)
        await pilot.press("d")
        await pilot.pause()
        assert actions.presets() == [] and "u takes it back" in shown(app)
        await pilot.press("u")
        await pilot.pause()
        assert library.presets.find("noon") and "noon" in shown(app)


async def test_a_name_that_is_taken_is_asked_for_and_what_was_typed_stays_PRES_01(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        page = app.page
        page._soon = lambda: None
        page.choose("a1" * 6)
        page.sliders.set(brightness=61.0)
        await pilot.press("s", "ctrl+u", *"dusk", "tab", *"dark", "tab", "tab", "enter")
        await pilot.pause()
        assert "replace the preset of that name?" in shown(app) and "brightness 25" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.form.values == {"name": "dusk", "folder": "dark", "description": ""}
        assert library.presets.find("dusk")["sliders"]["brightness"] == 25
        await pilot.press("tab", "tab", "tab", "enter", "enter")
        await pilot.pause()
        assert library.presets.find("dusk")["sliders"] == {"brightness": 61.0}
        await pilot.press("u")
        assert library.presets.find("dusk")["sliders"]["brightness"] == 25


async def test_presets_go_to_a_file_and_come_back_PRES_03(library: Library, tmp_path: Path) -> None:
    fill(library)
    file = tmp_path / "mine.json"
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        await play(pilot)
        await pilot.press("slash", *"folder:dark", "enter", "w")
        await answer(pilot, str(file), "enter", "enter", "enter")
        await pilot.pause(0.2)
        assert [one["name"] for one in json.loads(file.read_text())["tables"]["presets"]] == ["night"]
        await pilot.press("d")
        actions.purge("presets", "night")
        await pilot.press("i")
        await answer(pilot, str(file), "enter")
        await pilot.pause(0.2)
        assert library.presets.find("night")["folder"] == "dark/late"
        file.write_text('{"woodshed": 1, "tables": {"presets": [{"id": "../x"}]}}')
        await pilot.press("i")
        await answer(pilot, str(file), "enter")
        await pilot.pause(0.2)
        assert "letters, digits" in " ".join(shown(app).split()), "said where it was typed"
        assert app.screen.form.values["path"] == str(file)


async def test_a_take_is_kept_as_a_preset_PRES_01(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "s", "ctrl+u", *"found", "tab", *"best", "tab", "tab", "enter")
        await pilot.pause()
        kept = library.presets.find("found")
        assert (kept["sliders"], kept["seed"]) == ({"brightness": 90, "warmth": 50}, 4)
        assert (kept["model"], kept["folder"]) == ("a1" * 6, "best")


# --- several takes ---------------------------------------------------------------------------------


async def test_takes_like_this_one_and_a_filter_that_is_remembered_HIST_01(library: Library) -> None:
    library.takes.amend("05" * 6, preset="dusk at sea")
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "t", "t")
        assert app.page.list.query_text == 'model:drums preset:"dusk at sea"'
        assert [one["id"] for one in app.page.list.shown] == ["05" * 6]
        await pilot.press("t", "t")
        assert app.page.list.query_text == "" and len(app.page.list.shown) == 6
        await pilot.press("m", "m", "slash", *"marked seed:5", "enter")
        await pilot.pause()
        assert [one["seed"] for one in app.page.list.shown] == []
        assert "no take fits this filter" in shown(app)
        await pilot.press("slash", "backspace", *"3-4", "enter", "q")
    again = studio("")
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert again.page.list.query_text == "marked seed:3-4"
        assert [one["seed"] for one in again.page.list.shown] == [4, 3]


async def test_a_wrong_filter_is_said_under_the_list_HIST_01(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"modle:x")
        await pilot.pause()
        assert "did you mean 'model'?" in app.page.list.wrong
        assert "✗ no key 'modle:'" in shown(app) and "/modle:x" in shown(app)
        assert len(app.page.list.shown) == 6


async def test_marked_takes_go_and_come_back_together_HIST_02(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m", "m", "m", "d")
        await pilot.pause()
        assert len(actions.takes()) == 3 and "3 takes in the trash" in shown(app)
        await pilot.press("u")
        await pilot.pause()
        assert len(actions.takes()) == 6 and "and 2 more" in shown(app)


async def test_marked_takes_are_written_into_a_folder_OUT_02(
    library: Library, tmp_path: Path, queued: None
) -> None:
    library.takes.amend("06" * 6, name="a/b: c")
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("m", "m", "w")
        await answer(pilot, str(tmp_path / "no"), "enter", "up")
        await pilot.pause()
        assert "no such folder" in " ".join(shown(app).replace("│", " ").split())
        await answer(pilot, str(tmp_path), "down", "right", *["down"] * 5, "enter")
        await pilot.pause(0.3)
        written = sorted(Path(job.spec["path"]) for job in actions.jobs())
        assert [path.parent for path in written] == [tmp_path, tmp_path]
        assert written[0].name == "a-b- c.flac" and written[1].suffix == ".flac"
        assert not app.page.marked


async def test_where_a_take_can_not_be_written_is_said_before_it_is_left_OUT_02(
    library: Library, tmp_path: Path, queued: None
) -> None:
    (tmp_path / "mine.wav").write_bytes(b"mine")
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w")
        await answer(pilot, str(tmp_path / "mine.wav"), *["enter"] * 6)
        await pilot.pause()
        assert "exists already; nearest:" in " ".join(shown(app).replace("│", " ").split())
        assert actions.jobs() == [] and (tmp_path / "mine.wav").read_bytes() == b"mine"


# --- trash -----------------------------------------------------------------------------------------


async def test_the_trash_has_all_kinds_and_gives_back_TRASH_01(library: Library) -> None:
    for table, key in (("takes", "01" * 6), ("models", "e5" * 6), ("presets", "dusk"), ("datasets", "drums")):
        actions.trash(table, key)
    app = studio("models")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("D")
        await pilot.pause()
        text = shown(app)
        for word in ("take", "model", "preset", "dataset", "dusk", "drums bright", "kB"):
            assert word in text, word
        await pilot.press("slash", *"preset", "enter", "enter")
        await pilot.pause()
        assert library.presets.find("dusk") and "is back" in shown(app)
        await pilot.press("escape", "slash", *"model", "enter", "r")
        await pilot.pause()
        assert library.models.find("drums bright")
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert "drums bright" in shown(app), "the page below has it again"


async def test_only_what_can_not_be_undone_is_asked_TRASH_01(library: Library) -> None:
    sound = Path((library.takes.get("01" * 6) or {})["path"])
    actions.trash("takes", "01" * 6)
    actions.trash("presets", "dusk")
    app = studio("models")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("D", "j", "d")
        await pilot.pause()
        text = " ".join(shown(app).split())
        assert "its sound and pictures" in text and "can't be undone" in text
        await pilot.press("escape")
        await pilot.pause()
        assert len(actions.trashed("takes")) == 1 and sound.exists()
        await pilot.press("d", "enter")
        await pilot.pause(0.3)
        assert actions.trashed("takes") == [] and not sound.exists()
        await pilot.press("E")
        await pilot.pause()
        assert "preset dusk" in shown(app)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert actions.trashed("presets") == [] and "The trash is empty" in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_are_drawn_and_obeyed_by_nobody(library: Library, size: tuple[int, int]) -> None:
    for table, id in (("takes", "06" * 6), ("takes", "05" * 6), ("presets", "f1" * 6), ("models", "a1" * 6)):
        library.shelves[table].amend(
            id, name=NASTY, folder=NASTY, model_name=NASTY, description=NASTY, preset=NASTY
        )
    app = studio("history")
    async with app.run_test(size=size) as pilot:
        keys = "a j b t B x V B s escape w escape 5 o m escape w escape d escape D d"
        for key in keys.split():
            await pilot.press(key)
            await pilot.pause()
            text = shown(app)
            assert "\x1b" not in text and "\u202e" not in text, key
        assert "[b]bold[/b]" in text, "as it is written, no markup"
