"""Every action there is, by the place where its key works: for the palette, the key table and ``keys.toml``.

Reading it imports every page, so it is read when somebody asks and not at the start.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding

from jobs.specs import nearest
from studio import keymap, keynames


@dataclass(frozen=True)
class Entry:
    """An action of a place. ``screen``: name of the screen that has it; empty: no one screen has it."""

    id: str
    place: str
    screen: str
    action: str
    keys: tuple[str, ...]
    shown: str
    words: str
    tip: str

    @property
    def told(self) -> str:
        """What it does, as the help says it."""
        return f"{self.words}: {self.tip}" if self.tip else self.words


WIDGETS = (
    ("lists", "studio.widgets.rows:Rows"),
    ("forms", "studio.widgets.fields:Fields"),
    ("sliders", "studio.widgets.sliders:Sliders"),
    ("text that scrolls", "studio.screens.scroll:Scroll"),
    ("curves", "studio.widgets.loss:Loss"),
    ("windows", "studio.screens.dialog:Window"),
    ("windows that ask", "studio.screens.dialog:Ask"),
    ("windows of records", "studio.screens.shelves:Shelves"),
    ("presets", "studio.screens.presets:Presets"),
    ("trash", "studio.screens.trash:Trash"),
    ("compare", "studio.screens.compare:Compare"),
    ("diagnosis", "studio.screens.diagnosis:Diagnosis"),
    ("distributions", "studio.screens.analysis:Analysis"),
    ("gaps", "studio.screens.gaps:Gaps"),
    ("panels", "studio.screens.panels:Panels"),
    ("corrections, diagnosis models, repairers", "studio.screens.kept:Kept"),
    ("repairers", "studio.screens.kept:Repairers"),
    ("windows that tell", "studio.screens.telling:Told"),
    ("listen", "studio.screens.listen:Listen"),
    ("help", "studio.screens.help:Help"),
    ("jump", "studio.screens.jump:Jump"),
)


def places() -> Iterator[tuple[str, str, type]]:
    """(place, screen or empty, class with the bindings), in the order in which a person meets them."""
    from studio.frame import PAGES, Studio

    yield "everywhere", "", Studio
    for name, words, _ in keymap.SCREENS:
        module, kind = PAGES[name]
        yield words, name, getattr(importlib.import_module(module), kind)
    for place, where in WIDGETS:
        module, _, kind = where.partition(":")
        yield place, "", getattr(importlib.import_module(module), kind)


def entries() -> list[Entry]:
    """Every action with an id, each once per place, keys in order."""
    found: list[Entry] = []
    for place, screen, kind in places():
        told: dict[str, list[Binding]] = {}
        for binding in Binding.make_bindings(kind.__dict__.get("BINDINGS", ())):
            told.setdefault(binding.id or "", []).append(binding)
        found += [_entry(place, screen, bindings) for id, bindings in told.items() if id]
    return found


def _entry(place: str, screen: str, bindings: list[Binding]) -> Entry:
    first = bindings[0]
    keys = tuple(binding.key for binding in bindings)
    shown = " ".join(dict.fromkeys(keymap.spell(binding) for binding in bindings))
    return Entry(
        first.id or "", place, screen, first.action, keys, shown, first.description, first.tooltip or ""
    )


def markdown() -> str:
    """The key table, as it stands in the README."""
    lines = ["| where | key | what | id |", "|---|---|---|---|"]
    for entry in entries():
        keys = entry.shown.replace("|", "\\|").replace("`", "&#96;")
        lines.append(f"| {entry.place} | `{keys}` | {entry.told} | `{entry.id}` |")
    return "\n".join(lines) + "\n"


def fitting(told: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The lines of a ``keys.toml`` that can be obeyed, and what is wrong with the first that can't."""
    known = {entry.id: entry for entry in entries()}
    kept, wrong = {}, ""
    for id, keys in told.items():
        if not (why := _unfit(id, keys, known)):
            kept[id] = keys
        elif not wrong:
            wrong = f"keys.toml: {id!r}: {why}; `woodshed keys ls` has every action"
    return kept, wrong or _clash(kept, known.values())


def _unfit(id: str, keys: str, known: Mapping[str, Entry]) -> str:
    """Why a line can't be obeyed; empty: it can."""
    if id not in known:
        return f"no such action{nearest(id, known)}"
    each = [key.strip() for key in keys.split(",")]
    return next(filter(None, map(keynames.wrong, each)), "") if all(each) else "no key named"


def _clash(told: Mapping[str, str], known: Iterable[Entry]) -> str:
    """Two actions of one place on one key."""
    taken: dict[tuple[str, str], str] = {}
    for entry in known:
        for key in map(keynames.plain, told.get(entry.id, ",".join(entry.keys)).split(",")):
            other = taken.setdefault((entry.place, key), entry.id)
            if other != entry.id and (entry.id in told or other in told):
                both = f"{other!r} and of {entry.id!r}"
                return f"keys.toml: {key} is the key of {both} in {entry.place}"
    return ""


def template() -> str:
    """A ``keys.toml`` in which every action stands as it is, behind a comment mark."""
    lines = ["# Keys of the studio: take the mark off a line and give it other keys.", "[keys]"]
    for entry in entries():
        lines.append(f'# "{entry.id}" = "{",".join(entry.keys)}"  # {entry.place}: {entry.told}')
    return "\n".join(lines) + "\n"
