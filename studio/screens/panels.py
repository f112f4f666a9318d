"""Nine panels of a repairer that is trained: what it learns, how it is judged, how a gap looks now."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container

from store import paths
from studio import actions, progress
from studio.course import Course, Term
from studio.report import brief
from studio.screens.dialog import Window
from studio.screens.learned import verdict
from studio.widgets.curves import Axis, Curves
from studio.widgets.facts import Facts, bar
from studio.widgets.gap import GapWave
from studio.widgets.lines import Line, Lines, Part, spread, wrap
from studio.widgets.spectrum import SpectrumPane
from studio.widgets.status import standing
from studio.widgets.twins import Picture, Twins

LOOK = "look.json"
"""What a training leaves in its run at each judgement."""
WIDE, TALL = 108, 32
"""From which on nine panels can be read; else they come a row at a time."""
SOON = "it begins with the first judgement"
LETTERS = {"truth": "truth", "output": "made"}
"""Names in the pictures, and the words for them."""
PARTS = ("sdr", "spectral", "perceptual", "coherence", "dynamics", "envelope")
"""Losses by the names of their lines."""
BEST = "gain_db"

ROWS = ("learning", "judged", "heard")
PICTURES = ("waveform", "spectrum", "spectrogram")
CURVES: tuple[tuple[str, str, tuple[tuple[Term, ...], ...]], ...] = (
    ("loss", "it begins with the first step", ((Term("loss", "all together", "l", "train"),),)),
    (
        "accuracy",
        SOON,
        (
            (
                Term("composite", "composite", "c", "valid"),
                Term("accuracy", "≥20 dB", "a", "train"),
            ),
        ),
    ),
    ("learning rate", "it begins with the first step", ((Term("lr", "rate", "r", "second"),),)),
    (
        "SDR",
        SOON,
        (
            (Term("sdr_db", "in gaps, dB", "s", "train"),),
            (Term("over_ar512_db", "over AR-512", "o", "good"), Term(BEST, "all", "g", "valid")),
        ),
    ),
    (
        "PESQ, STOI",
        "measured for speech only: woodshed repair score with --profile voice takes them of a sound",
        (
            (Term("pesq_wb", "PESQ", "p", "train"), Term("pesq_nb", "narrow", "n", "second")),
            (Term("stoi", "STOI", "s", "valid"), Term("estoi", "ESTOI", "e", "good")),
        ),
    ),
    (
        "spectral error",
        SOON,
        (
            (
                Term("delta_fft_percent", "ΔFFT %", "f", "train"),
                Term("envelope_percent", "envelope %", "e", "valid"),
                Term("phase_degrees", "phase °", "p", "good"),
            ),
        ),
    ),
)


class Steps(Course):
    """The course of a training that counts steps and not epochs."""

    def take(self, row: Mapping[str, Any]) -> None:
        super().take({**row, "epoch": row["step"]} if "step" in row else row)


class Spectra(SpectrumPane):
    """Says why there is none yet."""

    def draw(self, width: int, height: int) -> list[Line]:
        return super().draw(width, height) or [[(SOON, "dim")]]


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
        self.course = Steps(job)
        self.head = Facts(self._heading, id="heading")
        self.curves = [self._curves(*told) for told in CURVES]
        self.curves[0].beside = self._parts
        self.wave, self.spectrum, self.twins = GapWave(SOON), Spectra(marks=()), Twins(SOON)
        self.panels: list[Lines] = [*self.curves, self.wave, self.spectrum, self.twins]
        for panel, title in zip(self.panels[len(CURVES) :], PICTURES, strict=True):
            panel.border_title = title
        for at, panel in enumerate(self.panels):
            panel.add_class("panel", *(["broad"] if at % len(ROWS) == 0 else []))
        self.at = 0
        """Which row of panels is seen, where not all are."""
        self._seen = 0
        """When the look that is shown was written."""
        self._waited = 0

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
        if self._waited >= self.studio.sight.every:
            self._waited = 0
            self._read()

    def _read(self) -> None:
        """What is new, and nothing else, is drawn."""
        before, self.job = self.job, actions.ledger().get(self.id_of_job)
        if self.course.read():
            for curves in self.curves:
                curves.follow()
        if self._looked():
            self._picture()
        if self.job != before or (self.job is not None and self.job.state == "running"):
            self.head.show(self._heading)

    def _looked(self) -> bool:
        try:
            written = self._path.stat().st_mtime_ns
        except OSError:
            return False
        new, self._seen = written != self._seen, written
        return new

    @property
    def _path(self) -> Path:
        return paths.state() / "runs" / self.id_of_job / LOOK

    def _picture(self) -> None:
        """The gap of the newest judgement; the one before it stays where this one can't be read."""
        try:
            look = json.loads(self._path.read_bytes())
            view = {**look["waves"], "from": look["from"], "to": 1.0, "ms": look["gap_ms"]}
            spectra = [
                (words, {"hz": look["spectra"][name]["hertz"], "mean_db": look["spectra"][name]["db"]})
                for name, words in LETTERS.items()
            ]
            pictures = [_picture(words, look["heat"][name]) for name, words in LETTERS.items()]
        except (OSError, ValueError, KeyError, TypeError):
            return
        self.wave.show(view)
        self.wave.border_title = f"waveform: a gap of {look['gap_ms']:g} ms, {look['sdr_db']:.1f} dB"
        self.spectrum.show(spectra)
        self.twins.show(pictures)

    # --- what is shown -----------------------------------------------------------------------------

    def _curves(self, title: str, nothing: str, axes: tuple[tuple[Term, ...], ...]) -> Curves:
        def give() -> list[Axis]:
            known = self.course.curves
            return [[(term, known[term.key]) for term in terms if term.key in known] for terms in axes]

        made = Curves(give, nothing)
        made.border_title = title
        return made

    def _parts(self) -> list[str]:
        """The losses that the first curve is the sum of."""
        row = self.course.told.get("row", {})
        return [f"{name} {brief(row[name])}" for name in PARTS if _is(row.get(name))]

    def _heading(self, width: int) -> list[Line]:
        job = self.job
        if job is None:
            return [[("this job is not known any more", "dim")]]
        name = str(job.spec.get("name") or Path(job.spec["sounds"][0]).name)
        ledger = actions.ledger()
        state = ledger.standing(job)
        place = ledger.place(job) if job.state == "queued" else 0
        row = self.course.told.get("progress")
        told = progress.numbers(row)
        words = progress.line(row, job.state == "running", job.heartbeat)
        first: Line = [(name, "b:text"), ("  ", ""), *standing(job, state, place), ("  ", "")]
        if told["total"]:
            ink = "good" if job.state == "done" else "accent"
            first = [*first, *bar(told["done"] or 0, told["total"], 16, ink)]
        return [[*first, (f"  {words}", "dim")], *self._came_to(job, width)]

    def _came_to(self, job: Any, width: int) -> list[Line]:
        """Its end, or its best so far; and which row of panels is seen."""
        summary = (job.result or {}).get("summary") or {}
        if job.error:
            words = wrap(str(job.error.get("message")), width - 2)[:2]
            return [[("✗ " if not at else "  ", "bad"), (line, "text")] for at, line in enumerate(words)]
        seen = "" if self.whole else f"{ROWS[self.at]}, {self.at + 1} of {len(ROWS)}, tab turns"
        said: list[Part]
        if summary.get("verdict"):
            said = verdict(summary, width)[0]
        elif best := self._best():
            step, value = best
            best_so_far = f"best {value:+.2f} dB over all prediction at step {step:.4g}"
            said = [("▲ " if value > 0 else "· ", "good" if value > 0 else "dim"), (best_so_far, "text")]
        else:
            note = self.course.told.get("note", {}).get("text")
            said = [("· ", "dim"), (str(note or "it begins"), "dim")]
        return [spread(said, [(seen, "dim")], width)]

    def _best(self) -> tuple[float, float] | None:
        """Step and gain of the best judgement."""
        points = [(value, place) for place, value in zip(*self.course.curves.get(BEST, ((), ())), strict=True)
                  if value == value]  # fmt: skip
        if not points:
            return None
        value, place = max(points)
        return place, value

    # --- laying out --------------------------------------------------------------------------------

    @property
    def whole(self) -> bool:
        """Whether all nine are seen."""
        return self.app.size.width >= WIDE and self.app.size.height >= TALL

    def _lay_out(self) -> None:
        grid = self.query_one("#grid")
        whole, wide = self.whole, self.app.size.width >= WIDE
        grid.set_class(not whole and wide, "row")
        grid.set_class(not whole and not wide, "narrow")
        for at, panel in enumerate(self.panels):
            panel.display = whole or at // len(ROWS) == self.at
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


def _picture(name: str, rows: list[list[int]]) -> Picture:
    """Rows of low frequencies first, as they are drawn. Raises ValueError, TypeError."""
    picture = b"".join(bytes(row) for row in reversed(rows))
    size = len(rows[0]), len(rows)
    if len(picture) != size[0] * size[1]:
        raise ValueError(name)
    return name, picture, size


def _is(value: Any) -> bool:
    return isinstance(value, int | float) and value == value
