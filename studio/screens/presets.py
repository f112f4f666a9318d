"""Presets in a window: found, recalled, kept, renamed, moved, deleted, handed on and taken in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.binding import Binding

from studio import actions, sifting
from studio.messages import Chosen
from studio.report import absent, part
from studio.screens.keeping import Positions, keep
from studio.screens.shelves import Shelves
from studio.shelved import shelved
from studio.text import cells, figure, pad, safe_text, when
from studio.widgets.facts import empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NOTHING = empty(
    "A preset is the position of every slider, kept under a name.",
    [
        ("s", "b:accent"),
        ("  keeps the sliders of Play, ", "text"),
        ("i", "b:accent"),
        ("  takes in a file", "text"),
    ],
    "woodshed presets save NAME --model MODEL --slider brightness=80",
)
LABEL, BAR = 14, 20


class Presets(Shelves):
    """Gives the preset to recall. Those of ``model`` come first; ``held`` is what ``s`` would keep."""

    title_words = "presets: enter recalls"
    on_one = ("rename", "move", "delete", "write")
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("s", "save", "save", id="presets.save", tooltip="the sliders of Play under a name"),
        Binding("r", "rename", "rename", id="presets.rename"),
        Binding("m", "move", "move", id="presets.move", tooltip="into another folder"),
        Binding("d", "delete", "delete", id="presets.delete", tooltip="to the trash; u takes it back"),
        Binding("w", "write", "export", id="presets.write", tooltip="the shown ones to a file"),
        Binding("i", "import", "import", id="presets.import", tooltip="those of a file"),
    ]

    def __init__(self, model: Mapping[str, Any], held: Callable[[], Positions | None], filter: str) -> None:
        self.model, self.held = model, held
        self.axes = {str(one.get("name")) for one in model.get("axes", ()) if not absent(one)}
        super().__init__()
        self.list.query_text = filter

    def rows(self) -> Rows:
        rows = Rows(self._row, empty=NOTHING)
        rows.sieve = lambda text: sifting.sieve(text, sifting.KEYS["presets"])
        rows.hint = sifting.hint(sifting.KEYS["presets"])
        return rows

    def items(self) -> Sequence[Any]:
        def order(preset: dict) -> tuple:
            folder = str(preset.get("folder", "")).casefold()
            return (not self._ours(preset), folder, preset["name"].casefold())

        return sorted((shelved(preset) for preset in actions.presets()), key=order)

    def _ours(self, preset: Mapping[str, Any]) -> bool:
        return preset.get("model") in ("", None, self.model.get("id"))

    def _stay(self, preset: Mapping[str, Any]) -> list[str]:
        """Sliders of it that this model does not move."""
        return [axis for axis in part(preset, "sliders") if axis not in self.axes]

    # --- drawing -----------------------------------------------------------------------------------

    def _row(self, preset: dict, width: int) -> list[Part]:
        other = (
            ""
            if self._ours(preset)
            else f" ◇ {safe_text(preset['model_name'] or 'a model that is gone', 20)}"
        )
        stay = self._stay(preset)
        tail = f"{other}{f' ✗{len(stay)}' if stay else ''}"
        folder = f"{safe_text(preset['folder'], width // 3)}/" if preset.get("folder") else ""
        room = max(4, width - cells(folder) - cells(tail))
        return [(folder, "dim"), (pad(preset["name"], room), "text"), (tail, "warn" if stay else "dim")]

    def about(self, item: Any, width: int) -> list[Line]:
        lines: list[Line] = [[(line, "b:text")] for line in wrap(item["name"], width)]
        lines += [[(line, "text")] for line in wrap(item.get("description") or "", width)]
        facts = [f"seed {item.get('seed', 0)}", when(item.get("modified") or item.get("created"))]
        if item["model_name"]:
            facts.insert(0, item["model_name"])
        lines += [[(line, "dim")] for line in wrap(" · ".join(fact for fact in facts if fact), width)]
        for axis, value in part(item, "sliders").items():
            lines.append(self._slider(axis, value, width))
        if stay := self._stay(item):
            said = f"✗ {self.model.get('name', 'this model')} does not move {', '.join(stay)}: left out"
            lines += [[(line, "warn")] for line in wrap(said, width)]
        return lines

    def _slider(self, axis: str, value: Any, width: int) -> list[Part]:
        moves = axis in self.axes
        room = max(4, min(BAR, width - LABEL - 8))
        full = round(max(0.0, min(100.0, value)) / 100 * room) if isinstance(value, int | float) else 0
        return [
            (pad(axis, LABEL), "dim" if moves else "faint"),
            ("━" * full, "accent" if moves else "faint"),
            ("─" * (room - full), "faint"),
            (f" {figure(value)}", "text" if moves else "faint"),
        ]

    # --- what happens ------------------------------------------------------------------------------

    def on_chosen(self, event: Chosen) -> None:
        event.stop()
        self.dismiss(event.item)

    def action_save(self) -> None:
        if held := self.held():
            keep(self.studio, held, lambda kept: self.look(kept["id"]))

    def action_rename(self) -> None:
        from studio.screens.shelf import rename

        rename(self.studio, "presets", self.list.item, self.look)

    def action_move(self) -> None:
        from studio.screens.keeping import move

        move(self.studio, self.list.item, self.look)

    async def action_delete(self) -> None:
        from studio.screens.shelf import delete

        await delete(self.studio, "presets", self.list.item)
        self.look()

    def action_write(self) -> None:
        from studio.screens.handing import write

        write(self.studio, self.list.shown, self.list.item)

    def action_import(self) -> None:
        from studio.screens.handing import take_in

        take_in(self.studio, lambda kept: self.look(kept[-1]["id"] if kept else None))
