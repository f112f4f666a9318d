"""The Play screen: every axis, locks, the mixer, and ways to a take besides a walk, all by keys."""

from pathlib import Path
from typing import Any

import pytest

from store.library import Library
from studio import actions
from studio.frame import Studio
from studio.report import span
from studio.screens.ways import Way
from studio.widgets.knob import knob
from tests.studio import house
from tests.studio.conftest import shown, studio, typed

NARROW = (80, 24)
HOSTILE = "\x1b]0;pwned\x07[bold]x"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The specs that the studio queues; nothing is made of them."""
    specs: list[Any] = []
    monkeypatch.setattr(actions.queue, "submit", lambda spec, group="", lane=None: specs.append(spec))
    return specs


def resting(app: Studio) -> Any:
    """The page, with previews left out: what they do is another test."""
    app.page._soon = lambda: None
    return app.page


def go(page: Any, name: str) -> None:
    page.sliders.at = [k.name for k in page.sliders.knobs].index(name)
    page.sliders.touch()


async def test_every_axis_has_its_row_GEN_02_03_04_05_06(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=(120, 60)) as pilot:
        page = resting(app)
        await pilot.pause()
        text = shown(app)
        for axis in house.AXES:
            assert axis["name"] in text
        assert text.index("width") < text.index(" take ") < text.index(" explore ") < text.index("explore1")
        assert [k.kind for k in page.sliders.knobs[:2]] == ["engine", ""]
        assert "engine: made of the events of these sounds" in text


async def test_what_is_not_in_these_sounds_can_not_be_moved_GEN_08(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        go(page, "width")
        await pilot.press("right", "shift+right")
        await pilot.pause()
        assert page.sliders.positions == {}
        assert shown(app).count("not in these sounds") >= 2, "in its row, and said"
        page.sliders.set(width=80.0)
        assert page.sliders.positions == {}


async def test_out_of_reach_is_hatched_and_said_GEN_08(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.pause()
        row = next(line for line in shown(app).splitlines() if "roughness" in line)
        assert "░" in row and "─" in row
        go(page, "roughness")
        page.sliders.set(roughness=70.0)
        await pilot.press("shift+right")
        await pilot.pause()
        assert "▲ reaches about 72" in shown(app)


async def test_a_locked_row_is_left_alone_by_all_but_the_hand_PRES_01(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        go(page, "brightness")
        page.sliders.set(brightness=33.0, warmth=44.0)
        await pilot.press("t")
        await pilot.pause()
        assert "▣ locked" in shown(app)
        for _ in range(3):
            await pilot.press("R")
            assert page.sliders.values["brightness"] == 33
        page.apply(library.presets.find("dusk"))
        assert page.sliders.positions == {"brightness": 33, "warmth": 70}
        await pilot.press("0")
        await pilot.pause()
        assert page.sliders.values["brightness"] == 33 and "is locked" in shown(app)
        await pilot.press("Z")
        assert page.sliders.positions == {"brightness": 33}
        await pilot.press("right", "t", "Z")
        assert page.sliders.positions == {}


async def test_seed_next_and_lock_GEN_09(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.press("n", "n")
        assert page.sliders.number("seed") == 2
        go(page, "seed")
        await pilot.press("t", "n")
        await pilot.pause()
        assert page.sliders.number("seed") == 2 and "the seed is locked" in shown(app)
        page.apply(library.presets.find("dusk"))
        assert page.sliders.number("seed") == 2


async def test_a_value_is_typed_GEN_01(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        go(page, "length")
        await pilot.press("equals_sign", *"137.25", "enter")
        await pilot.pause()
        assert page.sliders.number("length") == 137.25
        await pilot.press("equals_sign", *"9999", "enter")
        await pilot.pause()
        assert "0.5 to 600 s" in shown(app)
        await pilot.press("escape")
        assert page.sliders.number("length") == 137.25


async def test_the_whole_request_is_sent_as_it_is_shown_GEN_10_OUT_02_OUT_07(
    library: Library, sent: list[Any]
) -> None:
    """Length, count, space, direction, file: what the rows say is what the job gets."""
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.pause()
        text = {row: next(k for k in page.sliders.knobs if k.name == row) for row in ("space", "azimuth")}
        assert text["azimuth"].dead
        go(page, "space")
        await pilot.press("left", *["right"] * 9)
        await pilot.pause()
        assert page.sliders.chosen("space") == "binaural"
        assert not next(k for k in page.sliders.knobs if k.name == "azimuth").dead
        for name, keys in (
            ("azimuth", ["shift+left"] * 2),
            ("takes", ["right"]),
            ("format", ["right"]),
            ("bits", ["left"]),
            ("render", ["right"]),
        ):
            go(page, name)
            await pilot.press(*keys)
        await page._preview()
        await page._keep(page.model)
        await pilot.pause()
    heard, kept = sent[-2:]
    assert (heard.preview, heard.count, heard.format, heard.space) == (True, 1, "wav", "binaural")
    assert (kept.count, kept.format, kept.rate, kept.bits) == (2, "flac", 48000, "16")
    assert (kept.space, kept.azimuth, kept.render) == ("binaural", -70.0, "heap")


async def test_models_are_mixed_by_keys_MOD_05(library: Library, sent: list[Any]) -> None:
    owner = library.datasets.find("drums")
    house.model(library, owner, HOSTILE, "f2" * 6)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        page.choose("e5" * 6)
        for words in ("pwned", "drums"):
            await pilot.press("b", *words, "enter")
            await pilot.pause()
        assert [one["id"] for one in page.blended] == ["f2" * 6, "a1" * 6]
        go(page, "weight of " + "a1" * 6)
        await pilot.press(*["shift+left"] * 2, *["left"] * 5)
        await pilot.pause()
        text = shown(app)
        assert "20% of what plays" in text and "\x1b" not in text
        await page._preview()
        assert sent[-1].blend == {"a1" * 6: 0.5, "f2" * 6: 1.0}
        await pilot.press("b", *"pwned", "enter")
        await pilot.pause()
        await page._preview()
        assert sent[-1].blend == {"a1" * 6: 0.5}
        await pilot.press("m", *"drums", "enter")


async def test_x_lets_go_of_the_way_then_of_the_blend_and_says_so_MOD_05(
    library: Library, sent: list[Any], tmp_path: Path
) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        page.mix([library.models.find("drums")])
        await pilot.pause()
        assert "drums bright + drums  x lets go" in shown(app)
        page.take_way(Way("vary", ("03" * 6,), Way("resynthesise", ("02" * 6,))))
        for said, way in (
            ("let go: varies gen_20200303T093002Z_seed2", "resynthesise"),
            ("let go: follows gen_20200303T093001Z_seed1; a walk again", ""),
            ("out of the blend: drums; drums bright plays a walk of its own", ""),
            ("nothing to let go: drums bright plays a walk of its own", ""),
        ):
            await pilot.press("x")
            await pilot.pause()
            assert said in " ".join(shown(app).split())
            assert (page.way.name if page.way else "") == way
        assert not page.blended and "x lets go" not in shown(app)
        await page._preview()
        assert not sent[-1].blend and not sent[-1].resynthesise and not sent[-1].vary


async def test_each_key_of_the_row_does_what_its_word_says(library: Library, sent: list[Any]) -> None:
    """``0`` frees an axis and puts a number as it was, ``Z`` all of them, ``t`` says why it can't."""
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.press("right")
        go(page, "wander")
        start = page.sliders.number("wander")
        await pilot.press("right")
        assert page.sliders.number("wander") != start
        await pilot.press("0")
        assert page.sliders.number("wander") == start and page.sliders.positions == {"density": 51}
        go(page, "width")
        await pilot.press("t")
        await pilot.pause()
        assert not page.sliders.locked and "width: not in these sounds" in shown(app)
        go(page, "length")
        await pilot.press("right", "Z")
        assert page.sliders.number("length") == 4 and page.sliders.positions == {}
        await pilot.press("s")
        await pilot.pause()
        assert "every slider is free: move one first" in shown(app)


async def test_four_models_at_most_MOD_05(library: Library) -> None:
    for n in range(3):
        house.model(library, library.datasets.find("drums"), f"extra {n}", f"f{n}" * 6)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        page.choose("e5" * 6)
        for words in ("extra 0", "extra 1", "extra 2"):
            await pilot.press("b", *words, "enter")
            await pilot.pause()
        await pilot.press("b", *"drums", "enter")
        await pilot.pause()
        assert len(page.blended) == 3 and "4 models at most" in shown(app)


async def test_a_file_is_followed_MOD_05(library: Library, sent: list[Any], tmp_path: Path) -> None:
    file = house.tone(tmp_path / "my [bold]voice.wav")
    (tmp_path / "notes.txt").write_text("words")
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.press("f", *"of your own", "enter")
        await pilot.pause()
        await pilot.press("ctrl+u")
        await typed(pilot, str(tmp_path / "notes.txt"))
        await pilot.press("enter")
        await pilot.pause()
        assert "has no audio ending" in shown(app)
        await pilot.press("ctrl+u")
        await typed(pilot, f"{tmp_path}/my")
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert "follows my [bold]voice.wav" in shown(app)
        assert page.sliders.number("length") == 0.5, "all of it, as far as a length goes"
        await page._preview()
        assert sent[-1].resynthesise == str(file)
        page.take_way(Way("resynthesise", ("03" * 6,)))
        assert page.sliders.number("length") == 4, "a take says how long it is"
        (tmp_path / "voice.flac").write_bytes(b"fLaC")
        page.take_way(Way("resynthesise", (str(tmp_path / "voice.flac"),)))
        await pilot.pause()
        assert "how long it is can't be told here: 4 s of it, or set length" in shown(app)
        await pilot.press("x")
        await page._preview()
        assert sent[-1].resynthesise == ""


async def test_a_walk_goes_from_A_to_B_of_the_history_GEN_01(library: Library, sent: list[Any]) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("a", "j", "b", "5")
        await pilot.pause()
        page = resting(app)
        for keys in ("w", "enter", "enter"):
            await pilot.press(keys)
            await pilot.pause()
        assert "from gen_" in shown(app)
        await page._preview()
    assert sent[-1].between == ("06" * 6, "05" * 6)


async def test_only_a_kept_take_is_varied_GEN_09(library: Library, sent: list[Any]) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        await pilot.press("v")
        await pilot.pause()
        assert "only a kept take" in shown(app) and page.way is None
        page.heard.hear(library.takes.get("03" * 6), "kept")
        await pilot.press("v")
        go(page, "amount")
        await pilot.press("left")
        await pilot.pause()
        assert "varies gen_" in shown(app)
        await page._preview()
        assert (sent[-1].vary, sent[-1].amount, sent[-1].seed) == ("03" * 6, 0.45, 1)
        await pilot.press("v")
        await page._preview()
        assert sent[-1].seed == 2


async def test_next_start_finds_locks_mixer_and_way_again(library: Library, tmp_path: Path) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        page.mix([library.models.find("drums")])
        page.take_way(Way("between", ("01" * 6, "02" * 6)))
        await pilot.press("right", "t", "q")
        await pilot.pause()
    again = studio("play")
    async with again.run_test(size=NARROW) as pilot:
        page = resting(again)
        await pilot.pause()
        assert page.way == Way("between", ("01" * 6, "02" * 6))
        assert [one["name"] for one in page.blended] == ["drums"]
        assert page.sliders.locked == {"density"} and page.sliders.positions == {"density": 51}


@pytest.mark.parametrize("kept", [{"way": 3}, {"way": {"between": ["x"]}}, {"way": {"vary": "gone"}}])
async def test_a_way_that_is_gone_is_a_walk(library: Library, kept: dict) -> None:
    library.set("studio", {"screen": "play", "pages": {"play": {"model": "", "values": {}, **kept}}})
    app = studio("")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause()
        assert resting(app).way is None and app.page.model


@pytest.mark.parametrize("edges", [None, 3, [1], ["a", 2], [60, 20], [-5, 200], [float("nan"), 3]])
def test_ranges_of_a_model_from_elsewhere_are_whole_when_they_can_not_be(edges: object) -> None:
    assert span(edges) == (0.0, 100.0)
    assert knob({"name": "x", "reach": edges, "safe": edges, "warning": edges}).reach == (0.0, 100.0)


async def test_a_model_with_hostile_axes_is_drawn(library: Library) -> None:
    words = {"unit": HOSTILE, "help": HOSTILE, "why": HOSTILE}
    bad = [{"name": HOSTILE, **words, "reach": [9, 3], "available": False}, {"name": "seed"},
           {"name": HOSTILE + "2", "kind": "explore", "values": []}]  # fmt: skip
    library.models.amend("e5" * 6, axes=bad)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = resting(app)
        assert [k.name for k in page.sliders.knobs].count("seed") == 1
        await pilot.press("right", "end", "right", "home")
        await pilot.pause()
        text = shown(app)
        assert "\x1b" not in text and "\x07" not in text
        assert page.sliders.positions == {}
