"""6 History: every take, seen and heard again, one against another."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions
from studio.messages import Chosen, Highlighted
from studio.report import level, part
from studio.screens.page import Page, newest_first, pane
from studio.screens.scroll import Scroll
from studio.screens.taken import differing, facts, short
from studio.screens.ways import Way, way_of
from studio.sources import OVER
from studio.text import cells, clock, count, pad
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part
from studio.widgets.rows import Rows
from studio.widgets.sound import Sound
from studio.widgets.wave import read_peaks, thumbnail

NOTHING = empty(
    "Every take you keep is here, with the model, seed and sliders that made it.",
    [("5", "b:accent"), ("  play a model and keep a take", "text")],
    "woodshed generate MODEL",
    width=40,
)
SIDES = ("a", "b")


class HistoryPage(Page):
    """Takes at the left; pictures and parameters of one at the right; A against B below them."""

    legend = (("A B ✓", "loaded as A, as B, marked to feed"),)
    DEFAULT_CSS = """
    HistoryPage > #takes { width: 44%; min-width: 34; max-width: 62; }
    HistoryPage Sound { min-height: 7; }
    HistoryPage Scroll { height: auto; max-height: 65%; margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("a", "load('a')", "as A", id="history.a", tooltip="this take is A"),
        Binding("b", "load('b')", "as B", id="history.b", tooltip="this take is B"),
        Binding(
            "x", "swap", "A⇄B", id="history.swap", tooltip="hear the other one from the same place, as loud"
        ),
        Binding("v", "vary", "vary", id="history.vary", tooltip="open it in Play and vary it"),
        Binding("p", "follow", "follow", id="history.follow", tooltip="play it through a model in Play"),
        Binding("c", "walk", "walk A-B", id="history.walk", tooltip="walk from A to B in Play"),
        Binding("o", "open", "to Play", id="history.open", tooltip="all rows of Play as they made it"),
        Binding("n", "again", "again", id="history.again", tooltip="make it once more, bit for bit"),
        Binding("m", "mark", "mark", id="history.mark", tooltip="mark it to feed it; again unmarks"),
        Binding("M", "unmark", "unmark all", show=False, id="history.unmark", tooltip="no take is marked"),
        Binding("f", "feed", "feed", id="history.feed", tooltip="the marked takes into a dataset"),
        Binding("w", "write", "export", id="history.write", tooltip="write it to a file of your own"),
        Binding("r", "rename", "rename", id="history.rename"),
        Binding("d", "delete", "delete", id="history.delete", tooltip="to the trash; u takes it back"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(self._take, id="rows", empty=[[("none yet", "dim")]])
        self.pictures = Sound(self.studio.player)
        self.facts = Facts(id="facts")
        self.sides: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        """Sides whose take is in the trash: they come back with it."""
        self.side = ""
        self.marked: list[str] = []
        """Takes to feed into a dataset, in the order they were marked."""
        self.bars: dict[tuple[str, int], str] = {}

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="takes"), "takes")
        yield pane(Vertical(self.pictures, Scroll(self.facts), id="one"), "take")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.list.items)

    def look(self) -> None:
        takes = newest_first(actions.takes())
        known = {take["id"] for take in takes}
        sides = {**self.gone, **self.sides}
        self.sides = {side: id for side, id in sides.items() if id in known}
        self.gone = {side: id for side, id in sides.items() if id not in known}
        self.marked = [id for id in self.marked if id in known]
        self.list.put(takes)
        self._describe()

    # --- the panes ---------------------------------------------------------------------------------

    def _take(self, take: dict, width: int) -> list[Part]:
        sides = "".join(side.upper() for side in SIDES if self.sides.get(side) == take["id"])
        picture = 8 if width < 40 else 16
        tail = f" {clock(take.get('seconds')):>6}"
        room = width - 3 - picture - len(tail) - 1
        return [
            (pad(sides, 2), "b:accent"),
            ("✓" if take["id"] in self.marked else " ", "good"),
            (pad(short(take["name"], room), room), "text"),
            (" ", ""),
            (self._bars(take, picture), "wave"),
            (tail, "dim"),
        ]

    def _bars(self, take: dict, width: int) -> str:
        key = (take["id"], width)
        if key not in self.bars:
            self.bars[key] = pad(thumbnail(read_peaks(take.get("wave", "")), width), width)
        return self.bars[key]

    def _describe(self) -> None:
        take = self.list.item
        self.pictures.display = take is not None
        self.pictures.show(take)
        self.facts.show((lambda width: self._told(take, width)) if take else NOTHING)

    def _told(self, take: dict, width: int) -> list[Line]:
        """A against B comes first once there is one: a take may have more to tell than fits below it."""
        against, about = self._against(width), facts(take, width)
        return [*against, *about] if self.sides or self.marked else [*about, *against]

    def _against(self, width: int) -> list[Line]:
        """A and B, and what differs between them."""
        if not self.sides and not self.marked:
            return [
                [
                    ("a", "accent"),
                    (" and ", "dim"),
                    ("b", "accent"),
                    (" load two takes, ", "dim"),
                    ("x", "accent"),
                    (" swaps them", "dim"),
                ]
            ]
        room = max(8, (width - 8) // 2)
        line: list[Part] = []
        for side in SIDES:
            take = self._side(side)
            here = side == self.side
            words = short(take["name"], room) if take else "empty"
            line += [
                (f"{side.upper()} ", "b:accent" if here else "accent"),
                (pad(words, min(room, cells(words))), "text" if here else "dim"),
                ("  ", ""),
            ]
        lines: list[Line] = [line] if self.sides else []
        if self.marked:
            lines.append([(f"✓ {count(len(self.marked), 'take')} marked, f feeds", "good")])
        if len(self.sides) == 2 and self.sides["a"] != self.sides["b"]:
            lines += differing(actions.compare(self.sides["a"], self.sides["b"])["differences"], width)
        return lines

    # --- what happens ------------------------------------------------------------------------------

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.studio.play(event.item["path"], event.item["name"])

    def sound(self) -> tuple[str, str] | None:
        take = self.list.item
        return (take["path"], take["name"]) if take else None

    def moved(self) -> None:
        self.pictures.head.follow()

    def _side(self, side: str) -> dict | None:
        return actions.library().takes.get(self.sides.get(side, ""))

    def action_load(self, side: str) -> None:
        if self.list.item:
            self.sides[side] = self.list.item["id"]
            self.side = side
            self.list.touch()
            self._describe()

    def action_swap(self) -> None:
        """The other side from the same place, both as loud as the softer one."""
        a, b = self._side("a"), self._side("b")
        if a is None or b is None:
            self.studio.say("load two takes first: a on one, b on the other")
            return
        self.side = "b" if self.side == "a" else "a"
        take, other = (a, b) if self.side == "a" else (b, a)
        player = self.studio.player
        at = player.position if player.path in (a["path"], b["path"]) else 0.0
        self.list.go(take["id"])
        self.studio.play(take["path"], f"{self.side.upper()} {take['name']}", at, _gain(take, other))
        self._describe()

    # --- on to Play --------------------------------------------------------------------------------

    async def _to_play(self, way: Way | None, load: bool) -> None:
        """Open Play with this way; ``load``: with every row as it made the take of the cursor."""
        asked = self.studio.attempt(lambda: actions.request_of(self.list.item)) if load else {}
        if asked is None:
            return
        page: Any = await self.studio.go("play")
        if asked:
            page.load(asked, way)
        elif page.model:
            page.take_way(way)

    async def action_open(self) -> None:
        if self.list.item:
            await self._to_play(way_of(part(self.list.item, "spec") or self.list.item), load=True)

    async def action_vary(self) -> None:
        if self.list.item:
            asked = part(self.list.item, "spec")
            over = way_of({name: asked.get(name) for name in OVER})
            await self._to_play(Way("vary", (self.list.item["id"],), over), load=True)

    async def action_follow(self) -> None:
        if self.list.item:
            await self._to_play(Way("resynthesise", (self.list.item["id"],)), load=False)

    async def action_walk(self) -> None:
        if self._side("a") is None or self._side("b") is None:
            self.studio.say("load two takes first: a on one, b on the other")
            return
        await self._to_play(Way("between", (self.sides["a"], self.sides["b"])), load=False)

    async def action_again(self) -> None:
        take = self.list.item
        if take is None:
            return

        def ask() -> Any:
            values, _ = actions.repeat(take["id"])
            return actions.generate(values.pop("model"), **values)

        if await self.studio.do(ask):
            self.studio.say(f"making {take['name']} once more; it comes first in this list", "good")
            self.studio.poll()

    # --- into a dataset ----------------------------------------------------------------------------

    def action_mark(self) -> None:
        if self.list.item:
            id = self.list.item["id"]
            self.marked = (
                [one for one in self.marked if one != id] if id in self.marked else [*self.marked, id]
            )
            self.list.touch()
            self.list.action_move(1)
            self._describe()

    def action_unmark(self) -> None:
        self.marked = []
        self.list.touch()
        self._describe()

    def action_feed(self) -> None:
        from studio.screens.feed import feed

        feed(self)

    # --- upkeep ------------------------------------------------------------------------------------

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "takes", self.list.item)

    async def action_delete(self) -> None:
        from studio.screens.shelf import delete

        await delete(self.studio, "takes", self.list.item)

    def action_write(self) -> None:
        from studio.screens.export import export

        export(self.studio, self.list.item)

    def memory(self) -> dict[str, Any]:
        at = self.list.item["id"] if self.list.item else ""
        return {"at": at, "sides": self.sides, "side": self.side, "marked": self.marked}

    def recall(self, memory: dict[str, Any]) -> None:
        self.sides = {side: str(id) for side, id in memory.get("sides", {}).items() if side in SIDES}
        self.side = str(memory.get("side", ""))
        self.marked = [str(id) for id in memory.get("marked", ())]
        self.list.put(newest_first(actions.takes()), at=memory.get("at"))


def _gain(take: dict, other: dict) -> float:
    """How much to turn ``take`` down so that it is no louder than ``other``."""
    ours, theirs = level(take), level(other)
    if ours is None or theirs is None:
        return 1.0
    return min(1.0, 10 ** ((theirs - ours) / 20))
