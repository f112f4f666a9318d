"""A window that asks for a path: tab completes, and what lies there is shown while it is typed."""

import os
from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.app import ComposeResult

from jobs import specs
from studio import forms
from studio.messages import Edited, Stepped
from studio.screens.dialog import Window
from studio.text import count
from studio.widgets.facts import Facts
from studio.widgets.fields import Fields
from studio.widgets.lines import Line

LOOKED_AT = 2000
"""Entries of a folder looked at for completion; a folder of a million files must not stop the hand."""


class PathWindow(Window):
    """A path, ``more`` questions and a ``button``. Subclasses say in ``done`` what is done with them."""

    DEFAULT_CSS = """
    PathWindow Fields { height: 7; }
    PathWindow #choices { height: 7; }
    """

    def __init__(self, help: str, more: Sequence[forms.Question], button: str) -> None:
        super().__init__()
        path = forms.Question("path", "path", help=help, initial=start())
        self.form = Fields([path, *more], button, self.check, label_width=8)
        self.choices = Facts(id="choices")

    def parts(self) -> ComposeResult:
        yield self.form
        yield self.choices

    def on_mount(self) -> None:
        self._offer()

    def check(self, name: str, value: str) -> str:
        """Why a value can't be taken; empty when it can."""
        if name == "path" and not Path(value).expanduser().exists():
            return f"{value or 'path'}: no such file or folder; tab completes"
        return ""

    async def done(self) -> None:
        """Everything fits, and the button was pressed."""

    def on_edited(self, event: Edited) -> None:
        event.stop()
        if event.name == "path":
            value = self.form.values["path"]
            if (anew := begun_anew(value)) != value:
                self.form.set("path", anew)
            self._offer()

    def on_key(self, event: events.Key) -> None:
        if event.key == "tab" and getattr(self.form.row, "name", "") == "path":
            event.stop()
            event.prevent_default()
            longer = completed(self.form.values["path"])
            if longer != self.form.values["path"]:
                self.form.set("path", longer)
            self.form.fresh = False

    def _offer(self) -> None:
        """What the path could become, and how many sounds lie there."""
        value = self.form.values["path"]
        if self.form.wrong.get("path") and candidates(value):
            # On the way to a path that exists is not a mistake yet.
            self.form.wrong.pop("path")
        lines: list[Line] = []
        here = Path(value).expanduser()
        if here.is_dir():
            number = sounds_in(here)
            lines.append(
                [
                    (count(number, "sound"), "good" if number else "dim"),
                    (" here (folders inside not counted)", "dim"),
                ]
            )
        for name, folder in candidates(value)[: 6 - len(lines)]:
            lines.append([("  ", ""), (name, "second" if folder else "text"), ("/" if folder else "", "dim")])
        self.choices.show(lines)

    async def on_stepped(self, event: Stepped) -> None:
        event.stop()
        if event.name and len(self.form.questions) > 1:
            return
        if why := self.check("path", self.form.values["path"]):
            self.form.wrong["path"] = why
        if self.form.wrong:
            self.form.point(next(iter(self.form.wrong)))
            return
        await self.done()


def start() -> str:
    """Where the studio was started: mostly beside the sounds."""
    return str(Path.cwd()).rstrip(os.sep) + os.sep


def begun_anew(value: str) -> str:
    """What is meant when an absolute path is typed or pasted behind the one that stood there."""
    for mark in ("//", "/~"):
        _, found, rest = value.rpartition(mark)
        if found:
            return mark[1] + rest
    return value


def candidates(value: str) -> list[tuple[str, bool]]:
    """(name, is a folder) of what the last part of a path could be: folders first, then sounds."""
    head, _, tail = value.rpartition("/")
    folder = Path(head + "/").expanduser() if head or value.startswith("/") else Path()
    found = []
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(LOOKED_AT), entries, strict=False):
                if entry.name.startswith(tail) and (tail.startswith(".") or not entry.name.startswith(".")):
                    is_folder = entry.is_dir()
                    if is_folder or entry.name.lower().endswith(specs.SOUND_ENDINGS):
                        found.append((entry.name, is_folder))
    except OSError:
        return []
    return sorted(found, key=lambda item: (not item[1], item[0]))


def completed(value: str) -> str:
    """The path with as much added as all candidates share."""
    found = candidates(value)
    if not found:
        return value
    head = value[: value.rfind("/") + 1]
    first, last = min(name for name, _ in found), max(name for name, _ in found)
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    common = first[:same]
    return head + common + ("/" if len(found) == 1 and found[0][1] else "")


def sounds_in(folder: Path) -> int:
    """How many sounds lie right in a folder."""
    try:
        with os.scandir(folder) as entries:
            return sum(
                e.name.lower().endswith(specs.SOUND_ENDINGS)
                for _, e in zip(range(LOOKED_AT), entries, strict=False)
            )
    except OSError:
        return 0
