"""A value typed into the row of the Play screen that the cursor is on."""

from typing import TYPE_CHECKING

from studio.forms import Question
from studio.screens.dialog import Ask

if TYPE_CHECKING:
    from studio.screens.play import PlayPage


def type_in(page: "PlayPage") -> None:
    """Ask for the exact value."""
    k = page.sliders.knob
    if k is None or k.dead:
        page.studio.say(f"{k.shown}: {k.dead}" if k else "there is no row")
        return
    held = page.sliders.values[k.name]
    label = k.shown
    if k.choices:
        now = k.choices[round(held or 0)]
        question = Question(label, "choice", k.help, initial=now, choices=k.choices)
    else:
        now = "50" if held is None else f"{held:.10g}"
        unit = "" if k.axis else k.unit
        told = f"{k.help}; {k.low:.10g} to {k.high:.10g}"
        question = Question(
            label, "number", told, unit=unit, initial=now, step=k.step, low=k.low, high=k.high
        )

    def check(name: str, value: str) -> str:
        try:
            fits = bool(k.choices) or k.low <= float(value) <= k.high
        except ValueError:
            return f"{label}: {value[:30]!r} is not a number; {k.low:.10g} to {k.high:.10g}"
        return "" if fits else f"{label}: {k.low:.10g} to {k.high:.10g}{' ' + unit if unit else ''}"

    unit = k.unit

    def done(answers: dict | None) -> None:
        if answers:
            value = answers[label]
            page.sliders.type_in(k.choices.index(value) if k.choices else float(value))

    page.studio.push_screen(Ask("type a value", [question], "Set", check), done)
