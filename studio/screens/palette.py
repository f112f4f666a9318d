"""Every action by name: screens, what works here, themes."""

from typing import TYPE_CHECKING, Any

from studio.keymap import SCREENS, spell, unique
from studio.screens.dialog import Pick
from studio.widgets import ink

if TYPE_CHECKING:
    from studio.frame import Studio


def palette(app: "Studio") -> None:
    """Open it over the page; what is chosen is done where the focus was."""
    active = [item for item in app.screen.active_bindings.values() if item.enabled]
    nodes = {item.binding.action: item.node for item in active}
    items: list[tuple[Any, str, str]] = []
    for digit, (name, words, tip) in enumerate(SCREENS, 1):
        items.append((("do", f"screen('{name}')", app), f"{words}", f"{digit}  {tip}"))
    # What only moves comes last: for that the keys are at hand.
    for binding in sorted(unique(item.binding for item in active), key=lambda one: not one.show):
        if binding.action.startswith(("screen(", "palette")) or not binding.description:
            continue
        note = f"{spell(binding)}  {binding.tooltip or ''}"
        items.append((("do", binding.action, nodes[binding.action]), binding.description, note))
    items += [
        (("theme", name, None), f"theme: {name}", "in use" if name == app.ink.name else "")
        for name in ink.names()
    ]

    async def chosen(entry: tuple | None) -> None:
        if entry and entry[0] == "theme":
            app.set_theme(entry[1])
        elif entry:
            await app.run_action(entry[1], entry[2])

    app.push_screen(Pick("what to do", items), chosen)
