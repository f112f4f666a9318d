"""7 Lab: look closely at a sound: its pictures, its spectrum, and where it lies among others."""

import os
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions, looking
from studio.awaited import ended
from studio.looking import Subject
from studio.messages import Highlighted
from studio.screens.page import Page, pane
from studio.text import cells, clock, pad
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.ranges import ranges
from studio.widgets.rows import Rows
from studio.widgets.sound import Sound
from studio.widgets.spectrum import SpectrumPane

NOTHING = empty(
    "Here a sound is looked at closely: its spectrum, its descriptors, and where it lies among your sounds.",
    [("n", "b:accent"), ("  choose one", "text"), ("  or i on a sound of 1, 5 or 6", "dim")],
    "woodshed look FILE|TAKE|DATASET/SOUND",
    width=44,
)
VIEWS = ("pictures", "spectrum", "descriptors")
TALL = 34
"""Rows from which all views are seen at once."""
KEPT = 100
"""Sounds that are remembered."""
SIDES = ("a", "b")


class LabPage(Page):
    """What was looked at lately at the left, all that is known of the one under the cursor at the right."""

    legend = (
        ("━ ─ ┼", "most sounds of the dataset, all of them, the middle one"),
        ("● ◆", "this sound or A, and B"),
    )
    always = ("new",)
    copies = ("path",)
    DEFAULT_CSS = """
    LabPage > #looked { width: 28%; min-width: 26; max-width: 44; }
    LabPage #about { margin-bottom: 1; }
    LabPage SpectrumPane { min-height: 6; }
    LabPage #ranges { margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("n", "new", "choose", id="lab.new", tooltip="a take, or a file of your own"),
        Binding("v", "view", "view", id="lab.view", tooltip="pictures, spectrum, descriptors in turn"),
        Binding("a", "load('a')", "as A", id="lab.a", tooltip="compare it; once more lets go"),
        Binding("b", "load('b')", "as B", id="lab.b", tooltip="compare it; once more lets go"),
        Binding("x", "swap", "A⇄B", id="lab.swap", tooltip="play the other one from the same place"),
        Binding(
            "w",
            "wrong",
            "what is wrong",
            id="lab.wrong",
            tooltip="diagnose it; with A and B, it or B against A",
        ),
        Binding(
            "p",
            "prints",
            "fingerprint",
            id="lab.prints",
            tooltip="its 64 numbers, and where the gold has them",
        ),
        Binding(
            "r",
            "repair",
            "repair",
            id="lab.repair",
            tooltip="fill its lost packets; with A and B, score B against the truth A",
        ),
        Binding(
            "o",
            "degrade",
            "degrade",
            id="lab.degrade",
            tooltip="what a connection does to it; packet traces: to try repairs on",
        ),
        Binding("d", "delete", "drop", id="lab.delete", tooltip="from this list; the sound stays"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(
            self._row,
            key=lambda one: one.path,
            words=lambda one: one.name,
            empty=[[("none yet", "dim")]],
            id="rows",
        )
        self.about = Facts(id="about")
        self.pictures = Sound(self.studio.player)
        self.spectrum = SpectrumPane(id="spectrum")
        self.ranges = Facts(id="ranges")
        self.view = VIEWS[0]
        self.subjects: list[Subject] = []
        self.found: dict[str, dict[str, Any]] = {}
        """By path, what was found of it."""
        self.wrong: dict[str, str] = {}
        """By path, why it can't be looked at."""
        self.sides: dict[str, str] = {}
        self.asked = ""

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="looked"), "looked at")
        yield pane(Vertical(self.about, self.pictures, self.spectrum, self.ranges, id="close"), "closely")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.subjects)

    def look(self) -> None:
        self.list.put(self.subjects)
        self._show()

    def add(self, subject: Subject) -> None:
        """Look at this one: it comes first in the list."""
        others = [one for one in self.subjects if one.path != subject.path]
        self.subjects = [subject, *others][:KEPT]
        self.wrong.pop(subject.path, None)
        self.list.query_text = ""
        self.list.put(self.subjects, at=subject.path)
        self._show()

    def compare(self, a: Subject, b: Subject) -> None:
        """Look at both, loaded as A and B."""
        self.sides = {"a": a.path, "b": b.path}
        self.add(a)
        self.add(b)

    # --- the panes ---------------------------------------------------------------------------------

    def _row(self, one: Subject, width: int) -> list[Part]:
        sides = "".join(side.upper() for side in SIDES if self.sides.get(side) == one.path)
        found = self.found.get(one.path)
        mark = "✗" if one.path in self.wrong else ""
        tail = clock(found["seconds"]) if found else mark
        room = width - 4 - cells(tail)
        color = "bad" if mark else "dim"
        return [(pad(sides, 3), "b:accent"), (pad(one.name, room), "text"), (" ", ""), (tail, color)]

    def _shown(self) -> list[Subject]:
        """What is seen: A and B where both are loaded, else the one under the cursor."""
        known = {one.path: one for one in self.subjects}
        both = [known[self.sides[side]] for side in SIDES if self.sides.get(side) in known]
        if len(both) == len(SIDES):
            return both
        return [self.list.item] if self.list.item else []

    def _show(self) -> None:
        shown = self._shown()
        found = [self.found[one.path] for one in shown if one.path in self.found]
        whole = bool(shown) and len(found) == len(shown)
        self.about.show(lambda width: self._facts(shown, width))
        self._lay_out(whole)
        if whole:
            seen = self.found.get(self.list.item.path, found[0]) if self.list.item else found[0]
            self.pictures.show({**seen, "path": seen["file"]})
            self.spectrum.show([(sub.name, one["spectrum"]) for sub, one in zip(shown, found, strict=True)])
            dataset = str((found[0]["against"] or {}).get("name", ""))
            other = found[1]["axes"] if len(found) > 1 else ()
            self.ranges.show(lambda width: ranges(found[0]["axes"], dataset, width, other))
        known = {*self.found, *self.wrong}
        missing = next((one for one in shown if one.path not in known), None)
        if missing and self.asked != missing.path:
            self.asked = missing.path
            self.run_worker(self._look(missing), exclusive=True, group="look")

    def _lay_out(self, whole: bool) -> None:
        every = self.app.size.height >= TALL
        for view, widget in zip(VIEWS, (self.pictures, self.spectrum, self.ranges), strict=True):
            wanted = whole and (every or view == self.view)
            if widget.display != wanted:
                widget.display = wanted

    def on_resize(self) -> None:
        self._show()

    def _facts(self, shown: list[Subject], width: int) -> list[Line]:
        if not shown:
            return NOTHING
        lines: list[Line] = []
        for side, one in zip("AB" if len(shown) > 1 else " ", shown, strict=False):
            found = self.found.get(one.path)
            mark: Part = (f"{side} ", "b:accent") if side.strip() else ("", "")
            lines.append([mark, *[(line, "b:text") for line in wrap(one.name, width - 2)[:1]]])
            if one.path in self.wrong:
                lines += [[("✗ " if not row else "  ", "bad"), (line, "text")]
                          for row, line in enumerate(wrap(self.wrong[one.path], width - 2))]  # fmt: skip
            elif found is None:
                lines.append([("… looking", "dim")])
            else:
                lines += [[(line, "dim")] for line in wrap(_told(found), width)[:2]]
                lines += [[("▲ ", "warn"), (fault, "dim")] for fault in found["faults"][:2]]
        return lines

    # --- looking -----------------------------------------------------------------------------------

    async def _look(self, one: Subject) -> None:
        job = await self.studio.do(lambda: looking.look(one, group=f"lab-{os.getpid()}"))
        if job is None:
            self.asked = ""
            return
        self.studio.poll()
        now = await ended(job.id)
        self.asked = ""
        if now is None or now.state == "cancelled":
            return
        if now.state == "done" and now.result:
            self.found[one.path] = now.result["summary"]
        else:
            self.wrong[one.path] = str((now.error or {}).get("message", "it can't be looked at"))
        self.list.touch()
        self._show()

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._show()

    # --- what happens ------------------------------------------------------------------------------

    def sound(self) -> tuple[str, str] | None:
        one = self.list.item
        return (one.path, one.name) if one else None

    def moved(self) -> None:
        self.pictures.head.follow()

    def action_new(self) -> None:
        from studio.screens.ways import pick_sound

        def chosen(key: str) -> None:
            take = actions.library().takes.get(key)
            self.add(looking.of_take(take) if take else looking.of_file(key))

        pick_sound(self, "look closely at", chosen)

    def action_view(self) -> None:
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        if self.app.size.height >= TALL:
            self.studio.say("all of it is in view")
        self._show()

    def action_load(self, side: str) -> None:
        one = self.list.item
        if one is None:
            return
        if self.sides.get(side) == one.path:
            del self.sides[side]
        else:
            self.sides[side] = one.path
        self.list.touch()
        self._show()

    def action_swap(self) -> None:
        both = [one for one in self._shown() if len(self._shown()) > 1]
        if not both:
            self.studio.say("load two sounds first: a on one, b on the other")
            return
        player = self.studio.player
        here = next((at for at, one in enumerate(both) if one.path == player.path), 1)
        other = both[1 - here]
        at = player.position if player.path in {one.path for one in both} else 0.0
        self.list.go(other.path)
        self.studio.play(other.path, f"{SIDES[1 - here].upper()} {other.name}", at)
        self._show()

    def action_wrong(self) -> None:
        from studio.screens.diagnosis import Diagnosis

        both, item = self._shown(), self.list.item
        if len(both) > 1:
            # What the cursor is on, unless it is the reference itself.
            self.studio.push_screen(Diagnosis(item if item not in (None, both[0]) else both[1], both[0]))
        elif item:
            self.studio.push_screen(Diagnosis(item, None))

    def action_prints(self) -> None:
        from studio.screens.prints import Prints

        if shown := self._shown():
            self.studio.push_screen(Prints(shown))

    def action_repair(self) -> None:
        from studio.screens.repairing import repair, score

        both, item = self._shown(), self.list.item
        if len(both) < len(SIDES):
            if item:
                repair(self, item)
        elif both[0] == both[1]:
            self.studio.say("A and B are one and the same sound: load what it was repaired to as B")
        else:
            score(self.studio, *both)

    def action_degrade(self) -> None:
        from studio.screens.degrading import choose

        if item := self.list.item:
            choose(self, item)

    def action_delete(self) -> None:
        one = self.list.item
        if one:
            self.subjects = [other for other in self.subjects if other.path != one.path]
            self.sides = {side: path for side, path in self.sides.items() if path != one.path}
            self.list.put(self.subjects)
            self._show()
            self.refresh_bindings()

    # --- until the next start ----------------------------------------------------------------------

    def memory(self) -> dict[str, Any]:
        told = [[one.path, one.name, one.dataset] for one in self.subjects]
        return {"subjects": told, "sides": self.sides, "view": self.view}

    def recall(self, memory: dict[str, Any]) -> None:
        self.subjects = [Subject(*map(str, told)) for told in memory.get("subjects", ())]
        self.sides = {side: str(path) for side, path in memory.get("sides", {}).items() if side in SIDES}
        view = str(memory.get("view"))
        self.view = view if view in VIEWS else VIEWS[0]


def _told(found: dict[str, Any]) -> str:
    channels = {1: "mono", 2: "stereo"}.get(found["channels"], f"{found['channels']} channels")
    loud = found.get("loudness_lufs")
    level = f"rms {found['rms_dbfs']:.1f} dBFS" if loud is None else f"{loud:.1f} LUFS"
    against = f" · among {found['against']['name']}" if found["against"] else ""
    return (
        f"{clock(found['seconds'])} · {found['rate'] / 1000:g} kHz {channels} {found['format']} · "
        f"peak {found['peak_dbfs']:.1f} dBFS · {level}{against}"
    )


async def inspect(page: Page, subject: Subject | None) -> None:
    """Look closely at what another page has under its cursor."""
    if subject is None or not Path(subject.path).name:
        page.studio.say("nothing here to look at")
        return
    lab: Any = await page.studio.go("lab")
    lab.add(subject)
