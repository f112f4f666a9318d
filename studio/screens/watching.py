"""The right side of Train: one training as it goes, beside those it is compared with."""

from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from jobs import specs
from studio import actions
from studio.course import Course
from studio.screens import training
from studio.screens.compare import AT_MOST, compared
from studio.widgets.facts import Facts, empty
from studio.widgets.lines import Line
from studio.widgets.loss import Loss

NOTHING = empty(
    "A training learns a dataset until it stops getting better. "
    "Its curve grows here while you do other things.",
    [("ctrl+r", "b:accent"), ("  train with what the form says", "text")],
    "woodshed train DATASET",
    width=40,
)
SOON: list[Line] = [[("the curve begins with the first epoch", "dim")]]
LIVE = ("queued", "running")


class Watching(Vertical):
    """Follows the newest training, or one chosen before it."""

    DEFAULT_CSS = """
    Watching { height: 1fr; }
    Watching #table { margin-top: 0; }
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.now = Facts(id="now")
        self.loss = Loss(NOTHING, id="loss")
        self.table = Facts(id="table")
        self.numbers = Facts(id="numbers")
        self.job: Any = None
        self.course = Course("")
        self.back = 0
        """How many trainings before the newest."""
        self.heard = 0
        """How many previews before the newest."""
        self.marked: list[str] = []
        """Ids of the trainings it is compared with."""
        self.others: dict[str, Course] = {}
        self._jobs: dict[str, Any] = {}
        self._waited = 0
        """Seconds since what is live was drawn."""

    def compose(self) -> ComposeResult:
        yield self.now
        yield self.loss
        yield self.table
        yield self.numbers

    # --- which training ----------------------------------------------------------------------------

    def look(self) -> None:
        """The ledger changed. Raises Refusal."""
        trainings = actions.jobs(recipes=(specs.TrainVae.recipe,))
        self._jobs = {job.id: job for job in trainings}
        self.marked = [id for id in self.marked if id in self._jobs]
        if not trainings:
            self.job, self.course = None, Course("")
            self.others, self.loss.others = {}, []
            self.loss.nothing = NOTHING
            self.loss.show(self.course)
            for facts in (self.now, self.table, self.numbers):
                facts.show([])
            return
        self.back = min(self.back, len(trainings) - 1)
        job = trainings[-1 - self.back]
        new = self.job is None or job.id != self.job.id
        self.job = job
        if new:
            self.course, self.heard = Course(job.id), 0
        self.loss.nothing = SOON if job.state in LIVE else [[]]
        self.course.read()
        if new:
            self.loss.show(self.course, self.title_of(job))
        self._compare()
        self.draw()

    def tick(self) -> None:
        """A second passed."""
        self._waited += 1
        if self._waited < self.app.sight.every:  # type: ignore[attr-defined]
            return
        self._waited = 0
        new = self.job is not None and self.job.state in LIVE and self.course.read()
        for id, course in self.others.items():
            if self._jobs[id].state in LIVE:
                new |= course.read()
        if new:
            self.loss.touch()
        if new or (self.job is not None and self.job.state == "running"):
            self.draw()

    def title_of(self, job: Any) -> str:
        record = actions.library().datasets.get(job.spec.get("dataset", "")) or {}
        return str(job.spec.get("name") or record.get("name", "?"))

    def older(self, by: int) -> None:
        self.back = max(0, self.back + by)
        self.look()

    # --- comparing ---------------------------------------------------------------------------------

    def entries(self) -> list[tuple[str, Any, str]]:
        """(name, job, state) of every training but the one shown."""
        ledger = actions.ledger()
        return [
            (self.title_of(job), job, ledger.standing(job))
            for job in self._jobs.values()
            if self.job is None or job.id != self.job.id
        ]

    def mark(self, ids: list[str]) -> None:
        """Compare with these; ids that are no training are left out."""
        self.marked = [id for id in ids if id in self._jobs][:AT_MOST]
        self._compare()
        self.draw()

    def _compare(self) -> None:
        wanted = [id for id in self.marked if self.job is None or id != self.job.id]
        for id in wanted:
            if id not in self.others:
                self.others[id] = Course(id)
            self.others[id].read()
        self.others = {id: self.others[id] for id in wanted}
        self.loss.others = [(self.title_of(self._jobs[id]), course) for id, course in self.others.items()]
        self.loss.touch()

    # --- what is shown -----------------------------------------------------------------------------

    def draw(self) -> None:
        """Everything but the curves."""
        job = self.job
        if job is None:
            return
        ledger = actions.ledger()
        state = ledger.standing(job)
        place = ledger.place(job) if job.state == "queued" else 0
        name, course = self.title_of(job), self.course
        self.now.show(lambda width: training.heading(job, name, state, place, course, width))
        if not self.others:
            self.table.show([])
            heard = self.heard
            self.numbers.show(lambda width: training.below(job, course, heard, width))
            return
        runs = [(name, job, course)]
        runs += [(self.title_of(self._jobs[id]), self._jobs[id], one) for id, one in self.others.items()]
        self.table.show(lambda width: compared(runs, width))
        self.numbers.show([])

    # --- previews ----------------------------------------------------------------------------------

    def sound(self) -> tuple[str, str] | None:
        """(path, title) of the chosen preview."""
        found = self.course.preview(self.heard) if self.job else None
        return (str(found[1]), f"preview of epoch {found[0]}") if found else None

    def step(self, by: int) -> bool:
        """An earlier preview, or a later one; whether there is one."""
        there = 0 <= self.heard + by < len(self.course.previews)
        if there:
            self.heard += by
            self.draw()
        return there
