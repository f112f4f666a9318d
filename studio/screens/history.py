"""6 History: every take, seen and heard again, one against another."""

from functools import partial
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions, sifting
from studio.messages import Chosen, Highlighted
from studio.screens.page import Page, newest_first, pane
from studio.screens.pair import Pair
from studio.screens.scroll import Scroll
from studio.screens.take_row import HIDDEN, TakeRow
from studio.screens.taken import facts
from studio.text import count, pad
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part
from studio.widgets.rows import Rows
from studio.widgets.sound import Sound

NOTHING = empty(
    "Every take you keep is here, with the model, seed and sliders that made it.",
    [("5", "b:accent"), ("  play a model and keep a take", "text")],
    "woodshed generate MODEL",
    width=40,
)
NO_MATCH: list[Line] = [
    [],
    [("  no take fits this filter", "text")],
    [("  esc", "b:accent"), ("  in the list shows all again", "text")],
]
BLIND = ("swap", "blind", "vote")
"""What can be done while two takes are heard blind: the rest would tell which is which."""


class HistoryPage(Page):
    """Takes at the left; pictures and parameters of one at the right; A against B below them."""

    legend = (("A B ✓", "loaded as A, as B, marked"),)
    copies = ("path", "id")
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
        Binding(
            "B",
            "blind",
            "blind",
            id="history.blind",
            tooltip="hear them as X and Y; again reveals",
        ),
        Binding("V", "vote", "prefer this", id="history.vote", tooltip="blind: you prefer the one you hear"),
        Binding("t", "like", "like this", id="history.like", tooltip="only takes of its model, preset, seed"),
        Binding("s", "keep", "keep as preset", id="history.keep", tooltip="its sliders and seed as a preset"),
        Binding("v", "vary", "vary", id="history.vary", tooltip="open it in Play and vary it"),
        Binding("p", "follow", "follow", id="history.follow", tooltip="play it through a model in Play"),
        Binding("c", "walk", "walk A-B", id="history.walk", tooltip="walk from A to B in Play"),
        Binding("o", "open", "to Play", id="history.open", tooltip="all rows of Play as they made it"),
        Binding("n", "again", "again", id="history.again", tooltip="make it once more, bit for bit"),
        Binding("m", "mark", "mark", id="history.mark", tooltip="f w d then mean the marked ones"),
        Binding("M", "unmark", "unmark all", show=False, id="history.unmark", tooltip="no take is marked"),
        Binding("f", "feed", "feed", id="history.feed", tooltip="the marked takes into a dataset"),
        Binding("w", "write", "export", id="history.write", tooltip="to a file; marked ones into a folder"),
        Binding("i", "inspect", "look closely", show=False, id="history.inspect", tooltip="in the Lab"),
        Binding("r", "rename", "rename", id="history.rename"),
        Binding("d", "delete", "delete", id="history.delete", tooltip="to the trash; u takes it back"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(self._take, id="rows", empty=[[("none yet", "dim")]])
        self.list.enters = "play"
        self.list.sieve = self._sieve
        self.list.hint = sifting.hint(sifting.KEYS["takes"])
        self.pictures = Sound(self.studio.player)
        self.facts = Facts(id="facts")
        self.pair = Pair(self.studio, self._again)
        self.marked: list[str] = []
        """Takes to feed, export or delete, in the order they were marked."""
        self.row = TakeRow()

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
        self.pair.known(known)
        self.marked = [id for id in self.marked if id in known]
        self.list.put(takes)
        self._describe()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "vote":
            return self.pair.blind is not None
        own = {str(binding.action).partition("(")[0] for binding in self.BINDINGS}  # type: ignore[union-attr]
        if action in own and action not in BLIND and self.pair.blind:
            return False
        return super().check_action(action, parameters)

    def _sieve(self, text: str) -> sifting.Sieve:
        return sifting.sieve(text, sifting.KEYS["takes"], marked=self.marked)

    # --- the panes ---------------------------------------------------------------------------------

    def _take(self, take: dict, width: int) -> list[Part]:
        if self.pair.hides(take["id"]):
            return [(pad("", 3), ""), (HIDDEN, "faint")]
        low = bool(self.studio.sight.low)
        return self.row.draw(take, width, self.pair.marks(take["id"]), self.marked, low)

    def _describe(self) -> None:
        take = self.list.item
        self.pictures.display = take is not None and self.pair.blind is None
        if self.pictures.display:
            self.pictures.show(take)
        if self.pair.blind:
            self.facts.show(self.pair.told)
        elif take:
            self.facts.show(partial(self._told, take))
        else:
            self.facts.show(NOTHING if not self.list.items else NO_MATCH)

    def _told(self, take: dict, width: int) -> list[Line]:
        """A against B comes first once there is one: a take may have more to tell than fits below it."""
        marks: list[Line] = []
        if self.marked:
            marks = [[(f"✓ {count(len(self.marked), 'take')} marked: f feeds, w exports, d deletes", "good")]]
        if self.pair.sides or self.marked:
            return [*marks, *self.pair.told(width), [], *facts(take, width)]
        return [*facts(take, width), *self.pair.told(width)]

    def _again(self) -> None:
        """Something is to be hidden, or shown again."""
        self.list.touch()
        self._describe()
        self.refresh_bindings()

    # --- what happens ------------------------------------------------------------------------------

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        if self.pair.blind:
            self.studio.say("blind: x hears the other, V prefers the one you hear, B ends it")
        else:
            self.studio.play(event.item["path"], event.item["name"])

    def sound(self) -> tuple[str, str] | None:
        if self.pair.blind:
            return self.pair.sound()
        take = self.list.item
        return (take["path"], take["name"]) if take else None

    def copied(self) -> str:
        return "" if self.pair.blind else super().copied()

    def moved(self) -> None:
        self.pictures.head.follow()

    def on_unmount(self) -> None:
        if self.pair.blind:
            self.pair.blind.end()

    def action_load(self, side: str) -> None:
        if self.list.item:
            self.pair.load(side, self.list.item["id"])
            self._again()

    def action_swap(self) -> None:
        heard = self.pair.swap()
        if heard:
            self.list.go(heard)
            self._again()

    def action_blind(self) -> None:
        self.pair.hide()

    async def action_vote(self) -> None:
        await self.pair.vote()

    def action_like(self) -> None:
        """Of the same model; pressed again: preset, then seed, then all."""
        take = self.list.item
        if take is None:
            self.list.sift("")
            return
        self.list.sift(sifting.like(take, self.list.query_text))
        told = self.list.query_text
        self.studio.say(f"only {told}; t narrows it, esc shows all" if told else "all takes")

    # --- on to Play --------------------------------------------------------------------------------

    async def action_open(self) -> None:
        await self._onward("as_made")

    async def action_vary(self) -> None:
        await self._onward("vary")

    async def action_follow(self) -> None:
        await self._onward("follow")

    async def action_walk(self) -> None:
        from studio.screens.onward import walk

        await walk(self)

    async def _onward(self, how: str) -> None:
        from studio.screens import onward

        if self.list.item:
            await getattr(onward, how)(self, self.list.item)

    async def action_again(self) -> None:
        await self._onward("again")

    # --- the marked ones ---------------------------------------------------------------------------

    def action_mark(self) -> None:
        if self.list.item:
            id = self.list.item["id"]
            self.marked = (
                [one for one in self.marked if one != id] if id in self.marked else [*self.marked, id]
            )
            self._marks()
            self.list.action_move(1)

    def action_unmark(self) -> None:
        self.marked = []
        self._marks()

    def _marks(self) -> None:
        """Other takes are marked; a filter may ask for them."""
        if self.list.query_text:
            self.list.sift()
        self.list.touch()
        self._describe()

    def action_feed(self) -> None:
        from studio.screens.feed import feed

        feed(self)

    def action_write(self) -> None:
        from studio.screens.export import export, export_all

        if self.marked:
            export_all(self.studio, self.marked, self.action_unmark)
        else:
            export(self.studio, self.list.item)

    async def action_delete(self) -> None:
        from studio.screens.shelf import delete, delete_all

        if self.marked:
            await delete_all(self.studio, "takes", self.marked)
        else:
            await delete(self.studio, "takes", self.list.item)

    # --- upkeep ------------------------------------------------------------------------------------

    async def action_inspect(self) -> None:
        from studio.looking import of_take
        from studio.screens.lab import inspect

        await inspect(self, of_take(self.list.item) if self.list.item else None)

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "takes", self.list.item)

    def action_keep(self) -> None:
        from studio.screens.keeping import keep_take

        if self.list.item:
            keep_take(self.studio, self.list.item)

    def memory(self) -> dict[str, Any]:
        return {**self.pair.memory(), "marked": self.marked}

    def recall(self, memory: dict[str, Any]) -> None:
        self.marked = [str(id) for id in memory.get("marked", ())]
        self.pair.recall(memory)
