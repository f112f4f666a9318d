"""Write takes to files of the person's own."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import specs
from store.errors import Refusal
from studio import actions, checks, forms
from studio.screens.dialog import Ask
from studio.text import count

if TYPE_CHECKING:
    from studio.frame import Studio


class Write(Ask):
    """Asks where to; every answer is checked with the others before it is left."""

    def __init__(self, title: str, where: forms.Question, takes: Sequence[dict]) -> None:
        self.takes = takes
        asked = forms.questions(specs.ExportTake, {}, leave_out=("take", "path"))
        extra = [_format()] if len(takes) > 1 else []
        super().__init__(title, [where, *extra, *asked], "Write", self.check)

    def check(self, name: str, value: str) -> str:
        """What is wrong with a field, as the others are."""
        return self.complaint({**self.form.values, name: value}, name)

    def complaint(self, values: dict[str, str], name: str) -> str:
        """In one line; what concerns two fields is told at each of them."""
        try:
            for take, path in self.files(values):
                spec = specs.make(specs.ExportTake, take=take["id"], path=path, **asked(values))
                checks.export_path(spec, take)
        except Refusal as error:
            said = str(error)
            field = said.partition(":")[0]
            return said if field == name or field not in values else ""
        return ""

    def files(self, values: dict[str, str]) -> list[tuple[dict, str]]:
        """(take, file) of each."""
        if len(self.takes) == 1:
            return [(self.takes[0], values["path"])]
        files = checks.export_files(self.takes, values["folder"], values["format"])
        return list(zip(self.takes, files, strict=True))


def asked(values: dict[str, str]) -> dict[str, str]:
    """The fields of the spec that were answered."""
    return {name: value for name, value in values.items() if name not in ("path", "folder", "format")}


def export(app: "Studio", take: dict | None) -> None:
    """Ask where to, and queue it."""
    if take is None:
        return
    told = "a folder, or a file: its ending chooses wav flac ogg mp3 aiff caf w64 rf64"
    where = forms.Question(
        "path", "path", told, initial=str(Path.home() / f"{checks.file_name(take['name'])}.wav")
    )
    _ask(app, Write("export take", where, [take]), lambda: None)


def export_all(app: "Studio", ids: Sequence[str], done: Callable[[], None]) -> None:
    """Ask for a folder, and queue one export per take; ``done`` when they are."""
    takes = [take for id in ids if (take := actions.library().takes.get(id))]
    if len(takes) == 1:
        return export(app, takes[0])
    if takes:
        where = forms.Question(
            "folder", "path", "each file gets the name of its take", initial=str(Path.home())
        )
        _ask(app, Write(f"export {count(len(takes), 'take')} into a folder", where, takes), done)


def _ask(app: "Studio", window: Write, done: Callable[[], None]) -> None:
    async def answered(answers: dict[str, str] | None) -> None:
        if answers is None:
            return

        def queue() -> list[Any]:
            return [
                actions.export_take(take["id"], path, **asked(answers))
                for take, path in window.files(answers)
            ]

        if jobs := await app.do(queue):
            where = jobs[0].spec["path"] if len(jobs) == 1 else answers["folder"]
            what = "writing" if len(jobs) == 1 else f"writing {count(len(jobs), 'take')} into"
            app.say(f"{what} {where}; 3 says when it is done", "good")
            done()
            app.poll()

    app.push_screen(window, answered)


def _format() -> forms.Question:
    asked = forms.questions(specs.Generate, {})
    return next(question for question in asked if question.name == "format")
