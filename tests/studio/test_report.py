"""Reports of any shape become short rows, in both fronts."""

from typing import Any

import pytest

from store.library import Library
from studio.report import at, brief, differences, ended, level, quality_rows, reach
from tests.studio import house
from tests.studio.conftest import shown, studio

HOSTILE = "\x1b]0;pwned\x07[bold]x"


def test_the_verdict_comes_first_and_a_figure_stands_beside_what_to_compare_it_with() -> None:
    rows = quality_rows(house.QUALITY)
    assert rows[:2] == [("verdict", "good"), ("reason", "clearly from these sounds, and not a copy of them")]
    told = dict(rows)
    assert told["kad"] == "2.1 (floor 1.4, noise 61)"
    assert told["lsd carrier"] == "3.4 dB" and told["blocks: lsd carrier"] == "3.1 dB"
    assert told["nearest"] == "0.61 (held out 0.74)"
    assert "kad floor" not in told


@pytest.mark.parametrize("report", [None, [], 3, "words", {}, {"verdict": ""}])
def test_no_report_is_no_row(report: object) -> None:
    assert quality_rows(report) == []


def nested(depth: int) -> Any:
    return {"a": nested(depth - 1)} if depth else {"x": 1.0}


def test_a_report_of_any_shape_is_a_few_rows() -> None:
    assert quality_rows(nested(50)) == []
    assert len(quality_rows({f"n{i}": i for i in range(5000)})) == 60
    assert quality_rows({"": 1, "_": 2, "a": [1], "b": None, HOSTILE: float("nan")})


def test_level_is_found_under_either_name() -> None:
    assert level({"quality": {"level_dbfs": -20.5}}) == -20.5
    assert level({"quality": {"rms_dbfs": -3}}) == -3.0
    assert level({"quality": {"level_dbfs": "loud"}}) is None and level({}) is None


def test_an_axis_says_its_values_and_reach() -> None:
    axis = house.AXES[1]
    assert brief(at(axis, 50)) == "3143" and brief(0.12345) == "0.123"
    assert reach(axis) == "all" and reach({"reach": [5, 72.5]}) == "5-72.5" and reach({"reach": "x"}) == "all"
    assert at({}, 50) == "-"


def test_all_that_differs_is_told_OUT_09() -> None:
    spec = {"recipe": "take", "space": "mono", "blend": {"m": 1.0}, "seed": 1, "out": "x"}
    a = {"seed": 1, "spec": spec, "sliders": {"warmth": 1}, "quality": {"nearest": "kick", "x": {"y": 1}}}
    b = {"seed": 2, "spec": {**spec, "seed": 2, "space": "binaural", "out": ""}, "quality": {"x": {"y": 2}}}
    assert differences(a, b) == {
        "seed": [1, 2],
        "spec.space": ["mono", "binaural"],
        "sliders.warmth": [1, None],
        "quality.nearest": ["kick", None],
        "quality.x.y": [1, 2],
    }


async def test_models_show_the_report_and_all_axes_by_scrolling_MOD_03(library: Library) -> None:
    app = studio("models")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "clearly from these sounds" in shown(app)
        await pilot.press("tab", "G")
        await pilot.pause(0.2)
        text = shown(app)
        assert "kad" in text and "(floor 1.4, noise 61)" in text
        await pilot.press(*["k"] * 12)
        await pilot.pause(0.2)
        assert "not in these sounds" in shown(app)


async def test_a_hostile_report_is_drawn_in_models_and_history(library: Library) -> None:
    bad = {"verdict": HOSTILE, HOSTILE: 1.0, "deep": nested(30), "list": [HOSTILE], "kad": HOSTILE}
    library.models.amend("e5" * 6, quality=bad)
    library.takes.amend("06" * 6, quality=bad, spec=[1], reached=3)
    app = studio("models")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "G")
        await pilot.pause(0.2)
        assert "pwned" in shown(app) and "\x1b" not in shown(app)
        await pilot.press("6")
        await pilot.pause(0.2)
        assert "pwned" in shown(app) and "\x1b" not in shown(app)


async def test_history_says_what_was_missed_and_which_way_was_gone_OUT_08(library: Library) -> None:
    take = library.takes.get("06" * 6)
    spec = {
        "model": "a1" * 6,
        "vary": "01" * 6,
        "space": "binaural",
        "azimuth": -40.0,
        "blend": {"e5" * 6: 1.0},
    }
    library.takes.add({**take, "spec": spec, "reached": {"brightness": 81.4, "warmth": 50.2}}, id="77" * 6)
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        text = shown(app)
        assert "brightness 100 (got to 81)" in text and "warmth 50" in text
        assert "blend of 2 models" in text and "varies gen_" in text and "binaural -40°" in text


@pytest.mark.parametrize(
    ("by", "words"),
    [("mastered", "mastered"), ("plateau", "ended by its plateau"), ("minutes", "ended by its minutes")],
)
def test_how_a_training_ended_is_said_in_words_TRAIN_07_GAP_05(by: str, words: str) -> None:
    assert ended(by) == words
