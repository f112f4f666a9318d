"""1 Data: datasets at the left; what is in one at the right, sound by sound."""

from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from studio import actions, looking
from studio.messages import Chosen, Highlighted
from studio.screens.page import Page, newest_first, pane
from studio.text import cells, clock, count, pad, rates, safe_text, size, span, when
from studio.widgets.columns import Column, cells_of, fitting, heads, wide
from studio.widgets.facts import Facts, bar, empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows
from studio.widgets.wave import COLUMNS as PEAKS
from studio.widgets.wave import Wave, read_peaks, thumbnail

NOTHING = empty(
    "A dataset is a folder of your own sounds: drum hits, notes, recordings. A dozen is enough to begin.",
    [("n", "b:accent"), ("  import a folder", "text")],
    "woodshed data add ~/sounds --name mine",
    width=44,
)


COLUMNS = (
    Column("level", 10, lambda one: _db(one.get("rms_dbfs")), right=True),
    Column("channels", 9, lambda one: _channels(one.get("channels"))),
    Column("format", 9, lambda one: str(one.get("subtype") or "").replace("_", " ")),
)
ROOM = 78
"""Cells for the name, the thumbnail, length, rate and peak, before anything is told beside them."""


class DataPage(Page):
    """What was imported."""

    legend = (("✗ ▲ ◇", "can't be used, has a problem, was generated"),)
    always = ("new", "tools")
    DEFAULT_CSS = """
    DataPage > #datasets { width: 30%; min-width: 28; max-width: 40; }
    DataPage #about { margin-bottom: 1; }
    DataPage #wave { height: 7; margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("n", "new", "import", id="data.new", tooltip="import files or a folder"),
        Binding("t", "train", "train", id="data.train", tooltip="learn this dataset"),
        Binding("i", "inspect", "look closely", show=False, id="data.inspect", tooltip="in the Lab"),
        Binding(
            "o", "tools", "sets", id="data.tools", tooltip="organise, normalise, verify, flaws, fingerprints"
        ),
        Binding("r", "rename", "rename", id="data.rename"),
        Binding("d", "delete", "delete", id="data.delete", tooltip="to the trash; u takes it back"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(self._dataset, id="rows", head=_head, empty=[[("none yet", "dim")]])
        self.list.enters = "its sounds"
        self.busy = Facts(id="busy")
        self.about = Facts(id="about")
        self.sounds = Rows(self._sound, id="sounds", head=self._head)
        self.sounds.enters = "play"
        self.wave = Wave(id="wave")
        self.wave.display = False
        self.shown: tuple[str, int] = ("", 0)
        self.drawn: tuple = ()
        self.peaks: dict[str, str] = {}
        self.asked: set[str] = set()
        """Imports asked for here whose dataset has not been seen yet."""

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, self.busy, id="datasets"), "datasets")
        yield pane(Vertical(self.about, self.sounds, self.wave, id="content"), "sounds")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.list.items)

    def look(self) -> None:
        records = newest_first(actions.datasets())
        new = next((record for record in records if record.get("job") in self.asked), None)
        self.list.put(records, at=new["id"] if new else None)
        if new:
            self.asked -= {record.get("job") for record in records}
            self.studio.say(f"imported {new['name']}: {count(new.get('count', 0), 'sound')}", "good")
        self._failed()
        self._describe(self.list.item)
        self.tick()

    def _failed(self) -> None:
        """Imports asked for here that ended without a dataset."""
        for id in sorted(self.asked):
            job = actions.ledger().get(id)
            if job is None or job.state in ("failed", "cancelled"):
                self.asked.discard(id)
                why = ((job.error if job else None) or {}).get("message") or "it was stopped"
                self.studio.say(f"nothing was imported: {why}", "bad")

    def tick(self) -> None:
        """Show how far an import is."""
        lines: list[Line] = []
        for job in self.studio.jobs:
            if job.recipe == "sounds" and job.state in ("queued", "running"):
                lines += self._importing(job)
        self.busy.show(lines[-6:])

    def _importing(self, job: Any) -> list[Line]:
        from store import paths, stream

        row = stream.last(paths.events(job.id), "progress") or {}
        name = job.spec.get("name") or Path((job.spec.get("paths") or ["?"])[0]).name
        done, total = row.get("done") or 0, row.get("total") or 0
        words = f"{done:g}/{total:g}" if total else "waits" if job.state == "queued" else "begins"
        width = max(4, 22 - len(words))
        return [[("importing ", "dim"), (name, "text")], [*bar(done, total, width), (f" {words}", "dim")]]

    # --- the panes ---------------------------------------------------------------------------------

    def _dataset(self, record: dict, width: int) -> list[Part]:
        level = {problem["level"] for problem in record.get("problems", ())}
        mark = ("✗ ", "bad") if "error" in level else ("▲ ", "warn") if "warning" in level else ("  ", "")
        tail = f"{record.get('count', 0):>4}" + (f" {clock(record.get('seconds')):>7}" if width > 30 else "")
        return [(pad(record["name"], width - len(tail) - 3), "text"), (" ", ""), mark, (tail, "dim")]

    def _describe(self, record: dict | None) -> None:
        key = (record["id"], record.get("count", 0)) if record else ("", 0)
        if record is None:
            self.about.show(NOTHING)
            self.sounds.put([])
            self.sounds.display = False
            self.shown = key
            return
        self.about.show(lambda width: self._facts(record, width))
        if key != self.shown:
            self.shown = key
            if not self.sounds.display:
                self.sounds.display = True
            self.peaks = {}
            self.sounds.put(looking.sounds(record))
        self._draw_wave()

    def _facts(self, record: dict, width: int) -> list[Line]:
        channels = "/".join(_channels(n) for n in record.get("channels", ()))
        where = "copied into the library" if record.get("copied") else "where they lie"
        generated = record.get("generated") or 0
        told = f"{span(record.get('seconds'))} · {rates(record.get('rates', []))} · {channels}"
        lines: list[Line] = [
            [(record["name"], "b:text")],
            [
                (count(record.get("count", 0), "sound"), "text"),
                *([(f" · {generated} ◇ generated", "accent")] if generated else []),
            ],
        ]
        lines += [[(line, "dim")] for line in wrap(told, width)]
        lines += [
            [(line, "dim")]
            for line in wrap(f"{size(record.get('bytes', 0))} {where} · {when(record.get('created'))}", width)
        ]
        return [*lines, *self._problems(record, width)]

    def _problems(self, record: dict, width: int) -> list[Line]:
        """The first few in full, and where all of them are."""
        problems = record.get("problems", ())
        shown = 3 if self.app.size.height >= 34 else 2
        lines: list[Line] = []
        for problem in problems[:shown]:
            mark, color = ("✗ ", "bad") if problem.get("level") == "error" else ("▲ ", "warn")
            file = Path(problem.get("file") or "").name
            words = wrap(
                f"{file}: {problem.get('message')}" if file else str(problem.get("message")), width - 2
            )
            for row, line in enumerate(words[:3]):
                lines.append([("  " if row else mark, color), (line, "dim")])
        if len(problems) > shown:
            lines += [
                [("  ", ""), (f"and {len(problems) - shown} more: ", "dim")],
                [("  ", ""), (f"woodshed data check {record['id']}", "second")],
            ]
        return lines

    def _columns(self, width: int) -> tuple[int, int, list[Column]]:
        """Cells for the name and for the thumbnail, and what is told at the end."""
        more = fitting(COLUMNS, width - ROOM)
        picture = 0 if self.studio.sight.low else 10 if width < 70 else 20
        facts = 8 if width < 70 else 26 + wide(more)
        return max(8, width - picture - facts - 2), picture, more

    def _head(self, width: int) -> list[Part]:
        name, picture, more = self._columns(width - 1)
        words = f"{'length':>8} " if width - 1 < 70 else f"{'length':>8} {'rate':>8} {'peak':>9}"
        return [(" " + pad("name", name + 1) + pad("", picture) + words, "faint"), *heads(more)]

    def _sound(self, sound: dict, width: int) -> list[Part]:
        name, picture, more = self._columns(width)
        usable = sound.get("usable", True)
        words = f"{'◇ ' if sound.get('generated') else ''}{sound.get('name', '?')}"
        if not usable:
            why = safe_text("; ".join(sound.get("reasons", ())) or "can't be used")
            name = min(name, max(12, width - 3 - cells(why)))
            return [(pad(words, name), "dim"), (" ✗ ", "bad"), (why, "dim")]
        parts: list[Part] = [(pad(words, name), "text"), (" ", "")]
        parts += [
            (pad(self._thumbnail(sound, picture) if picture else "", picture), "wave"),
            (f" {clock(sound.get('seconds')):>7} ", "dim"),
        ]
        if width >= 70:
            rate = f"{(sound.get('rate') or 0) / 1000:g} kHz"
            parts.append((f"{rate:>8} {_db(sound.get('peak_dbfs') or 0):>9}", "dim"))
        return [*parts, *cells_of(more, sound)]

    def _thumbnail(self, sound: dict, width: int) -> str:
        key = f"{sound['at']}:{width}"
        if key not in self.peaks:
            path = Path(sound["folder"]) / "peaks.bin"
            self.peaks[key] = thumbnail(read_peaks(path, sound["at"] * PEAKS, PEAKS), width)
        return self.peaks[key]

    # --- what happens ------------------------------------------------------------------------------

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        if event.rows is self.list:
            self._describe(event.item)
        self._draw_wave()

    def _draw_wave(self) -> None:
        sound = self.sounds.item
        wanted = bool(sound) and self.app.size.height >= 34
        if self.wave.display != wanted:
            self.wave.display = wanted
        key = (sound or {}).get("folder"), (sound or {}).get("at")
        if sound and self.wave.display and key != self.drawn:
            self.drawn = key
            self.wave.show(read_peaks(Path(sound["folder"]) / "peaks.bin", sound["at"] * PEAKS, PEAKS))

    def on_resize(self) -> None:
        self._draw_wave()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        if event.rows is self.list:
            self.sounds.focus()
        elif self.sound():
            self.studio.play(*self.sound())  # type: ignore[misc]

    def sound(self) -> tuple[str, str] | None:
        item = self.sounds.item
        return (item["file"], item["name"]) if item else None

    def action_new(self) -> None:
        from studio.screens.add import Add

        def done(job: Any) -> None:
            if job:
                self.asked.add(job.id)

        self.studio.push_screen(Add(), done)

    async def action_train(self) -> None:
        if self.list.item:
            page = await self.studio.go("train")
            page.choose(self.list.item["id"])  # type: ignore[attr-defined]

    async def action_inspect(self) -> None:
        from studio.screens.lab import Subject, inspect

        sound, owner = self.sounds.item, self.list.item or {}
        found = Subject(str(sound["file"]), str(sound["name"]), str(owner.get("id", ""))) if sound else None
        await inspect(self, found)

    def action_tools(self) -> None:
        from studio.screens.tools import choose

        choose(self.studio, self.list.item)

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "datasets", self.list.item)

    async def action_delete(self) -> None:
        from studio.screens.shelf import delete

        await delete(self.studio, "datasets", self.list.item)

    def memory(self) -> dict[str, Any]:
        return {"at": self.list.item["id"] if self.list.item else ""}

    def recall(self, memory: dict[str, Any]) -> None:
        self.list.put(newest_first(actions.datasets()), at=memory.get("at"))


def _channels(count: object) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} ch") if count else ""  # type: ignore[call-overload]


def _db(value: object) -> str:
    return f"{value:.1f} dB" if isinstance(value, int | float) else ""


def _head(width: int) -> list[Part]:
    words = "sounds  length" if width > 31 else "sounds"
    return [(pad(" name", width - len(words)), "faint"), (words, "faint")]
