"""The trash: what was deleted, of every kind; it comes back, or is removed for good."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from textual.binding import Binding

from studio import actions
from studio.messages import Chosen
from studio.screens.dialog import Ask
from studio.screens.shelves import Shelves
from studio.shelved import TABLES, in_trash, lost
from studio.text import count, pad, size, when
from studio.widgets.facts import empty
from studio.widgets.lines import Line, Part, wrap
from studio.widgets.rows import Rows

NOTHING = empty(
    "The trash is empty. What d deletes comes here, with its files, until it is emptied.",
    [("esc", "b:accent"), ("  back", "text")],
    "woodshed trash ls",
)
LISTED = 8
"""Names told before all of it is removed."""


class Trash(Shelves):
    """Restoring is free; only what can't be undone is asked for."""

    title_words = "trash"
    on_one = ("restore", "purge", "empty")
    BINDINGS = [  # noqa: RUF012 - Textual reads it as a class variable
        Binding("r", "restore", "restore", id="trash.restore", tooltip="back to where it was; enter too"),
        Binding("d", "purge", "remove", id="trash.purge", tooltip="for good; it asks first"),
        Binding("E", "empty", "empty trash", id="trash.empty", tooltip="all of it for good; it asks first"),
    ]

    def rows(self) -> Rows:
        return Rows(
            self._row,
            key=lambda entry: (entry["table"], entry["record"]["id"]),
            words=lambda entry: f"{TABLES[entry['table']]} {entry['record'].get('name', '')}",
            empty=NOTHING,
        )

    def items(self) -> Sequence[Any]:
        return in_trash()

    def _row(self, entry: dict[str, Any], width: int) -> list[Part]:
        tail = f" {when(entry['record'].get('trashed')):>12} {size(entry['size']):>7}"
        room = max(4, width - 8 - len(tail))
        return [
            (pad(TABLES[entry["table"]], 8), "dim"),
            (pad(entry["record"].get("name", ""), room), "text"),
            (tail, "dim"),
        ]

    def about(self, item: Any, width: int) -> list[Line]:
        record = item["record"]
        made = when(record.get("created"))
        return [
            *[[(line, "b:text")] for line in wrap(str(record.get("name", "")), width)],
            [(pad(TABLES[item["table"]], 9), "dim"), (f"made {made}", "text")],
            [(pad("deleted", 9), "dim"), (when(record.get("trashed")), "text")],
            *[[(line, "dim")] for line in wrap(f"removing it would lose {lost(item)}", width)],
        ]

    async def on_chosen(self, event: Chosen) -> None:
        event.stop()
        await self.action_restore()

    async def action_restore(self) -> None:
        entry = self.list.item
        if entry is None:
            return
        back = await self.studio.do(lambda: actions.restore(entry["table"], entry["record"]["id"]))
        self._changed()
        if back:
            self.studio.say(f"{TABLES[entry['table']]} {back.get('name', '')} is back", "good")

    def action_purge(self) -> None:
        if entry := self.list.item:
            self._ask("remove it for good?", [_named(entry), lost(entry)], [entry])

    def action_empty(self) -> None:
        entries = self.list.items
        total = sum(entry["size"] for entry in entries)
        told = [_named(entry) for entry in entries[:LISTED]]
        more = [f"and {len(entries) - LISTED} more"] if len(entries) > LISTED else []
        title = f"remove {count(len(entries), 'record')}, {size(total)}, for good?"
        self._ask(title, [*told, *more], entries)

    def _ask(self, title: str, told: Sequence[str], entries: Sequence[dict[str, Any]]) -> None:
        about = [[(line, "text")] for words in told for line in wrap(words, 66)]
        about += [[("this can't be undone; esc keeps it", "warn")], []]

        async def answered(answers: dict | None) -> None:
            if answers is None:
                return
            gone = [entry for entry in entries if await self.studio.do(partial(_purge, entry))]
            self._changed()
            if gone:
                self.studio.say(f"{count(len(gone), 'record')} gone for good", "good")

        self.studio.push_screen(Ask(title, [], "Remove for good", about=about), answered)

    def _changed(self) -> None:
        self.studio.poll()
        self.look()


def _named(entry: dict[str, Any]) -> str:
    return f"{TABLES[entry['table']]} {entry['record'].get('name', '')}"


def _purge(entry: dict[str, Any]) -> dict:
    return actions.purge(entry["table"], entry["record"]["id"])
