"""What is wrong with a sound: the verdict, its spectra, and the corrected sound to hear against it."""

import os
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer

from jobs import specs
from store.errors import Refusal
from studio import actions, forms
from studio.awaited import ended
from studio.looking import Subject
from studio.screens.dialog import Ask, Window
from studio.text import chance
from studio.verdict import likely, verdict
from studio.widgets.facts import Facts, bar
from studio.widgets.lines import Line, wrap
from studio.widgets.spectrum import SpectrumPane

PARTS = ("both", "eq", "dynamics")
STEP = 10
SETTLE = 0.4
"""Seconds after the last key until the sound is corrected anew."""
LEAST_DB = -200.0
SPECTRA = ("before", "after", "reference")


class Diagnosis(Window):
    """Diagnoses ``subject``, against ``reference`` where one is given; gives nothing."""

    DEFAULT_CSS = """
    Diagnosis > #frame { width: 100; height: 90%; }
    Diagnosis SpectrumPane { height: 1fr; min-height: 5; margin-top: 1; }
    """
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("space", "hear", "hear", id="diagnosis.hear", tooltip="the corrected sound, or pause"),
        Binding("x", "swap", "before⇄after", id="diagnosis.swap", tooltip="from the same place, as loud"),
        Binding("plus,equals_sign", "strength(1)", "strength", key_display="+ -", id="diagnosis.more",
                tooltip="a tenth more of the correction, or less"),
        Binding("minus", "strength(-1)", "weaker", show=False, id="diagnosis.less",
                tooltip="a tenth less of the correction"),
        Binding("p", "part", "part", id="diagnosis.part", tooltip="both, equaliser or dynamics alone"),
        Binding("s", "save", "keep", id="diagnosis.save", tooltip="the correction, for other sounds"),
        Binding("W", "write", "write", id="diagnosis.write", tooltip="the corrected sound to a file"),
    ]  # fmt: skip
    title_words = "what is wrong"

    def __init__(self, subject: Subject, reference: Subject | None) -> None:
        super().__init__()
        self.subject, self.reference = subject, reference
        self.strength, self.part = 100, PARTS[0]
        self.found: dict[str, Any] = {}
        self.wrong = ""
        self.about = Facts(self._lines, id="verdict")
        self.spectrum = SpectrumPane(id="spectra", marks=())
        self._waiting: Timer | None = None

    @property
    def studio(self) -> Any:
        return self.app

    def parts(self) -> ComposeResult:
        yield self.about
        yield self.spectrum

    def on_mount(self) -> None:
        self._ask()

    # --- asking ------------------------------------------------------------------------------------

    def _asked(self, **more: Any) -> dict[str, Any]:
        reference = {"reference": self.reference.path} if self.reference else {}
        return {
            "sounds": [self.subject.path],
            "strength": self.strength,
            "only": self.part,
            **reference,
            **more,
        }

    def _ask(self) -> None:
        self.run_worker(self._diagnose(), exclusive=True, group="diagnose")

    async def _diagnose(self) -> None:
        group = f"diagnose-{os.getpid()}"
        job = await self.studio.do(
            lambda: actions.submit(specs.Diagnose, group, "live", **self._asked(preview=True))
        )
        if job is None:
            return
        now = await ended(job.id)
        if now is None or now.state == "cancelled":
            return
        self.wrong = str((now.error or {}).get("message", "")) if now.state != "done" else ""
        if now.state == "done":
            try:
                self.found = actions.left(now)[0]
            except Refusal as error:
                self.wrong = str(error)
        self._show()

    def _show(self) -> None:
        self.about.show(lambda width: self._lines(width))
        spectra = self.found.get("spectra") or {}
        drawn = [
            (
                name,
                {"hz": spectra["hz"], "mean_db": [LEAST_DB if one is None else one for one in spectra[name]]},
            )
            for name in SPECTRA
            if name in spectra
        ]
        self.spectrum.show(drawn)
        self.refresh_bindings()

    # --- what is shown -----------------------------------------------------------------------------

    def _lines(self, width: int) -> list[Line]:
        against = f" against {self.reference.name}" if self.reference else ""
        lines: list[Line] = [[(line, "b:text")] for line in wrap(f"{self.subject.name}{against}", width)[:2]]
        if self.wrong:
            return [*lines, *_marked("✗ ", "bad", self.wrong, width)]
        if not self.found:
            return [*lines, [("… listening", "dim")]]
        for warning in self.found["warnings"]:
            lines += _marked("▲ ", "warn", warning, width)
        lines += self._verdict(width)
        for number, one in enumerate(self.found["advice"], 1):
            lines.append([(f"{number}. ", "second"), (one["text"], "text")])
        if not self.found["advice"]:
            lines.append([("nothing to correct", "dim")])
        return [*lines, *([(line, "dim")] for line in wrap(self._applied(), width))]

    def _verdict(self, width: int) -> list[Line]:
        first = likely(self.found)
        if not first:
            return []
        words, sure = verdict(self.found)
        lines: list[Line] = [[(words, "b:accent"), (sure, "dim")]]
        if self.found["abstains"]:
            # Shares of what is not sure would be taken for chances.
            return [*lines, [(f"  guesses: {', '.join(flaw for flaw, _ in first)}", "dim")]]
        for flaw, share in first:
            lines.append([(f"  {flaw:15}", "text"), *bar(share, 1.0, 20), (f" {chance(share):>4}", "dim")])
        return lines

    def _applied(self) -> str:
        part = {"both": "equaliser and dynamics", "eq": "equaliser alone", "dynamics": "dynamics alone"}[
            self.part
        ]
        words = f"{self.strength} % of it, {part}"
        if self.found["held_db"] > 0.05:
            words += f" · {self.found['held_db']:.1f} dB softer to keep its peaks"
        told = self.found.get("distance_db")
        if told:
            words += f" · {told['before']:.1f} dB from the reference, now {told['after']:.1f}"
        return words

    # --- what happens ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("hear", "swap", "save", "write", "strength", "part"):
            return "corrected" in self.found
        return super().check_action(action, parameters)

    def action_hear(self) -> None:
        path = self.found["corrected"]
        if self.studio.player.path in (path, self.subject.path):
            self.studio.action_play_pause()
        else:
            self.studio.play(path, f"{self.subject.name}, corrected")

    def action_swap(self) -> None:
        player, corrected = self.studio.player, self.found["corrected"]
        at = player.position if player.path in (corrected, self.subject.path) else 0.0
        if player.path == corrected:
            self.studio.play(self.subject.path, self.subject.name, at)
        else:
            self.studio.play(corrected, f"{self.subject.name}, corrected", at)

    def action_strength(self, by: int) -> None:
        self.strength = max(0, min(100, self.strength + by * STEP))
        self._anew()

    def action_part(self) -> None:
        self.part = PARTS[(PARTS.index(self.part) + 1) % len(PARTS)]
        self._anew()

    def _anew(self) -> None:
        """Correct it again when the keys rest."""
        self.about.show(lambda width: self._lines(width))
        if self._waiting:
            self._waiting.stop()
        self._waiting = self.set_timer(SETTLE, self._ask)

    def action_save(self) -> None:
        name = forms.Question("name", "text", "for other sounds: woodshed diagnose FILE --correction NAME",
                              initial=self.subject.name.rsplit(".", 1)[0], suggested=True)  # fmt: skip
        self._ask_for("keep this correction", name, "Keep", lambda value: self._asked(save=value))

    def action_write(self) -> None:
        stem = self.subject.path.rsplit(".", 1)[0]
        path = forms.Question(
            "file",
            "path",
            "wav flac ogg mp3 aiff caf w64 rf64; the original stays",
            initial=f"{stem}_corrected.wav",
        )
        self._ask_for("write the corrected sound", path, "Write", lambda value: self._asked(apply=value))

    def _ask_for(self, title: str, question: forms.Question, button: str, values: Any) -> None:
        async def answered(answers: dict[str, str] | None) -> None:
            if answers is None:
                return
            wanted = answers[question.name]
            job = await self.studio.do(lambda: actions.submit(specs.Diagnose, **values(wanted)))
            if job:
                self.run_worker(self._finished(job.id, wanted), group="finish")

        self.studio.push_screen(Ask(title, [question], button), answered)

    async def _finished(self, id: str, wanted: str) -> None:
        now = await ended(id)
        if now is not None and now.state == "done":
            self.studio.say(f"kept: {wanted}", "good")
        elif now is not None and now.error:
            self.studio.say(str(now.error.get("message")), "bad")


def _marked(mark: str, ink: str, words: str, width: int) -> list[Line]:
    return [
        [(mark if not row else "  ", ink), (line, "text")] for row, line in enumerate(wrap(words, width - 2))
    ]
