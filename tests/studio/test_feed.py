"""Back into the work: takes into a dataset, sounds onto a model, a take into Play, by keys."""

import re
from pathlib import Path
from typing import Any

import pytest

from store.library import Library
from studio import actions
from tests.studio import house
from tests.studio.conftest import shown, studio

NARROW = (80, 24)
HOSTILE = "\x1b]0;pwned\x07[bold]x"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The specs that the studio queues; nothing is made of them."""
    specs: list[Any] = []

    def submit(spec: Any, group: str = "", lane: str | None = None) -> bool:
        specs.append(spec)
        return spec.recipe != "take"  # a take that is asked for never comes

    monkeypatch.setattr(actions.queue, "submit", submit)
    return specs


async def test_marked_takes_are_fed_into_a_dataset_FEED_01(library: Library, sent: list[Any]) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("m", "j", "m")
        await pilot.pause()
        assert "✓ 2 takes marked" in shown(app)
        await pilot.press("f")
        await pilot.pause()
        assert "feed 2 takes into a dataset" in shown(app) and "drums" in shown(app)
        await pilot.press("down", *"second", "down", "enter")
        await pilot.pause()
        assert sent[-1].takes == ("06" * 6, "04" * 6)
        assert sent[-1].dataset == library.datasets.find("drums")["id"] and sent[-1].name == "second"
        assert not re.search(r"\bmarked\b", shown(app)) and "feeding 2 takes" in shown(app)


async def test_without_a_mark_the_take_of_the_cursor_is_fed_FEED_01(
    library: Library, sent: list[Any]
) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("f", *["left"] * 5)
        await pilot.pause()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert sent[-1].takes == ("06" * 6,)


async def test_a_take_without_audio_is_not_fed_FEED_01(library: Library, sent: list[Any]) -> None:
    Path(library.takes.get("06" * 6)["path"]).unlink()
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("m", "f", "down", "down", "enter")
        await pilot.pause(0.2)
        assert sent == [] and "--from 060606060606 makes it again" in " ".join(shown(app).split())
        assert "✓ 1 take" in shown(app), "what could not be done is still marked"


async def test_marks_are_taken_back_and_remembered(library: Library) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("m", "m", "k", "k", "m", "q")
        await pilot.pause()
    again = studio("history")
    async with again.run_test(size=NARROW) as pilot:
        await pilot.pause()
        assert again.page.marked == ["05" * 6]
        await pilot.press("M")
        assert again.page.marked == []


async def test_generated_sounds_are_marked_in_their_dataset_FEED_02(library: Library) -> None:
    record = library.datasets.find("keys of the old upright")
    path = Path(record["folder"]) / "sounds.json"
    path.write_text(path.read_text().replace('"usable": true', '"usable": true, "generated": true', 1))
    library.datasets.amend(record["id"], generated=1)
    app = studio()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause()
        assert "1 ◇ generated" in shown(app) and "◇ kick_deep.wav" in shown(app)


async def test_sounds_are_added_to_a_model_INCR_01(library: Library, sent: list[Any]) -> None:
    house.dataset(library, HOSTILE, 3, 0)
    app = studio("models")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert app.page.id == "train" and "\x1b" not in shown(app)
        form = app.page.form
        assert form.row.name == "dataset" and form.values["add"] == "yes"
        assert form.values["dataset"] != library.models.get("e5" * 6)["dataset"]
        await pilot.press("ctrl+r")
        await pilot.pause(0.2)
        spec = sent[-1]
        assert (spec.continue_from, spec.add, spec.old_share) == ("e5" * 6, True, 0.5)
        assert (form.values["continue_from"], form.values["add"]) == ("", "no"), "the next one begins anew"


async def test_without_other_sounds_there_is_nothing_to_add_INCR_01(library: Library) -> None:
    library.datasets.trash("keys of the old upright")
    app = studio("models")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert app.page.id == "models" and "no sounds to add yet" in shown(app)


async def test_a_model_to_continue_is_chosen_among_those_there_INCR_01(library: Library) -> None:
    app = studio("train")
    async with app.run_test(size=(120, 40)) as pilot:
        form = app.page.form
        assert "old share" not in shown(app)
        form.point("continue_from")
        await pilot.press("right")
        await pilot.pause()
        assert form.values["continue_from"] == "a1" * 6 and "old share" in shown(app)
        await pilot.press("left")
        await pilot.pause()
        assert form.values["continue_from"] == "" and "old share" not in shown(app)


SPEC = {"recipe": "take", "model": "a1" * 6, "seconds": 12.5, "seed": 9,
        "sliders": {"warmth": 70.0, "width": 20.0},
        "space": "haas", "azimuth": -45.0, "render": "heap", "wander": 1.1, "format": "flac", "rate": 44100,
        "bits": "16", "blend": {"e5e5e5e5e5e5": 0.25}, "between": ["01" * 6, "02" * 6]}  # fmt: skip


async def test_a_take_opens_in_play_with_all_that_made_it_GEN_09(library: Library, sent: list[Any]) -> None:
    library.takes.add({**library.takes.get("06" * 6), "spec": SPEC}, id="77" * 6)
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("o")
        await pilot.pause()
        page = app.page
        assert page.id == "play" and "from gen_" in shown(app) and "does not move width" in shown(app)
        await page._keep(page.model)
    spec = next(spec for spec in sent if not spec.preview)
    told = {name: getattr(spec, name) for name in SPEC if name not in ("recipe", "sliders", "between")}
    assert told == {name: SPEC[name] for name in told}
    assert spec.sliders == {"warmth": 70.0} and spec.between == ("01" * 6, "02" * 6)


async def test_a_take_is_varied_and_followed_from_the_history_GEN_09(
    library: Library, sent: list[Any]
) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("v")
        await pilot.pause()
        await app.page._preview()
        assert (sent[-1].vary, sent[-1].seed) == ("06" * 6, 6)
        assert sent[-1].sliders == {"brightness": 98.0, "warmth": 50.0}, "as far as the slider goes"
        await pilot.press("6", "p")
        await pilot.pause()
        await app.page._preview()
        assert sent[-1].resynthesise == "06" * 6 and sent[-1].vary == ""


async def test_a_variation_is_over_the_sounds_of_its_take_GEN_09(library: Library, sent: list[Any]) -> None:
    library.takes.amend("06" * 6, spec={**SPEC, "sliders": {}})
    app = studio("history")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("v")
        await pilot.pause()
        assert "varies gen_20200303T093005Z_seed5, from gen_" in shown(app)
        await app.page._preview()
        assert (sent[-1].vary, sent[-1].between) == ("06" * 6, ("01" * 6, "02" * 6))
        memory = app.page.memory()
        await pilot.press("x", "x")
        assert app.page.way is None
        app.page.recall(memory)
        assert app.page.way.over.name == "between"


async def test_a_walk_needs_both_sides(library: Library, sent: list[Any]) -> None:
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("a", "c")
        await pilot.pause()
        assert app.page.id == "history" and "load two takes first" in shown(app)
        await pilot.press("j", "b", "c")
        await pilot.pause()
        await app.page._preview()
        assert sent[-1].between == ("06" * 6, "05" * 6)


async def test_a_take_is_made_once_more_GEN_09(library: Library, sent: list[Any]) -> None:
    sha = library.models.get("a1" * 6)["sha256"]
    library.takes.amend("06" * 6, spec={**SPEC, "sliders": {}}, model_sha256=sha)
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("n")
        await pilot.pause(0.2)
        assert (sent[-1].seconds, sent[-1].seed, sent[-1].between) == (12.5, 9, ("01" * 6, "02" * 6))
        library.models.amend("a1" * 6, sha256="0" * 64)
        await pilot.press("n")
        await pilot.pause(0.2)
        assert len(sent) == 1 and "no longer what made it" in shown(app)


async def test_a_take_whose_model_is_gone_says_so(library: Library) -> None:
    library.models.trash("drums")
    app = studio("history")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert app.page.id == "history" and "its model drums is not here any more" in shown(app)


async def test_a_model_is_mixed_in_from_the_shelf_MOD_05(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        app.page._soon = lambda: None
        await pilot.press("4", "j", "b")
        await pilot.pause()
        assert [one["name"] for one in app.page.blended] == ["drums"]
        await pilot.press("4", "b")
        await pilot.pause()
        assert "is played already" in shown(app)
