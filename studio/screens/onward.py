"""From a take of the history on to Play, as it was made, varied, followed or walked from; or made again."""

from typing import TYPE_CHECKING, Any

from studio import actions
from studio.report import part
from studio.screens.pair import FIRST
from studio.screens.ways import Way, way_of
from studio.sources import OVER

if TYPE_CHECKING:
    from studio.screens.history import HistoryPage


async def to_play(page: "HistoryPage", way: Way | None, load: bool) -> None:
    """Open Play with this way; ``load``: with every row as it made the take of the cursor."""
    asked = page.studio.attempt(lambda: actions.request_of(page.list.item)) if load else {}
    if asked is None:
        return
    play: Any = await page.studio.go("play")
    if asked:
        play.load(asked, way)
    elif play.model:
        play.take_way(way)


async def as_made(page: "HistoryPage", take: dict) -> None:
    """Every row of Play as it made the take."""
    await to_play(page, way_of(part(take, "spec") or take), load=True)


async def vary(page: "HistoryPage", take: dict) -> None:
    """The same, with the next seed, as a variation of it."""
    asked = part(take, "spec")
    over = way_of({name: asked.get(name) for name in OVER})
    await to_play(page, Way("vary", (take["id"],), over), load=True)


async def follow(page: "HistoryPage", take: dict) -> None:
    """Play it through the model that Play has."""
    await to_play(page, Way("resynthesise", (take["id"],)), load=False)


async def again(page: "HistoryPage", take: dict) -> None:
    """Make it once more, bit for bit."""

    def ask() -> Any:
        values, _ = actions.repeat(take["id"])
        return actions.generate(values.pop("model"), **values)

    if await page.studio.do(ask):
        page.studio.say(f"making {take['name']} once more; it comes first in this list", "good")
        page.studio.poll()


async def walk(page: "HistoryPage") -> None:
    """From A to B."""
    both = page.pair.both()
    if both is None:
        page.studio.say(FIRST)
        return
    await to_play(page, Way("between", (both[0]["id"], both[1]["id"])), load=False)
