"""6 History: every take, seen and heard again, one against another."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions
from studio.messages import Chosen, Highlighted
from studio.screens.page import Page, newest_first, pane
from studio.text import cells, clock, figure, pad, safe_text, when
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

    DEFAULT_CSS = """
    HistoryPage > #takes { width: 44%; min-width: 34; max-width: 62; }
    HistoryPage #facts { margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("a", "load('a')", "as A", id="history.a", tooltip="this take is A"),
        Binding("b", "load('b')", "as B", id="history.b", tooltip="this take is B"),
        Binding(
            "x", "swap", "A⇄B", id="history.swap", tooltip="hear the other one from the same place, as loud"
        ),
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
        self.bars: dict[tuple[str, int], str] = {}

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="takes"), "takes")
        yield pane(Vertical(self.pictures, self.facts, id="one"), "take")

    def first(self) -> Rows:
        return self.list

    def look(self) -> None:
        takes = newest_first(actions.takes())
        known = {take["id"] for take in takes}
        sides = {**self.gone, **self.sides}
        self.sides = {side: id for side, id in sides.items() if id in known}
        self.gone = {side: id for side, id in sides.items() if id not in known}
        self.list.put(takes)
        self._describe()

    # --- the panes ---------------------------------------------------------------------------------

    def _take(self, take: dict, width: int) -> list[Part]:
        sides = "".join(side.upper() for side in SIDES if self.sides.get(side) == take["id"])
        picture = 8 if width < 40 else 16
        tail = f" {clock(take.get('seconds')):>6}"
        room = width - 3 - picture - len(tail) - 1
        return [
            (pad(sides, 3), "b:accent"),
            (pad(_short(take["name"], room), room), "text"),
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
        self.facts.show((lambda width: self._facts(take, width)) if take else NOTHING)

    def _facts(self, take: dict, width: int) -> list[Line]:
        sliders = "  ".join(f"{axis} {figure(value)}" for axis, value in (take.get("sliders") or {}).items())
        shape = f"{take.get('rate', 0) / 1000:g} kHz · {take.get('bits')} bit · {take.get('format')}"
        level = (take.get("quality") or {}).get("rms_dbfs")
        lines: list[Line] = [
            [(take["name"], "b:text")],
            [
                (f"{take.get('model_name')}", "second"),
                (f" · seed {take.get('seed')} · {clock(take.get('seconds'))} · {shape}", "dim"),
                (f" · {figure(level)} dBFS" if level is not None else "", "dim"),
            ],
            [
                ("sliders  ", "dim"),
                (sliders or "all free", "text"),
                (f"  ◆ {take['preset']}" if take.get("preset") else "", "accent"),
            ],
            [(f"{when(take.get('created'))}  ", "dim"), (str(take.get("path")), "dim")],
        ]
        return [*lines, *self._against(width)]

    def _against(self, width: int) -> list[Line]:
        """A and B, and what differs between them."""
        if not self.sides:
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
            words = _short(take["name"], room) if take else "empty"
            line += [
                (f"{side.upper()} ", "b:accent" if here else "accent"),
                (pad(words, min(room, cells(words))), "text" if here else "dim"),
                ("  ", ""),
            ]
        lines: list[Line] = [line]
        if len(self.sides) == 2 and self.sides["a"] != self.sides["b"]:
            found = actions.compare(self.sides["a"], self.sides["b"])["differences"]
            told = [
                f"{key.rpartition('.')[2]} {_value(key, a)}→{_value(key, b)}" for key, (a, b) in found.items()
            ]
            for at, row in enumerate(_packed(told, max(8, width - 8))):
                lines.append([("differ: " if at == 0 else " " * 8, "dim"), (row, "text")])
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

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "takes", self.list.item)

    def action_delete(self) -> None:
        from studio.screens.shelf import delete

        delete(self.studio, "takes", self.list.item)

    def action_write(self) -> None:
        from studio.screens.export import export

        export(self.studio, self.list.item)

    def memory(self) -> dict[str, Any]:
        return {"at": self.list.item["id"] if self.list.item else "", "sides": self.sides, "side": self.side}

    def recall(self, memory: dict[str, Any]) -> None:
        self.sides = {side: str(id) for side, id in memory.get("sides", {}).items() if side in SIDES}
        self.side = str(memory.get("side", ""))
        self.list.put(newest_first(actions.takes()), at=memory.get("at"))


def _value(key: str, value: object) -> str:
    """One side of a difference: a slider that is not set is free."""
    if value is None or value == "":
        return "free" if key.startswith("sliders.") else "-"
    return safe_text(figure(value))


def _packed(words: list[str], width: int) -> list[str]:
    """As many of ``words`` in a line as fit; only one that is too long for a line alone is cut."""
    lines: list[str] = []
    for word in words:
        if lines and cells(lines[-1]) + 2 + cells(word) <= width:
            lines[-1] += f"  {word}"
        else:
            lines.append(safe_text(word, width))
    return lines


def _gain(take: dict, other: dict) -> float:
    """How much to turn ``take`` down so that it is no louder than ``other``."""
    ours, theirs = ((t.get("quality") or {}).get("rms_dbfs") for t in (take, other))
    if not isinstance(ours, int | float) or not isinstance(theirs, int | float):
        return 1.0
    return min(1.0, 10 ** ((theirs - ours) / 20))


def _short(name: str, width: int) -> str:
    """A generated name loses its middle before it loses its seed."""
    name = safe_text(name)
    if cells(name) <= width or not name.startswith("gen_"):
        return name
    stamp, _, seed = name[4:].rpartition("_")
    if len(stamp) < 15:
        return name
    longer = f"{stamp[4:8]} {stamp[9:15]} {seed}"
    return longer if cells(longer) <= width else f"{stamp[9:15]} {seed.replace('seed', '#')}"
