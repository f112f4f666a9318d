"""A training of a repairer by a profile: a file of fields and values fills the form before it is asked."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.specs import TrainRepairer
from store.errors import Refusal
from studio import forms
from studio.profiles import READERS, read_profile
from studio.screens.paths import PathWindow
from studio.screens.requests import asking

if TYPE_CHECKING:
    from studio.frame import Studio


class ProfileFile(PathWindow):
    """Asks for the file; gives its absolute path."""

    title_words = "a profile of a training"

    def __init__(self) -> None:
        super().__init__(f"fields and values: {', '.join(READERS)}; tab completes folders", (), "Open it")

    def check(self, name: str, value: str) -> str:
        if why := super().check(name, value):
            return why
        try:
            read_profile(value, TrainRepairer)
        except Refusal as error:
            return str(error)
        return ""

    async def done(self) -> None:
        self.dismiss(str(Path(self.form.values["path"]).expanduser().absolute()))


def learn_by_profile(
    app: "Studio", dataset: dict[str, Any] | None, learn: Callable[..., Awaitable[bool]]
) -> None:
    """Ask for a profile, then for the training it tells of; ``learn(app, values)`` carries it out."""

    def chosen(path: str | None) -> None:
        if path:
            told = read_profile(path, TrainRepairer)
            asking(
                app,
                f"learn repair by {Path(path).name}",
                TrainRepairer,
                lambda values: learn(app, values),
                dataset,
                proposed=_proposed(app, told),
            )

    app.push_screen(ProfileFile(), chosen)


def _proposed(app: "Studio", told: dict[str, Any]) -> dict[str, str]:
    """As a form shows them; sounds only where it is one, which is what a form has room for."""
    sounds = told.pop("sounds", ())
    if len(sounds) == 1:
        told["sounds"] = sounds[0]
    elif sounds:
        app.say(f"the profile names {len(sounds)} sounds and the form takes one: the command line takes all")
    return {name: forms.word(value) for name, value in told.items() if value != ""}
