"""The fingerprint of a sound, number by number: what each is, and where the gold of its instrument lies."""

from typing import Any

from textual.app import ComposeResult

from jobs import specs
from store.errors import Refusal
from studio import actions
from studio.awaited import finished
from studio.distribution import told
from studio.looking import Subject
from studio.messages import Highlighted
from studio.report import brief
from studio.screens.dialog import Window
from studio.text import pad
from studio.widgets.facts import Facts
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

METADATA = "feature_metadata.json"
NAME, VALUE, UNIT = 28, 9, 11
SLIM = 90
"""Columns below which names are short and units left out, so that there is room to draw."""
SHORT_NAME = 20
WIDEST = 2.5
"""Standard deviations from the gold's mean to either end of a bar."""


class Prints(Window):
    """Numbers of one sound, or of A and B beside each other."""

    DEFAULT_CSS = """
    Prints > #frame { width: 100; height: 90%; }
    Prints Rows { height: 1fr; }
    Prints #meaning { margin-top: 1; }
    """
    title_words = "fingerprint"

    def __init__(self, subjects: list[Subject]) -> None:
        super().__init__()
        self.subjects = subjects
        self.found: list[dict[str, Any]] = []
        self.gold: dict[str, Any] = {}
        self.wrong = ""
        self.about = Facts(self._heading, id="about")
        self.list = Rows(
            self._draw,
            key=lambda one: one["name"],
            words=lambda one: f"{one['name']} {one['meaning']}",
            head=self._head,
            empty=[[("… measuring", "dim")]],
        )
        self.meaning = Facts(id="meaning")

    def parts(self) -> ComposeResult:
        yield self.about
        yield self.list
        yield self.meaning

    def on_mount(self) -> None:
        self.run_worker(self._measure(), exclusive=True, group="prints")

    async def _measure(self) -> None:
        app: Any = self.app
        files = [one.path for one in self.subjects]
        job = await app.do(lambda: actions.submit(specs.Fingerprint, lane="live", sounds=files))
        if job is None:
            return
        try:
            now = await finished(job.id)
            rows = actions.left(now)
            if missing := next((one for one in rows if "features" not in one), None):
                raise Refusal(f"{missing['name']}: {missing['error']}")
            self.found = rows
            self.gold = _gold(self.found[0]["instrument"])
            self.list.put(actions.left(now, METADATA)["features"])
        except Refusal as error:
            self.wrong = str(error)
        self.about.show(lambda width: self._heading(width))

    # --- what is shown -----------------------------------------------------------------------------

    def _heading(self, width: int) -> list[Line]:
        lines: list[Line] = []
        for side, one in zip("AB" if len(self.subjects) > 1 else " ", self.subjects, strict=False):
            lines.append(
                [(f"{side} " if side.strip() else "", "b:accent"), (pad(one.name, width - 2), "b:text")]
            )
        if self.wrong:
            lines += [[("✗ ", "bad"), (line, "text")] for line in wrap(self.wrong, width - 2)]
        elif self.gold:
            words = f"against the gold of {self.gold['instrument']} in {self.gold['model']}, at one loudness"
            lines.append([(words, "dim")])
        return lines

    def _head(self, width: int) -> list[Part]:
        sides = "AB"[: len(self.found)] if len(self.found) > 1 else ["value"]
        heads = "".join(pad(side, VALUE, right=True) for side in sides)
        return [(" " + pad("", NAME if width >= SLIM else SHORT_NAME) + heads, "faint")]

    def _draw(self, one: dict[str, Any], width: int) -> list[Part]:
        wide = width >= SLIM
        parts: list[Part] = [(pad(told(one), NAME if wide else SHORT_NAME), "text")]
        for found in self.found:
            parts.append((pad(brief(found["features"][one["name"]]), VALUE, right=True), "b:text"))
        if wide or not self.gold:
            parts.append((f" {pad(one['unit'], UNIT - 1)}", "dim"))
        room = width - sum(len(words) for words, _ in parts) - 1
        if room < 12:
            return parts
        if self.gold:
            return [*parts, (" ", ""), *self._place(one, min(room - 1, 41))]
        return [*parts, (pad(one["meaning"], room), "faint")]

    def _place(self, one: dict[str, Any], width: int) -> list[Part]:
        """A bar of the gold's mean and spread, with the sounds on it."""
        mean, spread = (float(self.gold[key][one["index"]]) for key in ("mean", "spread"))

        def cell(value: float) -> int:
            away = (value - mean) / max(spread, 1e-9)
            return round((max(-WIDEST, min(WIDEST, away)) + WIDEST) / (2 * WIDEST) * (width - 1))

        drawn: list[Part] = [("─", "faint")] * width
        for at in range(cell(mean - spread), cell(mean + spread) + 1):
            drawn[at] = ("━", "second")
        for mark, ink, found in zip("●◆", ("head", "accent"), self.found, strict=False):
            value = found.get("levelled", {}).get(one["name"], found["features"][one["name"]])
            drawn[cell(float(value))] = (mark, ink)
        return drawn

    def on_highlighted(self, event: Highlighted) -> None:
        event.stop()
        one = event.item
        words = f"{one['meaning']} · {one['source']}" if one else ""
        self.meaning.show(lambda width: [[(line, "dim")] for line in wrap(words, width)[:2]])


def _gold(instrument: str) -> dict[str, Any]:
    """Mean and spread of an instrument's gold in the newest diagnosis model; nothing where it has none."""
    for record in reversed(actions.library().diagnosers.all()):
        kept = (record.get("gold") or {}).get(instrument)
        if isinstance(kept, dict) and {"mean", "spread"} <= kept.keys():
            return {**kept, "instrument": instrument, "model": record["name"]}
    return {}
