"""The model that Play has goes, by a key here or by somebody else: it is said, and nothing is muddled."""

from typing import Any

from store.library import Library
from studio import actions
from tests.studio import house
from tests.studio.conftest import shown, studio

NARROW = (80, 24)
BRIGHT, DRUMS = "e5" * 6, "a1" * 6


def held(app: Any) -> str:
    """The model that Play has, with previews left out."""
    app.page._soon = lambda: None
    return (app.page.model or {}).get("id", "")


async def test_a_model_that_is_deleted_is_replaced_aloud_and_comes_back_with_u(library: Library) -> None:
    library.models.amend(BRIGHT, axes=[*house.AXES, house.axis("glitter", "", "dull", "glittering", 1)])
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        page = app.page
        assert held(app) == BRIGHT
        page.sliders.set(brightness=33.0, glitter=80.0)
        await pilot.press("4", "d", "5")
        await pilot.pause()
        assert held(app) == DRUMS
        text = " ".join(shown(app).split())
        assert "drums bright is in the trash (u takes it back): now plays drums, without glitter" in text
        assert page.sliders.positions == {"brightness": 33}
        await pilot.press("u")
        await pilot.pause()
        assert held(app) == BRIGHT and "drums bright is back" in shown(app)
        assert page.sliders.positions == {"brightness": 33, "glitter": 80}


async def test_one_that_somebody_else_removed_is_missed_at_the_next_look(library: Library) -> None:
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause(0.2)
        assert held(app) == BRIGHT
        await pilot.press("j", "right")
        library.models.trash(BRIGHT)
        library.models.purge(BRIGHT)
        app.poll()
        await pilot.pause()
        text = shown(app)
        assert "drums bright is not in the library any more: now plays drums" in text
        assert app.page.sliders.positions == {"brightness": 51}


async def test_another_that_was_chosen_meanwhile_is_kept(library: Library) -> None:
    house.model(library, library.datasets.find("drums"), "third", "f3" * 6)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        held(app)
        app.page.choose(BRIGHT)
        actions.trash("models", BRIGHT)
        app.page.look()
        assert held(app) == "f3" * 6, "the newest"
        app.page.choose(DRUMS)
        actions.restore("models", BRIGHT)
        app.page.look()
        await pilot.pause()
        assert held(app) == DRUMS


async def test_the_last_one_leaves_the_empty_screen_and_finds_its_rows_again(library: Library) -> None:
    actions.trash("models", DRUMS)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        held(app)
        await pilot.press("j", "right", "4", "d", "5")
        await pilot.pause()
        assert held(app) == "" and "no model is left to play" in " ".join(shown(app).split())
        await pilot.press("enter", "R", "n", "x", "b", "Z", "equals_sign")
        assert not actions.jobs(), "there is nothing that keys could ask for"
        await pilot.press("u")
        await pilot.pause()
        assert held(app) == BRIGHT and app.page.sliders.positions == {"brightness": 51}


async def test_one_of_a_blend_that_goes_is_said_and_one_that_stays_takes_over(library: Library) -> None:
    house.model(library, library.datasets.find("drums"), "third", "f3" * 6)
    app = studio("play")
    async with app.run_test(size=NARROW) as pilot:
        held(app)
        page = app.page
        page.choose("f3" * 6)
        page.mix([library.models.find("drums"), library.models.find("drums bright")])
        actions.trash("models", BRIGHT)
        page.look()
        await pilot.pause()
        assert "drums bright is in the trash (u takes it back): out of the blend" in shown(app)
        assert [one["id"] for one in page.blended] == [DRUMS]
        actions.trash("models", "f3" * 6)
        page.look()
        await pilot.pause()
        assert held(app) == DRUMS and not page.blended


async def test_what_the_last_start_played_is_missed_at_the_next(library: Library) -> None:
    library.set("studio", {"screen": "play", "pages": {"play": {"model": "gone", "values": {"warmth": 70}}}})
    app = studio("")
    async with app.run_test(size=NARROW) as pilot:
        await pilot.pause(0.2)
        assert "the model is not in the library any more: now plays drums bright" in shown(app)
        assert app.page.sliders.positions == {"warmth": 70}
