"""Import: a path with completion, a name, and whether to copy."""

from jobs import specs
from studio import actions, forms
from studio.screens.paths import PathWindow


class Add(PathWindow):
    """Asks for an import, submits it, and leaves with its job."""

    title_words = "import sounds"

    def __init__(self) -> None:
        asked = forms.questions(specs.ImportSounds, {}, leave_out=("paths",))
        super().__init__("a folder or a file; tab completes", asked, "Import")

    def check(self, name: str, value: str) -> str:
        return (
            super().check(name, value) if name == "path" else forms.complaint(specs.ImportSounds, name, value)
        )

    async def done(self) -> None:
        values = self.form.values
        app = self.app
        job = await app.do(  # type: ignore[attr-defined]
            lambda: actions.import_sounds([values["path"]], values["name"], values["copy"] == "yes")
        )
        if job:
            self.dismiss(job)
            app.say("importing; the dataset appears when it is read", "good")  # type: ignore[attr-defined]
            app.poll()  # type: ignore[attr-defined]
