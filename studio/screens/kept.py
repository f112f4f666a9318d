"""What work on sets keeps, in windows: models that learned flaws, corrections for other sounds, repairers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual.binding import Binding

from jobs import specs
from studio import actions
from studio.messages import Chosen
from studio.report import brief, part
from studio.screens.costed import profile
from studio.screens.fieldwork import choose
from studio.screens.learned import report
from studio.screens.requests import asking, submit
from studio.screens.shelf import delete, rename
from studio.screens.shelves import Shelves
from studio.text import pad, when
from studio.widgets.facts import bar, empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NO_MODELS = empty(
    "A diagnosis model learns from a set which flaws sounds have.",
    [("learn flaws", "b:accent"), ("  of the list before this one", "text")],
    "woodshed diagnosis train FOLDER",
)
NO_CORRECTIONS = empty(
    "A correction that was kept can be applied to other sounds.",
    [("w", "b:accent"), ("  in the Lab, then ", "text"), ("s", "b:accent"), ("  keeps one", "text")],
    "woodshed diagnose FILE --reference CLEAN --save NAME",
)
NO_REPAIRERS = empty(
    "A repairer learns from your sounds to fill lost packets better than linear prediction does.",
    [("learn repair", "b:accent"), ("  of the list before this one", "text")],
    "woodshed repair train FOLDER",
)
PART, BAR = 20, 14


class Kept(Shelves):
    """Records of ``table``, renamed and deleted as everywhere."""

    table = ""
    on_one: tuple[str, ...] = ("rename", "delete")
    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("r", "rename", "rename", id="kept.rename"),
        Binding("d", "delete", "delete", id="kept.delete", tooltip="to the trash; u takes it back"),
    ]
    nothing: Sequence[Line] = ()

    def rows(self) -> Rows:
        return Rows(self._row, empty=self.nothing)

    def items(self) -> Sequence[Any]:
        return list(reversed(actions.shelf(self.table).all()))

    def _row(self, record: dict[str, Any], width: int) -> list[Part]:
        made = when(record["created"])
        return [(pad(record["name"], max(4, width - len(made) - 1)), "text"), (f" {made}", "dim")]

    def action_rename(self) -> None:
        rename(self.studio, self.table, self.list.item, self.look)

    async def action_delete(self) -> None:
        await delete(self.studio, self.table, self.list.item)
        self.look()


class Corrections(Kept):
    """Enter applies one to sounds."""

    title_words = "corrections: enter applies to sounds"
    table, nothing = "corrections", NO_CORRECTIONS

    def about(self, item: Any, width: int) -> list[Line]:
        lines: list[Line] = [[(line, "b:text")] for line in wrap(item["name"], width)]
        lines += [[(line, "dim")] for line in wrap(f"of {item.get('of', '')}", width)]
        for words in item.get("text", ()):
            lines += [[(line, "text")] for line in wrap(str(words), width)]
        return lines

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        correction = event.item
        others = ("reference", "gold", "model", "correction", "save", "preview")

        async def apply(values: dict[str, Any]) -> bool:
            return await submit(
                self.studio, correction["name"], specs.Diagnose, {**values, "correction": correction["id"]}
            )

        asking(
            self.studio,
            f"apply {correction['name']}",
            specs.Diagnose,
            apply,
            leave_out=others,
            proposed={"apply": str(Path.home() / "corrected")},
        )


class Diagnosers(Kept):
    """Enter writes one as ONNX."""

    title_words = "diagnosis models: enter exports as ONNX"
    table, nothing = "diagnosers", NO_MODELS

    def about(self, item: Any, width: int) -> list[Line]:
        lines: list[Line] = [[(line, "b:text")] for line in wrap(item["name"], width)]
        told = f"{item.get('sounds', 0)} sounds of {', '.join(map(str, item.get('instruments', ())))}"
        lines += [[(line, "dim")] for line in wrap(told, width)]
        parts = part(part(item, "report"), "parts")
        if parts:
            lines += [[], [(pad("macro-F1, other sources held out", width), "faint")]]
        for name, one in parts.items():
            share = float(one.get("macro_f1", 0.0))
            lines.append([(pad(name, PART), "text"), *bar(share, 1.0, BAR), (f" {brief(share)}", "b:text")])
        return lines

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        model = event.item

        async def export(values: dict[str, Any]) -> bool:
            asked = {**values, "model": model["id"]}
            return await submit(self.studio, model["name"], specs.ExportDiagnosis, asked)

        asking(
            self.studio,
            f"export {model['name']}",
            specs.ExportDiagnosis,
            export,
            leave_out=("model",),
            proposed={"path": str(Path.home() / f"{model['name']}.onnx")},
        )


class Repairers(Kept):
    """Enter makes the update package of one for the field."""

    BINDINGS = [  # noqa: RUF012 - read by Textual
        Binding("p", "profile", "profile", id="repairers.profile", tooltip="measure what it costs"),
        Binding(
            "f", "field", "field", id="repairers.field", tooltip="packages, what changed, feedback, the key"
        ),
    ]
    title_words = "repairers: enter ships one to the field"
    table, nothing = "repairers", NO_REPAIRERS
    on_one = (*Kept.on_one, "profile")

    def about(self, item: Any, width: int) -> list[Line]:
        return report(item, width)

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        repairer = event.item

        async def ship(values: dict[str, Any]) -> bool:
            asked = {**values, "model": repairer["id"]}
            return await submit(self.studio, repairer["name"], specs.ExportRepairer, asked)

        asking(
            self.studio,
            f"ship {repairer['name']}",
            specs.ExportRepairer,
            ship,
            leave_out=("model",),
            proposed={"out": str(Path.home() / f"{repairer['name']}.zip")},
        )

    def action_field(self) -> None:
        choose(self.studio, self.list.item, self.look)

    async def action_profile(self) -> None:
        await profile(self.studio, self.list.item)
