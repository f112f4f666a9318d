"""3 Jobs: what runs, waits and ended; what the one under the cursor says below."""

from datetime import datetime
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from jobs.specs import LANES, ReadFeedback, ScoreRepair, TrainRepairer
from store import paths, stream
from studio import actions, progress
from studio.messages import Chosen, Highlighted
from studio.screens.health import health
from studio.screens.job import facts, resumes, stops
from studio.screens.page import Page, newest_first, pane
from studio.text import cells, pad, span, when
from studio.widgets.columns import Column, cells_of, fitting, wide
from studio.widgets.facts import Facts, bar, empty
from studio.widgets.lines import Part
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
FILES = ("output", "input", "package", "folder", "network")
"""Fields that name the file, folder or network that a job is about."""
SEEN = (TrainRepairer.recipe, ScoreRepair.recipe)
"""Recipes whose jobs have a window of their own."""


COLUMNS = (
    Column("took", 14, lambda job: _took(job), right=True),
    Column("tries", 10, lambda job: f"{job.tries} tries" if job.tries > 1 else "", right=True),
)
ROOM = 118
"""Cells for what every row has, before anything is told beside it."""


class JobsPage(Page):
    """The ledger, newest first. Previews of sliders are left out: they are many, and kept nowhere."""

    DEFAULT_CSS = """
    JobsPage { layout: vertical; }
    JobsPage > #all { height: 1fr; min-height: 7; }
    JobsPage > #one { height: 45%; min-height: 9; }
    """
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("c", "cancel", "cancel", id="jobs.cancel", tooltip="stop it; a checkpoint is kept"),
        Binding("r", "resume", "resume", id="jobs.resume", tooltip="go on from its checkpoint"),
        Binding("R", "retry", "retry", id="jobs.retry",
                tooltip="run it anew from its beginning, as a new job"),
        Binding("l", "log", "log", id="jobs.log", tooltip="everything it wrote, as it comes"),
        Binding("v", "view", "view", id="jobs.view",
                tooltip="a repairer's training in panels, the gaps of a score"),
        Binding("K,shift+up", "shift('up')", "earlier", show=False, id="jobs.up",
                tooltip="a place up in the queue"),
        Binding("J,shift+down", "shift('down')", "later", show=False, id="jobs.down",
                tooltip="a place down in the queue"),
        Binding("w", "wake", "worker", show=False, id="jobs.worker", tooltip="start one when none is alive"),
    ]  # fmt: skip

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.list = Rows(
            self._job,
            key=lambda job: job.id,
            words=self._words,
            empty=NOTHING,
            id="rows",
        )
        self.one = Facts(id="facts")
        self.health = Facts(id="health")
        self.progress: dict[str, dict] = {}
        self.settled: set[str] = set()
        """Ended jobs whose last word was read."""
        self.places: dict[str, int] = {}
        """Id of a job that waits -> 1 for the next of its lane."""

    def compose(self) -> ComposeResult:
        yield pane(Vertical(self.health, self.list, id="all"), "jobs")
        yield pane(Vertical(self.one, id="one"), "job")

    def first(self) -> Rows:
        return self.list

    @property
    def anything(self) -> bool:
        return bool(self.list.items)

    def look(self) -> None:
        jobs = actions.jobs(previews=False)
        self._read(jobs)
        self.places = {
            id: place for lane in LANES for place, id in enumerate(actions.ledger().queued(lane), 1)
        }
        self.list.put(ordered(jobs, self.places))
        self._check_worker()
        self._describe()

    def tick(self) -> None:
        if self.covered:
            return
        live = [job for job in self.list.items if job.state in LIVE]
        if live and self._read(live):
            self.list.touch()
        if live:
            self._describe()
        self._check_worker()

    def _read(self, jobs: list[Any]) -> bool:
        """The last progress of jobs that move, and once of those that ended; whether any is new."""
        new = False
        for job in jobs:
            if job.state in LIVE:
                self.settled.discard(job.id)
            if job.id not in self.settled:
                row = stream.last(paths.events(job.id), "progress") or {}
                new |= row != self.progress.get(job.id)
                self.progress[job.id] = row
                if job.state not in LIVE:
                    self.settled.add(job.id)
        return new

    # --- the panes ---------------------------------------------------------------------------------

    def _job(self, job: Any, width: int) -> list[Part]:
        state = standing(job, actions.ledger().standing(job), self.places.get(job.id, 0))
        used = sum(cells(words) for words, _ in state)
        tail = self._tail(job, 14 if width < 100 else 40)
        more = fitting(COLUMNS, width - ROOM)
        room = max(8, width - 15 - 10 - 1 - sum(cells(words) for words, _ in tail) - wide(more) - 14)
        return [
            *state,
            (" " * max(1, 15 - used), ""),
            (pad(KINDS.get(job.recipe, job.recipe), 10), "dim"),
            (pad(subject_of(job), room), "text"),
            (" ", ""),
            *tail,
            *cells_of(more, job),
            (pad(when(job.submitted), 14, right=True), "dim"),
        ]

    def _words(self, job: Any) -> str:
        """What a filter looks in: its subject, kind, state and error."""
        state = standing(job, actions.ledger().standing(job))
        error = (job.error or {}).get("message", "") if job.state == "failed" else ""
        return f"{subject_of(job)} {KINDS.get(job.recipe, job.recipe)} {state[1][0]} {job.state} {error}"

    def _tail(self, job: Any, width: int) -> list[Part]:
        row = self.progress.get(job.id, {})
        share = progress.share(row, job.state)
        if job.state == "failed":
            return [(pad((job.error or {}).get("message", ""), width), "bad")]
        if share is None or job.state == "queued":
            return [(" " * width, "")]
        words = f" {100 * share:3.0f} %"
        if job.state == "running" and row.get("eta") is not None and width > 30:
            words += f" {span(row['eta'])} left"
        words = pad(words, 6 if width <= 30 else 22)
        return [
            *bar(share, 1.0, width - len(words), "good" if job.state == "done" else "accent"),
            (words, "dim"),
        ]

    def _describe(self) -> None:
        job = self.list.item
        if job is None:
            self.one.show([])
            return
        state = actions.ledger().standing(job)
        told, alive = self.progress.get(job.id, {}), bool(self.studio.header.alive)
        self.one.show(lambda width: facts(job, state, told, alive, width))

    def _check_worker(self) -> None:
        """Once a second; nothing is sent unless something changed."""
        status = actions.queue.worker_status()
        titles = {job.id: subject_of(job) for job in self.list.items if job.state == "running"}
        lines = health(status, lambda id: titles.get(id, id[:6]), self.health.content_size.width or 76)
        self.health.show(lines)

    # --- what happens ------------------------------------------------------------------------------

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        self._describe()
        self.refresh_bindings()

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.action_log()

    async def action_cancel(self) -> None:
        job = self.list.item
        if job and await self.studio.do(lambda: actions.cancel(job.id)):
            self.studio.poll()
            if job.state in ("queued", "running", "interrupted"):
                self.studio.say(stops(job.id), "good")
            else:
                self.studio.say(f"it is {job.state} already", "text")

    async def action_resume(self) -> None:
        job = self.list.item
        if job and await self.studio.do(lambda: actions.resume(job.id)):
            self.studio.poll()
            self.studio.say(resumes(job.id), "good")

    async def action_retry(self) -> None:
        job = self.list.item
        new = await self.studio.do(lambda: actions.retry(job.id)) if job else None
        if new:
            self.studio.poll()
            self.list.go(new.id)
            self.studio.say(f"runs anew as job {new.id}; the old one stays as it is", "good")

    async def action_shift(self, where: str) -> None:
        job = self.list.item
        if job and await self.studio.do(lambda: actions.move(job.id, where)):
            self.studio.poll()
            self.look()

    async def action_wake(self) -> None:
        if self.studio.header.alive:
            self.studio.say("a worker is alive already")
            return

        def start() -> bool:
            actions.queue.ensure_worker()
            return True

        if await self.studio.do(start):
            self.studio.say("a worker is on its way", "good")

    def action_log(self) -> None:
        if self.list.item:
            from studio.screens.log import Log

            self.studio.push_screen(Log(self.list.item.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "view":
            return self.list.item is not None and self.list.item.recipe in SEEN
        return super().check_action(action, parameters)

    def action_view(self) -> None:
        from studio.screens.gaps import Gaps
        from studio.screens.panels import Panels

        job = self.list.item
        self.studio.push_screen(Panels(job.id) if job.recipe == TrainRepairer.recipe else Gaps(job.id))

    def memory(self) -> dict[str, Any]:
        return {"filter": self.list.query_text}

    def recall(self, memory: dict[str, Any]) -> None:
        self.list.query_text = str(memory.get("filter", ""))


def subject_of(job: Any) -> str:
    """What a job is about: the name of what it makes or works on."""
    spec, library = job.spec, actions.library()
    # Of other jobs it names a repairer.
    read = ("feedback",) if job.recipe == ReadFeedback.recipe else ()
    if file := next((spec[key] for key in (*read, *FILES) if spec.get(key)), ""):
        return Path(file).name
    for table, key in (("datasets", "dataset"), ("models", "model"), ("takes", "take")):
        if spec.get(key):
            record = getattr(library, table).get(spec[key]) or {}
            return spec.get("name") or record.get("name") or spec[key]
    first = (spec.get("paths") or spec.get("sounds") or [""])[0]
    record = library.datasets.get(first) or {}
    return spec.get("name") or record.get("name") or Path(first).name


def _took(job: Any) -> str:
    """From its first start to its end; empty when it has none, or not as times are written."""
    try:
        return span((datetime.fromisoformat(job.ended) - datetime.fromisoformat(job.started)).total_seconds())
    except (TypeError, ValueError):
        return ""


def ordered(jobs: list[Any], places: dict[str, int]) -> list[Any]:
    """What runs, then what waits in the order in which it will run, then what ended, newest first."""
    ranks = {"running": 0, "queued": 1, "interrupted": 1}

    def order(job: Any) -> tuple[int, int, int]:
        lane = LANES.index(job.lane) if job.id in places else 0
        return ranks.get(job.state, 2), lane, places.get(job.id, 0)

    return sorted(newest_first(jobs), key=order)
