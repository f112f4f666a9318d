"""Nine panels of a repairer that is trained: what it learns, how it is judged, how a gap looks now."""

from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from studio import actions, progress
from studio.screens.dialog import Window
from studio.screens.jobs import subject_of
from studio.screens.learned import verdict
from studio.screens.steps import BEST, FIRST, NEVER, PANELS, SOON, Looks, Steps, Told
from studio.widgets import gap, spectrum
from studio.widgets.curves import Axis, Curves
from studio.widgets.facts import Facts, bar
from studio.widgets.gap import GapWave
from studio.widgets.lines import Line, Lines, Part, spread, wrap
from studio.widgets.spectrum import SpectrumPane
from studio.widgets.status import standing
from studio.widgets.twins import Twins

WIDE, TALL = 108, 32
"""From which on nine panels can be read; else they come a row at a time."""
ROWS = ("learning", "judged", "heard")
CURVES = (gap.TRUTH, gap.OUTPUT)
BAR = 16


class Spectra(SpectrumPane):
    """Of the truth and of what was made, in the inks of their waves; says why there are none yet."""

    def draw(self, width: int, height: int) -> list[Line]:
        if not self.spectra:
            return [[(SOON, "dim")]]
        legend: list[Part] = []
        for curve, name in zip(CURVES, self.names, strict=True):
            legend += [(f"{gap.mark(curve, self.ink)} ", gap.INKS[curve]), (f"{name}  ", "text")]
        inks = [gap.INKS[curve] for curve in CURVES]
        return [legend, *spectrum.draw(self.spectra, inks, width, height - 1, self.ink)]


class Panels(Window):
    """Follows the training of a ``job``, and shows how one ended; gives nothing."""

    DEFAULT_CSS = """
    Panels > #frame { width: 100%; max-width: 100%; height: 1fr; max-height: 100%; }
    Panels > #frame { border: none; padding: 0 1; }
    Panels #grid { layout: grid; grid-size: 3 3; height: 1fr; }
    Panels #grid.row { grid-size: 3 1; }
    Panels #grid.narrow { grid-size: 2 2; }
    Panels #grid.narrow > .broad { column-span: 2; }
    Panels .panel { border: round $ink-faint; border-title-color: $ink-dim; padding: 0 1; }
    """
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("tab,right", "turn(1)", "next panels", key_display="tab", id="panels.next",
                tooltip="where the terminal is too small for all nine"),
        Binding("shift+tab,left", "turn(-1)", "panels before", show=False, id="panels.before"),
        Binding("L", "log", "log scale", id="panels.log", tooltip="logarithmic or linear axis of the loss"),
        Binding("l", "open_log", "log", id="panels.open_log", tooltip="everything it wrote"),
        Binding("question_mark", "app.help", "help", key_display="?", id="panels.help"),
    ]  # fmt: skip

    def __init__(self, job: str) -> None:
        super().__init__()
        self.id_of_job = job
        self.job: Any = None
        self.course, self.looks = Steps(job), Looks(job)
        self.head = Facts(self._heading, id="heading")
        self.curves = [self._curves(told) for told in PANELS]
        self.curves[0].beside = lambda: self.course.parts
        self.wave, self.spectrum, self.twins = GapWave(SOON), Spectra(marks=()), Twins(SOON)
        self.panels: list[Lines] = [*self.curves, self.wave, self.spectrum, self.twins]
        titles = [*(told.title for told in PANELS), "waveform", "spectrum", "spectrogram"]
        for at, (panel, title) in enumerate(zip(self.panels, titles, strict=True)):
            panel.border_title = title
            panel.add_class("panel", *(["broad"] if at % len(ROWS) == 0 else []))
        self.at = 0
        """Which row of panels is seen, where not all are."""
        self._waited = 0
        self._house: Any = None
        """The house as it was at the last look: while that stays, nothing goes on that has ended."""

    def _curves(self, told: Told) -> Curves:
        def give() -> list[Axis]:
            known = self.course.curves
            return [[(term, known[term.key]) for term in terms if term.key in known] for terms in told.axes]

        return Curves(give, told.nothing)

    @property
    def studio(self) -> Any:
        return self.app

    def parts(self) -> ComposeResult:
        yield self.head
        yield Container(*self.panels, id="grid")

    def on_mount(self) -> None:
        self._read()
        self._lay_out()
        self.set_interval(1.0, self._tick)

    def on_resize(self) -> None:
        self._lay_out()

    # --- following ---------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._waited += 1
        over, house = self.job is None or self.job.state in actions.ENDED, self.studio.house.seen
        if self._waited < self.studio.sight.every or (over and house == self._house):
            return
        self._waited, self._house = 0, house
        self._read()

    def _read(self) -> None:
        """What is new, and nothing else, is drawn."""
        before, self.job = self.job, actions.ledger().get(self.id_of_job)
        self.course.read()
        if look := self.looks.new():
            if BEST not in self.course.curves:
                self.course.take(look.judged)
            self.wave.show(look.view)
            self.wave.border_title = f"waveform: {look.words}"
            self.spectrum.show(look.spectra)
            self.twins.show(look.pictures)
        over = self.job is not None and self.job.state in actions.ENDED
        for curves, told in zip(self.curves, PANELS, strict=True):
            curves.nothing = NEVER if over and told.nothing == FIRST else told.nothing
            curves.follow()
        if self.job != before or (self.job is not None and self.job.state == "running"):
            self.head.show(self._heading)

    # --- what is shown -----------------------------------------------------------------------------

    def _heading(self, width: int) -> list[Line]:
        job, ledger = self.job, actions.ledger()
        if job is None:
            return [[("this job is not known any more", "dim")]]
        told = self.course.told.get("progress")
        share = progress.share(told, job.state)
        place = ledger.place(job) if job.state == "queued" else 0
        line: list[Part] = [(subject_of(job), "b:text"), ("  ", "")]
        line += [*standing(job, ledger.standing(job), place), ("  ", "")]
        if share is not None:
            ink = "good" if job.state == "done" else "accent"
            line += bar(share, 1.0, BAR, ink)
        line.append((f"  {progress.of(job, told)}", "dim"))
        seen = "" if self.whole else f"{ROWS[self.at]}, {self.at + 1} of {len(ROWS)}, tab turns"
        return [line, spread(self._came_to(job, width), [(seen, "dim")], width)]

    def _came_to(self, job: Any, width: int) -> list[Part]:
        """Why it failed, its verdict, its best so far, or what it said last."""
        if job.error:
            return [("✗ ", "bad"), (wrap(str(job.error.get("message")), width - 2)[0], "text")]
        summary = (job.result or {}).get("summary") or {}
        if summary.get("verdict"):
            return verdict(summary, width)[0]
        if peak := self.course.peak:
            mark: Part = ("▲ ", "good") if peak[1] > 0 else ("· ", "dim")
            return [mark, (f"best {peak[1]:+.2f} dB over all prediction at step {peak[0]:.4g}", "text")]
        note = self.course.told.get("note", {}).get("text")
        return [("· ", "dim"), (str(note or "it begins"), "dim")]

    # --- laying out --------------------------------------------------------------------------------

    @property
    def whole(self) -> bool:
        """Whether all nine are seen."""
        return self.app.size.width >= WIDE and self.app.size.height >= TALL

    def _lay_out(self) -> None:
        grid, wide = self.query_one("#grid"), self.app.size.width >= WIDE
        grid.set_class(not self.whole and wide, "row")
        grid.set_class(not wide, "narrow")
        for at, panel in enumerate(self.panels):
            panel.display = self.whole or at // len(ROWS) == self.at
        self.head.show(self._heading)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self.whole if action == "turn" else super().check_action(action, parameters)

    def action_turn(self, by: int) -> None:
        self.at = (self.at + by) % len(ROWS)
        self._lay_out()

    def action_log(self) -> None:
        self.curves[0].log_y = not self.curves[0].log_y
        self.curves[0].touch()

    def action_open_log(self) -> None:
        from studio.screens.log import Log

        self.studio.push_screen(Log(self.id_of_job))
