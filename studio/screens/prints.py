"""The fingerprint of a sound, number by number: what each is, and where the gold of its instrument lies."""

from typing import Any

from jobs import specs
from store.errors import Refusal
from studio import actions
from studio.awaited import finished
from studio.distribution import METADATA
from studio.looking import Subject
from studio.report import brief
from studio.screens.features import SLIM, UNIT, VALUE, Features, taken
from studio.text import pad
from studio.widgets.lines import Line, Part, wrap

WIDEST = 2.5
"""Standard deviations from the gold's mean to either end of a bar."""


class Prints(Features):
    """Numbers of one sound, or of A and B beside each other."""

    title_words = "fingerprint"

    def __init__(self, subjects: list[Subject]) -> None:
        super().__init__(empty=[[("… measuring", "dim")]])
        self.subjects = subjects
        self.found: list[dict[str, Any]] = []
        self.gold: dict[str, Any] = {}
        self.wrong = ""

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
        self.about.show(lambda width: self.heading(width))

    # --- what is shown -----------------------------------------------------------------------------

    def heading(self, width: int) -> list[Line]:
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

    def head(self, width: int) -> list[Part]:
        sides = "AB"[: len(self.found)] if len(self.found) > 1 else ["value"]
        heads = "".join(pad(side, VALUE, right=True) for side in sides)
        return [(self.unnamed(width) + heads, "faint")]

    def draw(self, one: dict[str, Any], width: int) -> list[Part]:
        parts: list[Part] = [self.named(one, width)]
        for found in self.found:
            parts.append((pad(brief(found["features"][one["name"]]), VALUE, right=True), "b:text"))
        if width >= SLIM or not self.gold:
            parts.append((f" {pad(one['unit'], UNIT)}", "dim"))
        room = width - taken(parts) - 1
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


def _gold(instrument: str) -> dict[str, Any]:
    """Mean and spread of an instrument's gold in the newest diagnosis model; nothing where it has none."""
    for record in reversed(actions.library().diagnosers.all()):
        kept = (record.get("gold") or {}).get(instrument)
        if isinstance(kept, dict) and {"mean", "spread"} <= kept.keys():
            return {**kept, "instrument": instrument, "model": record["name"]}
    return {}
