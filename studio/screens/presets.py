"""Presets of the Play screen: positions kept under a name, and brought back."""

from typing import TYPE_CHECKING

from studio import actions
from studio.forms import Question
from studio.screens.dialog import Ask, Pick
from studio.text import figure

if TYPE_CHECKING:
    from studio.screens.play import PlayPage


def save(page: "PlayPage", model: dict) -> None:
    """Ask for a name and keep the positions."""
    sliders, seed = page.sliders.positions, int(page.sliders.number("seed"))
    if not sliders:
        page.studio.say("every slider is free: move one first")
        return
    name = actions.library().presets.fresh_name(page.preset or model["name"])

    async def done(answers: dict | None) -> None:
        if answers:
            await page.studio.beside(keep(answers["name"], answers["description"]))

    async def keep(name: str, description: str) -> None:
        kept = await page.studio.do(
            lambda: actions.save_preset(name, model["id"], sliders, seed=seed, description=description)
        )
        if kept:
            page.preset = kept["name"]
            page.look()
            page.studio.say(f"kept preset {kept['name']}; o recalls it", "good")

    questions = [
        Question("name", "text", help="what to call these positions", initial=name),
        Question("description", "text", help="what it sounds like; may stay empty"),
    ]
    page.studio.push_screen(Ask("save preset", questions, "Save"), done)


def recall(page: "PlayPage", model: dict) -> None:
    """Choose a preset; those of this model come first."""
    presets = sorted(actions.presets(), key=lambda preset: preset.get("model") != model["id"])
    if not presets:
        page.studio.say("no presets yet: s keeps the positions of these sliders under a name")
        return
    axes = {k.name for k in page.sliders.knobs if k.axis}
    items = []
    for preset in presets:
        where = ", ".join(
            f"{axis} {figure(value)}" for axis, value in preset["sliders"].items() if axis in axes
        )
        items.append((preset["id"], preset["name"], preset.get("description") or where))

    def done(chosen: str | None) -> None:
        preset = actions.library().presets.get(chosen) if chosen else None
        if preset:
            page.apply(preset)

    page.studio.push_screen(Pick("recall preset", items), done)
