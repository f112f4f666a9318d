"""The fields of a spec as a form shows them: toolkit-free, so both fronts may ask the same questions."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from jobs import specs
from store.errors import Usage

NONE = "none"
"""Label of the choice of no record, where a field may stay empty."""


@dataclass(frozen=True)
class Question:
    """One row of a form.

    ``sort`` is text, number, choice, yesno or path. ``choices`` are the values of a choice, ``labels`` what
    is shown for them.
    """

    name: str
    sort: str
    help: str = ""
    unit: str = ""
    initial: str = ""
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    step: float = 1
    low: float | None = None
    high: float | None = None
    advanced: bool = False
    suggested: bool = False
    """Whether ``initial`` is a proposal: what is typed takes its place."""

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")

    def shown(self, value: str) -> str:
        """The label of a choice's value."""
        if value in self.choices and self.labels:
            return self.labels[self.choices.index(value)]
        return value


def questions(
    kind: type[specs.Spec],
    records: Mapping[str, Sequence[Mapping[str, Any]]],
    leave_out: Sequence[str] = (),
) -> list[Question]:
    """The form of a spec: what is needed first, advanced fields last. ``records``: table -> its records."""
    rows = [_question(f, records) for f in fields(kind) if f.name not in leave_out]
    return sorted(rows, key=lambda row: row.advanced)


def _question(f: Any, records: Mapping[str, Sequence[Mapping[str, Any]]]) -> Question:
    told = f.metadata
    initial = "" if f.default is MISSING else word(f.default)
    common = {"name": f.name, "help": told.get("help", ""), "advanced": told.get("advanced", False)}
    table = told.get("record")
    if table:
        known = records.get(table, ())
        ids = tuple(record["id"] for record in known)
        names = tuple(record["name"] for record in known)
        if f.default is not MISSING:
            ids, names = (initial, *ids), (NONE, *names)
            return Question(**common, sort="choice", choices=ids, labels=names, initial=initial)
        return Question(**common, sort="choice", choices=ids, labels=names, initial=ids[-1] if ids else "")
    if "choices" in told:
        words = tuple(word(choice) for choice in told["choices"])
        return Question(**common, sort="choice", choices=words, initial=initial)
    if f.type is bool:
        return Question(**common, sort="yesno", initial=initial)
    if "low" in told:
        return Question(
            **common,
            sort="number",
            initial=initial,
            unit=told["unit"],
            step=told["step"],
            low=told["low"],
            high=told["high"],
        )
    return Question(**common, sort="text", initial=initial)


def word(value: Any) -> str:
    """A value as a form shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def complaint(kind: type[specs.Spec], name: str, value: str) -> str:
    """Why ``value`` can't be taken, in one line; empty when it can."""
    f = {f.name: f for f in fields(kind)}[name]
    if f.default is MISSING and f.default_factory is MISSING and not value:
        return f"{name} is missing: {f.metadata['help']}"
    try:
        specs.parse(kind, name, value)
    except Usage as error:
        return str(error)
    return ""


def complaints(kind: type[specs.Spec], values: Mapping[str, str]) -> dict[str, str]:
    """Every field that can't be taken, with the reason."""
    found = {name: complaint(kind, name, value) for name, value in values.items()}
    return {name: why for name, why in found.items() if why}


def changed(kind: type[specs.Spec], values: Mapping[str, str]) -> dict[str, Any]:
    """Values that differ from the spec's defaults, typed: what is worth sending. Raises Usage."""
    defaults = {f.name: specs.default(f) for f in fields(kind)}
    typed = {name: specs.parse(kind, name, value) for name, value in values.items()}
    return {name: value for name, value in typed.items() if value != defaults[name]}


def stepped(question: Question, value: str, by: int) -> str:
    """The next value of a choice, a yes/no or a number in that direction."""
    if question.sort == "choice" and question.choices:
        at = question.choices.index(value) if value in question.choices else 0
        return question.choices[(at + by) % len(question.choices)]
    if question.sort == "yesno":
        return "no" if value == "yes" else "yes"
    if question.sort != "number":
        return value
    try:
        number = float(value) + by * question.step
    except ValueError:
        return question.initial
    low = question.low if question.low is not None else number
    high = question.high if question.high is not None else number
    return f"{min(max(number, low), high):.10g}"
