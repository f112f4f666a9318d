"""Write a take to a file of the person's own."""

from pathlib import Path
from typing import TYPE_CHECKING

from jobs import specs
from studio import actions, forms
from studio.screens.dialog import Ask

if TYPE_CHECKING:
    from studio.frame import Studio


def export(app: "Studio", take: dict | None) -> None:
    """Ask where to, and queue it."""
    if take is None:
        return
    asked = forms.questions(specs.ExportTake, {}, leave_out=("take",))
    path = forms.Question("path", "path", asked[0].help, initial=str(Path.home() / f"{take['name']}.wav"))

    async def done(answers: dict | None) -> None:
        if answers is None:
            return
        values = {**answers}
        if await app.do(lambda: actions.export_take(take["id"], values.pop("path"), **values)):
            app.say(f"writing {answers['path']}; 3 says when it is done", "good")
            app.poll()

    check = lambda name, value: forms.complaint(specs.ExportTake, name, value)  # noqa: E731
    app.push_screen(Ask("export take", [path, *asked[1:]], "Write", check), done)
