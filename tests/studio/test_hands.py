"""What every screen has in common: jump, one pane alone, copy, editor, palette, where the hands were."""

import base64
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import paths
from store.library import Library
from studio import catalog, edit
from studio.keymap import SCREENS
from studio.nearby import nearby
from studio.screens.jump import LETTERS, labels
from tests.studio import house
from tests.studio.conftest import shown, studio, typed
from tests.studio.terminal import Terminal
from tests.studio.test_train import submitted


@given(st.integers(0, len(LETTERS) ** 2))
def test_no_jump_label_begins_another_UX(count: int) -> None:
    found = labels(count)
    assert len(set(found)) == count
    assert not [a for a in found if len(a) == 1 and any(b != a and b.startswith(a) for b in found)]


async def test_a_letter_goes_to_a_row_and_another_to_a_screen_UX(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("ctrl+o")
        await pilot.pause()
        third = next(spot for spot in app.screen.spots if spot.at.y == 4 and spot.at.x < 10)
        await pilot.press(*third.label)
        await pilot.pause(0.2)
        assert app.page.list.cursor == 2
        await pilot.press("ctrl+o")
        await pilot.pause()
        await pilot.press(app.screen.spots[0].label)
        await pilot.pause(0.3)
        assert app.header.current == SCREENS[0][0]


async def test_jump_is_left_without_a_trace(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        before = shown(app)
        await pilot.press("ctrl+o", "escape")
        await pilot.pause(0.2)
        assert shown(app) == before


async def test_one_pane_alone_and_back_UX(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause(0.2)
        before = shown(app)
        await pilot.press("z")
        await pilot.pause(0.2)
        assert app.page.list.size.width > 70
        assert not app.page.facts.region
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert shown(app) == before


async def test_every_action_of_every_screen_is_in_the_palette_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("ctrl+p")
        await pilot.pause()
        offered = {item[0][1] for item in app.screen.list.items}
        assert not {entry.action for entry in catalog.entries() if entry.screen} - offered
        there = {(item[0][1], item[0][2]) for item in app.screen.list.items if item[0][0] == "there"}
        others = {(one.action, one.screen) for one in catalog.entries() if one.screen not in ("", "data")}
        assert not others - there, "also those that have a namesake here"
        # Words in any order; it is done on the screen that has it.
        await pilot.press(*"blend models", "enter")
        await pilot.pause(0.4)
        assert app.header.current == "play" or "play" in app.pages


async def test_the_palette_tells_the_nearest_where_nothing_matches_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("ctrl+p", *"blnd modles")
        await pilot.pause()
        text = " ".join(shown(app).split())
        assert "nothing matches; the nearest:" in text and "Models: blend b mix it with" in text
        await pilot.press("enter")
        await pilot.pause()
        assert "nothing matches" in shown(app), "what only may have been meant is not done"
        await pilot.press(*"xyzzyx")
        await pilot.pause()
        assert "nothing matches" in shown(app) and "the nearest" not in shown(app)


@pytest.mark.parametrize(
    ("text", "place"),
    [("trian", 0), ("TRIAN form", 0), ("repairers lern", 1), ("zzz", None), ("train learn", None), ("", 0)],
)
def test_the_nearest_text_has_every_word_or_one_like_it_UX(text: str, place: int | None) -> None:
    assert nearby(text, ["train: with the form", "learn repair (repairers)"]) == place
    assert nearby(text, []) is None


def test_every_action_with_an_id_can_be_given_another_key_UX() -> None:
    root = Path(catalog.__file__).parent
    told = [text for file in root.rglob("*.py") if "BINDINGS" in (text := file.read_text())]
    ids = {id for text in told for id in re.findall(r'\bid="([a-z]+\.[a-z_]+)"', text)}
    assert len(ids) > 100 and not ids - {entry.id for entry in catalog.entries()}


async def test_g_and_G_go_to_the_ends_of_the_sliders_too_UX(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.3)
        sliders = app.page.sliders
        sliders.focus()
        await pilot.press("G")
        assert sliders.at == len(sliders.knobs) - 1 > 0
        await pilot.press("g")
        assert sliders.at == 0
        app.poll()
        assert not app.jobs, "g makes no take"


async def test_the_curve_obeys_the_persons_own_keys_UX(library: Library) -> None:
    (paths.config() / "keys.toml").write_text('[keys]\n"curve.term" = "f5"\n"trash.restore" = "f6"\n')
    submitted("one", 5)
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert app.keys.said[0] == ""
        before = app.page.loss.view.name
        await pilot.press("f5")
        assert app.page.loss.view.name != before


async def test_the_palette_finds_records(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(":", *"seed3", "enter")
        await pilot.pause(0.4)
        assert app.header.current == "history"
        assert app.page.list.item["seed"] == 3


async def test_the_palette_finds_records_that_a_filter_hides(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *"none has this", "enter", ":", *"seed3", "enter")
        await pilot.pause(0.4)
        assert app.page.list.item["seed"] == 3


async def test_copy_gives_what_the_cursor_is_on_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("y")
        assert app.clipboard == app.page.list.item["id"]
        await pilot.press("enter", "y")
        assert app.clipboard == app.page.sounds.item["file"]


async def test_copy_of_a_path_that_is_no_utf8_gives_its_bytes(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        app.page.sounds.item["file"] = "/sounds/\udcff.wav"
        written: list[str] = []
        app._driver.write = written.append
        await pilot.press("y")
        await pilot.pause()
        assert "copied" in shown(app)
        copied = re.search(r"52;c;([^\a]*)\a", "".join(written))
        assert copied and base64.b64decode(copied[1]) == b"/sounds/\xff.wav"


def test_every_key_has_an_id_of_its_own_and_says_what_it_does_UX() -> None:
    found = catalog.entries()
    ids = [(entry.place, entry.id) for entry in found]
    assert len(set(ids)) == len(ids)
    assert len({entry.id for entry in found}) == len(found), "an id means one thing"
    for place, _, kind in catalog.places():
        for binding in kind.__dict__.get("BINDINGS", ()):
            assert binding.id and binding.description, (place, binding)


def test_no_key_is_one_that_terminals_and_tmux_take_UX() -> None:
    taken = re.compile(r"^(alt\+|ctrl\+(enter|[jmihba])$|f\d+$)")
    for entry in catalog.entries():
        assert [key for key in entry.keys if not taken.match(key)], entry


async def test_the_hands_find_everything_as_it_was_UX(library: Library) -> None:
    app = studio("data")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("slash", *"drums", "enter", "enter", "down", "down")
        await pilot.pause(0.2)
        assert app.focused.id == "sounds"
        at = app.page.sounds.item["name"]
        await pilot.press("6", "1")
        await pilot.pause(0.2)
        assert app.focused.id == "sounds", "a digit and back: the focus is where it was"
        app.remember()
    again = studio("data")
    async with again.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert again.focused.id == "sounds"
        assert again.page.list.query_text == "drums"
        assert again.page.sounds.item["name"] == at


async def test_what_nobody_saved_is_kept_all_the_same(library: Library) -> None:
    """UX: a studio that is killed without a word loses ten seconds at most."""
    app = studio("data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await pilot.pause(0.2)
        app._keep_place()
        assert Library().setting("studio")["screen"] == "history"
        stamp = Library().setting("studio")
        app._keep_place()
        assert Library().setting("studio") == stamp


async def test_what_changed_since_it_was_saved_is_saved_again(library: Library) -> None:
    """UX: saving every ten seconds is no reason to forget what came after."""
    app = studio("play")
    async with app.run_test(size=(80, 24)) as pilot:
        app.page._soon = lambda: None
        await pilot.press("j", "right")
        app._keep_place()
        await pilot.press("right", "right")
        app._keep_place()
        values = Library().setting("studio")["pages"]["play"]["values"]
        assert values["brightness"] == app.page.sliders.values["brightness"] == 53


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[keys]\n"list.dwn" = "n"\n', "no such action.*list.down"),
        ('[keys]\n"app.help" = " "\n', "no key named"),
        ('[keys]\n"app.help" = ","\n', "no key named"),
        ('[keys]\n"app.help" = "q"\n', "q is the key of"),
        ('[keys]\n"app.undo" = "ctrl+foo"\n', "no key is called 'foo'"),
        ('[keys]\n"app.undo" = "pgup"\n', "did you mean 'pageup'"),
        ('[keys]\n"app.undo" = "control+u"\n', "can't be held.*'ctrl'"),
        ('[keys]\n"app.undo" = "?"\n', "question_mark is the key of"),
        ("[keys\n", "keys.toml"),
        ("keys = 3\n", "needs lines like"),
        pytest.param(f"keys = {'[' * 3000}", "keys.toml", id="nested too deep"),
    ],
)
async def test_what_is_wrong_with_keys_is_one_line_UX(home: Path, text: str, said: str) -> None:
    paths.config().mkdir(parents=True, exist_ok=True)
    (paths.config() / "keys.toml").write_text(text)
    app = studio("data")
    async with app.run_test(size=(160, 30)) as pilot:
        end = time.monotonic() + 10
        while not app.keys.said[0] and time.monotonic() < end:
            await pilot.pause(0.05)
        assert re.search(said, app.keys.said[0]), app.keys.said


def editor(folder: Path, program: str) -> str:
    """A program that changes the file it is given, as a person would."""
    path = folder / "editor.py"
    path.write_text(f"import re, sys\npath = sys.argv[1]\ntext = open(path).read()\n{program}\n")
    return f"python3 {path}"


def test_the_form_comes_back_from_the_editor_with_what_is_wrong_shown_UX(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.furnish()
    change = (
        'open(path, "w").write(text.replace("minutes = 5", "minutes = 7").replace("seed = 0", "seed = -4"))'
    )
    monkeypatch.setenv("EDITOR", editor(tmp_path, change))
    with Terminal(home, (100, 30)) as terminal:
        terminal.wait("datasets")
        terminal.press("2")
        terminal.wait("train on")
        terminal.press("\x1b")
        terminal.quiet(0.3)
        terminal.press("e")
        terminal.wait(r"minutes +7 min")
        terminal.wait("✗ seed")
        assert not list(paths.state().glob("edit-*"))


def test_what_the_editor_left_unreadable_is_not_lost_UX(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.furnish()
    once = """
if "= =" in text: text = text.replace("= =", "=")
else: text = text.replace("minutes = 5", "minutes = = 9")
open(path, "w").write(text)"""
    monkeypatch.setenv("EDITOR", editor(tmp_path, once))
    with Terminal(home, (100, 30)) as terminal:
        terminal.wait("datasets")
        terminal.press("2")
        terminal.wait("train on")
        terminal.press("\x1b")
        terminal.quiet(0.3)
        terminal.press("e")
        terminal.wait("once more")
        terminal.press("e")
        terminal.wait(r"minutes +9 min")


async def test_every_letter_that_is_typed_arrives_UX(library: Library) -> None:
    """A bare letter never fires while typing: in a form, a filter, a window."""
    printable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789?:/[]{}<>+-=_.,'\"\\"
    app = studio("train")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.2)
        await pilot.press("down")
        await typed(pilot, printable)
        assert app.page.form.values["name"] == printable
        app.page.form.action_rest()
        await pilot.press("4", "slash")
        await typed(pilot, printable)
        assert app.page.list.query_text == printable
        await pilot.press("escape", "r")
        await pilot.pause()
        await pilot.press("ctrl+u")
        await typed(pilot, printable)
        assert app.screen.form.values["name"] == printable
        assert len(app.screen_stack) == 2


def test_sliders_and_forms_are_toml_that_can_be_read_back() -> None:
    import tomllib

    for value in ("0", "5", "0.3", "-3", "+3", ".5", "", "free", 'a"b', "1e3", "nan", "inf", "0x10", "007"):
        text = f"x = {edit._toml(value)}"
        back = edit._word(tomllib.loads(text)["x"])
        assert back == value or float(back) == float(value), value
    assert json.loads(edit._toml("nan")) == "nan"


def test_keys_that_come_at_once_reach_the_window_they_are_meant_for(home: Path) -> None:
    """A hand that knows its way does not wait for a window to be drawn."""
    with Terminal(home, (120, 40)) as terminal:
        terminal.wait("datasets")
        terminal.press("o\x1b[B\x1b[B\x1b[B\r")
        terminal.wait("─ flaws ─")
        terminal.press("\x1b")
        terminal.quiet(0.3)
        # Its first letter is the key that opens the list.
        terminal.press("oorganise\r\x15\x1b[200~/tmp/a\x1b[201~b")
        terminal.wait("─ organise ─")
        terminal.wait("folder +/tmp/ab")
        terminal.press("\x1b")
        terminal.quiet(0.3)
        terminal.press("q")
        assert terminal.end(0) == 0
