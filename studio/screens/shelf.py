"""What every list of the library can do: rename and delete, both to be taken back with ``u``."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.errors import Usage
from store.names import checked_name
from studio import actions
from studio.forms import Question
from studio.screens.dialog import Ask
from studio.text import count

if TYPE_CHECKING:
    from studio.frame import Studio

WORD = {
    "datasets": "dataset", "models": "model", "presets": "preset", "takes": "take",
    "corrections": "correction", "diagnosers": "diagnosis model",
    "repairers": "repairer",
}  # fmt: skip


def rename(app: "Studio", table: str, record: dict | None, then: Callable[[], None] = lambda: None) -> None:
    """Ask for another name; ``then``: when it has it."""
    if record is None:
        return

    async def done(answers: dict | None) -> None:
        if answers and answers["name"] != record["name"]:
            await app.beside(named(answers["name"]))

    async def named(name: str) -> None:
        await app.do(lambda: actions.rename(table, record["id"], name))
        app.poll()
        then()

    question = Question("name", "text", help="1 to 120 characters", initial=record["name"])
    app.push_screen(Ask(f"rename {WORD[table]}", [question], "Rename", name_complaint), done)


def name_complaint(name: str, value: str) -> str:
    """Why a field called ``name`` can't be that; other fields are free."""
    if name != "name":
        return ""
    try:
        checked_name(value)
    except Usage as error:
        return str(error)
    return ""


async def delete(app: "Studio", table: str, record: dict | None) -> None:
    """Into the trash at once: it can be taken back."""
    if record is None:
        return
    gone = await app.do(lambda: actions.trash(table, record["id"]))
    app.poll()
    if gone:
        app.say(f"{WORD[table]} {record['name']} is in the trash; u takes it back", "good")


async def delete_all(app: "Studio", table: str, ids: Sequence[str]) -> None:
    """Several; one ``u`` takes them all back."""
    gone = await app.do(lambda: actions.trash_all(table, list(ids)))
    app.poll()
    if gone:
        app.say(f"{count(len(gone), WORD[table])} in the trash; u takes them back together", "good")
