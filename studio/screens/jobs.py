"""3 Jobs: what runs, waits and ended; what the one under the cursor says below."""

from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from store import paths, stream
from studio import actions
from studio.messages import Chosen, Highlighted
from studio.screens.page import Page, newest_first, pane
from studio.text import cells, figure, pad, span, when
from studio.widgets.facts import Facts, bar, empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows
from studio.widgets.status import KINDS, standing

NOTHING = empty(
    "Every import, training and take is a job. It runs on its own, goes on when the studio closes, "
    "and can be stopped and resumed from its checkpoint.",
    [("1", "b:accent"), ("  import sounds, then ", "text"), ("2", "b:accent"), ("  train", "text")],
    "woodshed jobs ls",
    width=64,
)
LIVE = ("queued", "running")


class JobsPage(Page):
    """The ledger, newest first. Previews of sliders are left out: they are many, and kept nowhere."""

    DEFAULT_CSS = """
    JobsPage { layout: vertical; }
    JobsPage > #all { height: 1fr; min-height: 7; }
    JobsPage > #one { height: 45%; min-height: 9; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("c", "cancel", "cancel", id="jobs.cancel", tooltip="stop it; its checkpoint is kept"),
        Binding("r", "resume", "resume", id="jobs.resume", tooltip="go on from its checkpoint"),
        Binding("l", "log", "log", id="jobs.log", tooltip="everything it wrote"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(
            self._job,
            key=lambda job: job.id,
            words=lambda job: f"{self._title(job)} {job.state}",
            empty=NOTHING,
            id="rows",
        )
        self.one = Facts(id="facts")
        self.progress: dict[str, dict] = {}

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.list, id="all"), "jobs")
        yield pane(Vertical(self.one, id="one"), "job")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.list.items)

    def look(self) -> None:
        jobs = actions.jobs(previews=False)
        self._read(jobs)
        self.list.put(newest_first(jobs))
        self._describe()

    def tick(self) -> None:
        live = [job for job in self.list.items if job.state in LIVE]
        if live and self._read(live):
            self.list.touch()
            self._describe()

    def _read(self, jobs: list[Any]) -> bool:
        """The last progress of jobs that move, and once of those that ended; whether any is new."""
        new = False
        for job in jobs:
            if job.state in LIVE or job.id not in self.progress:
                row = stream.last(paths.events(job.id), "progress") or {}
                new |= row != self.progress.get(job.id)
                self.progress[job.id] = row
        return new

    # --- the panes ---------------------------------------------------------------------------------

    def _title(self, job: Any) -> str:
        """What it is about: the name of what it makes or works on."""
        spec = job.spec
        for table, key in (("datasets", "dataset"), ("models", "model"), ("takes", "take")):
            if spec.get(key):
                record = getattr(actions.library(), table).get(spec[key]) or {}
                return spec.get("name") or record.get("name") or spec[key]
        return spec.get("name") or Path((spec.get("paths") or [""])[0]).name

    def _job(self, job: Any, width: int) -> list[Part]:
        ledger = actions.ledger()
        place = ledger.place(job) if job.state == "queued" else 0
        state = standing(job, ledger.standing(job), place)
        used = sum(cells(words) for words, _ in state)
        tail = self._tail(job, 14 if width < 100 else 40)
        title = max(8, width - 15 - 10 - 1 - sum(cells(words) for words, _ in tail) - 14)
        return [
            *state,
            (" " * max(1, 15 - used), ""),
            (pad(KINDS.get(job.recipe, job.recipe), 10), "dim"),
            (pad(self._title(job), title), "text"),
            (" ", ""),
            *tail,
            (pad(when(job.submitted), 14, right=True), "dim"),
        ]

    def _tail(self, job: Any, width: int) -> list[Part]:
        row = self.progress.get(job.id, {})
        done, total = row.get("done") or 0, row.get("total") or 0
        if job.state == "failed":
            return [(pad((job.error or {}).get("message", ""), width), "bad")]
        if not total or job.state == "queued":
            return [(" " * width, "")]
        words = f" {100 * done / total:3.0f} %"
        if job.state == "running" and row.get("eta") is not None and width > 30:
            words += f" {span(row['eta'])} left"
        words = pad(words, 6 if width <= 30 else 22)
        return [
            *bar(done, total, width - len(words), "good" if job.state == "done" else "accent"),
            (words, "dim"),
        ]

    def _describe(self) -> None:
        job = self.list.item
        self.one.show((lambda width: self._facts(job, width)) if job else [])

    def _facts(self, job: Any, width: int) -> list[Line]:
        spec = {
            key: value
            for key, value in job.spec.items()
            if key != "recipe" and value not in ("", [], {}, None)
        }
        kind = KINDS.get(job.recipe, job.recipe)
        told = [f"{kind} · attempt {job.attempt} of {job.max_attempts}"]
        told += [f"started {when(job.started)}"] if job.started else []
        told += [f"ended {when(job.ended)}"] if job.ended else []
        first, *more = wrap(" · ".join(told), max(10, width - len(job.id) - 1))
        lines: list[Line] = [[(f"{job.id} ", "second"), (first, "dim")]]
        lines += [[(pad("", len(job.id) + 1), ""), (line, "dim")] for line in more]
        lines += _marked(("✗ ", "bad"), [(job.error or {}).get("message", "")], width)
        lines += _marked(("· ", "faint"), self._said(job), width)
        asked = "  ".join(f"{key}={_short(value)}" for key, value in spec.items())
        return [*lines, *([[]] if asked else []), *[[(line, "dim")] for line in wrap(asked, width)]]

    def _said(self, job: Any) -> list[str]:
        """The last notes and numbers of its stream."""
        path, said = paths.events(job.id), []
        note = stream.last(path, "note")
        row = stream.last(path, "row")
        if note:
            said.append(str(note.get("text")))
        if row:
            numbers = {k: v for k, v in row.items() if k not in ("t", "kind") and isinstance(v, int | float)}
            said.append("  ".join(f"{key} {figure(value)}" for key, value in list(numbers.items())[:8]))
        if job.state == "queued" and not self.studio.header.alive:
            said.append("waits for a worker: it starts with the next request, or by `woodshed worker`")
        if job.state in ("cancelled", "interrupted", "failed"):
            said.append("r goes on from its checkpoint")
        return said

    # --- what happens ------------------------------------------------------------------------------

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.action_log()

    async def action_cancel(self) -> None:
        job = self.list.item
        if job and await self.studio.do(lambda: actions.cancel(job.id)):
            self.studio.poll()
            if job.state in ("queued", "running", "interrupted"):
                self.studio.say("asked to stop; its checkpoint is kept, r goes on", "good")
            else:
                self.studio.say(f"it is {job.state} already", "text")

    async def action_resume(self) -> None:
        job = self.list.item
        if job and await self.studio.do(lambda: actions.resume(job.id)):
            self.studio.poll()
            self.studio.say("goes on from its checkpoint", "good")

    def action_log(self) -> None:
        if self.list.item:
            from studio.screens.log import Log

            self.studio.push_screen(Log(self.list.item.id))

    def memory(self) -> dict[str, Any]:
        return {"filter": self.list.query_text}

    def recall(self, memory: dict[str, Any]) -> None:
        self.list.query_text = str(memory.get("filter", ""))


def _marked(mark: Part, said: list[str], width: int) -> list[Line]:
    """Each of ``said`` in full, marked where it begins."""
    return [
        [("  " if row else mark[0], mark[1]), (line, "text")]
        for words in said
        for row, line in enumerate(wrap(words, width - 2))
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}:{figure(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value[:3])) + ("…" if len(value) > 3 else "")
    return figure(value)
