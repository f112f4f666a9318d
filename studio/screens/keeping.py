"""Keep slider positions under a name, in a folder; what a name has already is replaced only when asked."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from store.errors import Refusal
from studio import actions
from studio.forms import Question
from studio.keeping import checked_folder
from studio.screens.dialog import Ask
from studio.screens.shelf import name_complaint
from studio.shelved import of_take
from studio.text import figure
from studio.widgets.lines import wrap

if TYPE_CHECKING:
    from studio.frame import Studio

Then = Callable[[dict[str, Any]], None]


class Positions(NamedTuple):
    """What a preset keeps; ``name`` is what to call it unless one is typed."""

    model: str
    sliders: dict[str, float]
    seed: int
    name: str


def keep_take(app: "Studio", take: dict[str, Any]) -> None:
    """The sliders and the seed of a take, for its model."""
    held = of_take(take)
    if not held["sliders"]:
        app.say("every slider was free when it was made: there is nothing to keep")
        return
    name = str(take.get("preset") or take.get("model_name") or "preset")
    keep(app, Positions(held["model"], held["sliders"], int(held["seed"]), name), lambda kept: None)


def keep(app: "Studio", held: Positions, then: Then, answers: dict[str, str] | None = None) -> None:
    """Ask for a name, folder and description; ``then``: with the preset that was kept."""
    typed = answers or {}
    name = typed.get("name") or actions.library().presets.fresh_name(held.name)
    questions = [
        Question("name", "text", help="what to call these positions", initial=name, suggested=True),
        Question("folder", "text", help="to list it under; may stay empty", initial=typed.get("folder", "")),
        Question("description", "text", help="what it sounds like; may stay empty",
                 initial=typed.get("description", "")),
    ]  # fmt: skip

    async def done(answers: dict[str, str] | None) -> None:
        if answers is None:
            return
        taken = next((one for one in actions.presets() if one["name"] == answers["name"].strip()), None)
        if taken:
            _replace(app, held, then, answers, taken)
        else:
            await app.beside(_kept(app, held, then, answers, overwrite=False))

    app.push_screen(Ask("save preset", questions, "Save", _complaint), done)


def _replace(app: "Studio", held: Positions, then: Then, answers: dict[str, str], taken: dict) -> None:
    """Ask whether the preset of that name may go; without it the name is asked for again."""
    has = ", ".join(f"{axis} {figure(value)}" for axis, value in taken["sliders"].items())
    about = [[(line, "text")] for line in wrap(f"{taken['name']} has {has}", 66)]
    about += [[("u takes it back; esc chooses another name", "dim")], []]

    async def done(yes: dict[str, str] | None) -> None:
        if yes is None:
            keep(app, held, then, answers)
        else:
            await app.beside(_kept(app, held, then, answers, overwrite=True))

    app.push_screen(Ask("replace the preset of that name?", [], "Replace", about=about), done)


async def _kept(app: "Studio", held: Positions, then: Then, answers: dict[str, str], overwrite: bool) -> None:
    kept = await app.do(
        lambda: actions.save_preset(
            answers["name"].strip(), held.model, held.sliders, seed=held.seed, folder=answers["folder"],
            description=answers["description"], overwrite=overwrite,
        )
    )  # fmt: skip
    if kept:
        app.say(f"kept preset {kept['name']}; o in Play recalls it", "good")
        then(kept)


def move(app: "Studio", preset: dict[str, Any] | None, then: Callable[[], None]) -> None:
    """Ask for another folder; ``then``: when it is there."""
    if preset is None:
        return
    known = sorted({one["folder"] for one in actions.presets() if one.get("folder")})
    told = f"empty is none; there are {', '.join(known)}" if known else "a name of your own; empty is none"
    question = Question("folder", "text", help=told, initial=preset.get("folder", ""))

    async def done(answers: dict[str, str] | None) -> None:
        if answers is not None:
            await app.beside(moved(answers["folder"]))

    async def moved(folder: str) -> None:
        record = await app.do(lambda: actions.move_preset(preset["id"], folder))
        then()
        if record:
            app.say(f"{record['name']} is in {record['folder'] or 'no folder'}; u takes it back", "good")

    app.push_screen(
        Ask("move preset", [question], "Move", _complaint, about=[[(preset["name"], "text")]]), done
    )


def _complaint(name: str, value: str) -> str:
    if name != "folder":
        return name_complaint(name, value)
    try:
        checked_folder(value)
    except Refusal as error:
        return str(error)
    return ""
