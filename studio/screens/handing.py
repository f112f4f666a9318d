"""Presets to a file and from a file; what comes in is checked while its path is typed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import Refusal
from studio import parcels
from studio.forms import Question
from studio.screens.dialog import Ask
from studio.text import count

if TYPE_CHECKING:
    from studio.frame import Studio


def write(app: "Studio", shown: Sequence[dict[str, Any]], one: dict[str, Any] | None) -> None:
    """Ask for a file, and write the presets that are listed, or the one of the cursor, to it."""
    if one is None:
        return
    which = Question(
        "which", "choice", help="what the filter shows, or one", initial="shown", choices=("shown", "one"),
        labels=(f"all {len(shown)} that are shown", one["name"]),
    )  # fmt: skip
    path = Question("path", "path", help="a JSON file", initial=str(Path.home() / "presets.json"))

    async def done(answers: dict[str, str] | None) -> None:
        if answers is None:
            return
        ids = [preset["id"] for preset in (shown if answers["which"] == "shown" else [one])]
        if made := await app.do(lambda: parcels.export_presets(answers["path"], ids)):
            app.say(f"{count(made['count'], 'preset')} in {made['path']}", "good")

    app.push_screen(Ask("export presets", [path, which], "Write", _target), done)


def take_in(app: "Studio", then: Callable[[list[dict[str, Any]]], None]) -> None:
    """Ask for a file, and take its presets in; ``then``: with them."""
    path = Question("path", "path", help="a file that an export of presets wrote", initial=f"{Path.home()}/")

    async def done(answers: dict[str, str] | None) -> None:
        if answers is None:
            return
        kept = await app.do(lambda: parcels.import_presets(answers["path"]))
        if kept is not None:
            then(kept)
            app.say(f"{count(len(kept), 'preset')} of {answers['path']}", "good")

    app.push_screen(Ask("import presets", [path], "Import", _source), done)


def _target(name: str, value: str) -> str:
    return "" if name != "path" else _refused(lambda: parcels.target(value, False))


def _source(name: str, value: str) -> str:
    return _refused(lambda: parcels.read_presets(value))


def _refused(work: Callable[[], Any]) -> str:
    try:
        work()
    except Refusal as error:
        return str(error)
    return ""
