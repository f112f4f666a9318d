"""One enter chooses, and escape comes back to where an action led away from."""

from typing import Any

import pytest

from jobs import specs
from jobs.ledger import Ledger
from store import paths
from store.library import Library
from studio import actions
from tests.studio.conftest import shown, studio, typed

SIZE = (80, 24)


async def test_one_enter_chooses_and_does_no_more_UX(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        app.page._soon = lambda: None
        await pilot.press("m")
        await pilot.pause()
        assert "type to filter, enter chooses" in shown(app)
        await pilot.press("x", "y", "z", "enter")
        await pilot.pause()
        assert "nothing matches" in shown(app) and len(app.screen_stack) == 2
        await pilot.press(*["backspace"] * 3, "down", "enter")
        await pilot.pause()
        assert len(app.screen_stack) == 1 and app.page.model["name"] == "drums"
        assert not actions.jobs(), "the key that chose is not also the one that makes a take"


async def test_escape_comes_back_from_adding_sounds_and_leaves_no_trace_MOD_04(library: Library) -> None:
    app = studio("models")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await pilot.pause()
        form = app.page.form
        before = dict(form.values)
        await pilot.press("4", "j", "a")
        await pilot.pause()
        assert (form.values["add"], form.values["continue_from"]) == ("yes", "a1" * 6)
        assert "esc back" in shown(app)
        form.point("minutes")
        await pilot.press("9", "escape")
        await pilot.pause()
        assert app.page.id == "train", "out of the field first"
        await pilot.press("escape")
        await pilot.pause()
        assert app.page.id == "models" and app.page.list.item["id"] == "a1" * 6
        assert form.values == {**before, "minutes": "9"}, "what was typed is kept"
        await pilot.press("escape")
        assert app.page.id == "models"


@pytest.mark.parametrize(
    ("start", "keys", "led"),
    [
        ("data", ["t"], "train"),
        ("models", ["p"], "play"),
        ("models", ["j", "b"], "play"),
        ("history", ["v"], "play"),
        ("history", ["p"], "play"),
        ("history", ["a", "j", "b", "c"], "play"),
    ],
)
async def test_escape_comes_back_from_where_a_key_led_UX(
    library: Library, monkeypatch: pytest.MonkeyPatch, start: str, keys: list[str], led: str
) -> None:
    monkeypatch.setattr(actions.queue, "submit", lambda spec, group="", lane=None: None)
    app: Any = studio(start)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.page.id == led
        await pilot.press("escape")
        await pilot.pause()
        assert app.page.id == start
        await pilot.press(*keys)
        await pilot.pause()
        await pilot.press("3", "escape")
        await pilot.pause()
        assert app.page.id == "jobs", "a digit was a way of its own"


async def test_the_hands_are_on_the_page_that_is_shown_however_fast_they_go_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=SIZE) as pilot:
        for name in ("train", "jobs", "data"):
            await app.open_page(name)
            await pilot.pause()
        # No rest between these: what is asked of the first page must not reach the last.
        for name in ("train", "jobs", "train"):
            await app.open_page(name)
        await pilot.pause()
        assert app.page.id == "train" and app.page in app.focused.ancestors
        assert app.page.focused_last is None or app.page in app.page.focused_last.ancestors


async def test_a_screen_that_was_too_small_gives_the_hands_back_UX(library: Library) -> None:
    app = studio("models")
    async with app.run_test(size=SIZE) as pilot:
        app.set_focus(None)
        app.poll()
        assert app.page in app.focused.ancestors
        await pilot.press("j")
        assert app.page.list.cursor == 1


async def test_what_the_house_wrote_of_its_troubles_is_a_key_away_UX(library: Library) -> None:
    paths.log("worker").parent.mkdir(parents=True, exist_ok=True)
    paths.log("worker").write_text("it began\nit fell\x1b]52;c;AAAA\x07 over\nan end that never ca")
    app = studio("data")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("l")
        await pilot.pause()
        text = shown(app)
        assert "worker  it began" in text and "worker  it fell" in text and "\x1b]52" not in text
        assert "worker  an end that never ca" in text and str(paths.log("worker").parent)[:20] in text
        with paths.log("studio").open("a") as log:
            log.write("Traceback of something\n")
        app.screen._more()
        await pilot.pause()
        assert "studio  Traceback of something" in shown(app)
        await pilot.press("slash", *"fell", "enter")
        await pilot.pause()
        assert "it began" not in shown(app) and "it fell" in shown(app)


async def test_a_letter_goes_to_a_row_of_a_window_too_UX(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        app.page._soon = lambda: None
        await pilot.press("slash", "ctrl+o")
        await pilot.pause()
        assert len(app.screen_stack) == 3
        seen = len(app.screen.spots)
        assert seen > 1
        await pilot.press(app.screen.spots[1].label)
        await pilot.pause()
        assert len(app.screen_stack) == 2 and app.screen.list.cursor == 1
        await pilot.press("enter")
        await pilot.pause()
        assert app.page.sliders.at == 1


async def test_a_slider_is_found_by_what_it_does_UX(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        app.page._soon = lambda: None
        before = dict(app.page.sliders.values)
        await pilot.press("slash", *"warmer", "enter")
        await pilot.pause()
        assert app.page.sliders.knob.name == "warmth" and app.page.sliders.values == before


async def test_the_bottom_row_says_what_enter_does_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "enter its sounds" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "enter play" in shown(app)


async def test_a_proposed_name_is_replaced_and_a_window_done_from_any_field_PRES_01(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=SIZE) as pilot:
        app.page._soon = lambda: None
        await pilot.press("right", "s")
        await pilot.pause()
        assert "ctrl+r done" in shown(app)
        await typed(pilot, "night")
        await pilot.press("left", "X", "ctrl+r")
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert [one["name"] for one in actions.presets()][-1] == "nighXt"
        await pilot.press("s", "end")
        await typed(pilot, " two")
        await pilot.press("backspace", "backspace", "backspace", "backspace", "ctrl+u", "ctrl+r")
        await pilot.pause()
        assert len(app.screen_stack) == 2 and "✗" in shown(app), "a name is needed"


async def test_the_dataset_in_the_form_of_a_training_is_there_after_a_restart_UX(library: Library) -> None:
    older = library.datasets.all()[0]
    app = studio("data")
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("G", "t")
        await pilot.pause()
        assert app.page.form.values["dataset"] == older["id"]
        app.remember()
    again = studio("train")
    async with again.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert again.page.form.values["dataset"] == older["id"]
        again.remember()
    actions.trash("datasets", older["id"])
    last = studio("train")
    async with last.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert last.page.form.values["dataset"] == library.datasets.all()[-1]["id"], "of those that are left"


async def test_an_import_that_failed_is_told_where_it_was_asked_for_UX(library: Library) -> None:
    ledger = Ledger()
    job = ledger.submit(specs.make(specs.ImportSounds, paths=["/sounds/empty"]))
    app = studio("data")
    async with app.run_test(size=SIZE) as pilot:
        app.page.asked.add(job.id)
        app.say("importing", "good")
        claim = ledger.claim(job.id)
        assert claim
        with claim:
            ledger.finish(claim, "failed", None, {"message": "no sounds in it", "code": 4})
        app.poll()
        await pilot.pause()
        assert "nothing was imported: no sounds in it" in " ".join(shown(app).split())
        assert not app.page.asked
