"""Every action by name, every record, every theme: what works here first, then the other screens' actions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from studio import actions, catalog
from studio.keymap import SCREENS, spell, unique
from studio.screens import tools
from studio.screens.dialog import Pick
from studio.widgets import ink

if TYPE_CHECKING:
    from studio.frame import Studio

RECENT = 5
"""Actions that are offered first because they were chosen last."""
RECORDS = {"datasets": "data", "models": "models", "takes": "history"}
"""Tables and the screens whose first list shows them."""

Item = tuple[tuple[str, ...], str, str]


def palette(app: "Studio") -> None:
    """Open it over the page; what is chosen is done where the focus was, or on the screen that has it."""
    active = [item for item in app.screen.active_bindings.values() if item.enabled]
    nodes = {item.binding.action: item.node for item in active}
    items = [
        *_here(app, [item.binding for item in active]),
        *_elsewhere(app.page.id if app.page else None, set(nodes)),
        *_sets(),
        *_themes(app),
        *_records(),
    ]
    recent = [key for key in app.memory.get("recent", []) if isinstance(key, str)]
    places = {key: place for place, key in enumerate(recent)}
    items.sort(key=lambda item: places.get(_recalled(item[0]), RECENT))

    async def chosen(entry: tuple[str, ...] | None) -> None:
        if entry is None:
            return
        newest = _recalled(entry)
        app.memory = {
            **app.memory,
            "recent": [newest, *(key for key in recent if key != newest)][:RECENT],
        }
        await _do(app, entry, nodes)

    app.push_screen(Pick("what to do", items), chosen)


def _here(app: "Studio", active: list[Any]) -> Iterator[Item]:
    """What works now, what only moves last: for that the keys are at hand."""
    for digit, (name, words, tip) in enumerate(SCREENS, 1):
        yield ("here", f"screen('{name}')"), words, f"{digit}  {tip}"
    for binding in sorted(unique(active), key=lambda one: not one.show):
        if not binding.action.startswith(("screen(", "palette", "app.palette")) and binding.description:
            yield ("here", binding.action), binding.description, f"{spell(binding)}  {binding.tooltip or ''}"


def _recalled(entry: tuple[str, ...]) -> str:
    """By what an entry is known again: many screens have an action of the same name."""
    return " ".join(entry[1:])


def _elsewhere(screen: str | None, here: set[str]) -> Iterator[Item]:
    """What screens can do; what works here now is already there."""
    for entry in catalog.entries():
        if entry.screen and not (entry.screen == screen and entry.action in here):
            words = f"{entry.place}: {entry.words}"
            yield ("there", entry.action, entry.screen), words, f"{entry.shown}  {entry.tip}"


def _sets() -> Iterator[Item]:
    """What a key of Data lists."""
    for name, words in tools.offered():
        yield ("sets", name), name, words


def _themes(app: "Studio") -> Iterator[Item]:
    for name in ink.names():
        yield ("theme", name), f"theme: {name}", "in use" if name == app.ink.name else ""


def _records() -> Iterator[Item]:
    """Newest first; enter goes there."""
    for table, screen in RECORDS.items():
        for record in reversed(getattr(actions, table)()):
            yield ("record", record["id"], screen), record["name"], f"in {screen}"
    for preset in reversed(actions.presets()):
        yield ("preset", preset["id"]), preset["name"], "preset; recalls it"
    for name, kind, _ in tools.KEPT:
        for record in reversed(actions.shelf(kind.table).all()):
            yield ("sets", name, record["id"]), record["name"], f"in {name}"


async def _do(app: "Studio", entry: tuple[str, ...], nodes: dict[str, Any]) -> None:
    sort, what = entry[0], entry[1]
    if sort == "theme":
        app.set_theme(what)
    elif sort == "here":
        await app.run_action(what, nodes.get(what, app))
    elif sort == "record":
        page = await app.go(entry[2])
        rows = page.first()
        if not rows.go(what):
            # A filter hides it.
            rows.sift("")
            rows.go(what)
    elif sort == "sets":
        page = await app.go("data")
        tools.begin(app, what, page.first().item, *entry[2:])
    elif sort == "preset":
        page = await app.go("play")
        preset = actions.library().presets.get(what)
        if preset and getattr(page, "model", None):
            page.apply(preset)  # type: ignore[attr-defined]
    else:
        page = await app.go(entry[2])
        name = what.partition("(")[0]
        if page.check_action(name, ()):
            await app.run_action(what, page)
        else:
            app.say(f"{entry[2]}: there is nothing here yet that this could be done with")
