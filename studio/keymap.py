"""Keys: every action has an id, so that ``keys.toml`` in the config folder can give it other keys.

[keys]
"app.quit" = "ctrl+q"
"list.down" = "down,n"
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from textual.binding import Binding, BindingType

from store import paths

SCREENS = (
    ("data", "Data", "import sounds and look at them"),
    ("train", "Train", "learn a dataset and watch it"),
    ("jobs", "Jobs", "what runs, waits and ended"),
    ("models", "Models", "what was learned"),
    ("play", "Play", "move sliders and hear it"),
    ("history", "History", "every take, A against B"),
    ("lab", "Lab", "look closely at a sound"),
)
"""In the order of the work; the digit is the key."""


def _transport() -> list[BindingType]:
    """Keys of what plays."""
    told = (
        ("left_square_bracket", "seek(-1)", "a second back", "transport.back", "[", ""),
        ("right_square_bracket", "seek(1)", "a second on", "transport.on", "]", ""),
        ("left_curly_bracket", "seek(-10)", "ten seconds back", "transport.far_back", "{", ""),
        ("right_curly_bracket", "seek(10)", "ten seconds on", "transport.far_on", "}", ""),
        ("backslash", "loop", "loop", "transport.loop", "\\", "over and over, or once"),
        ("less_than_sign", "volume(-3)", "softer", "transport.softer", "<", "3 dB less"),
        ("greater_than_sign", "volume(3)", "louder", "transport.louder", ">", "3 dB more"),
        ("O", "listen", "listen", "app.listen", "O", "the ways that sound can take, and lines to copy"),
    )
    return [
        Binding(key, action, words, show=False, id=id, key_display=shown, tooltip=tip)
        for key, action, words, id, shown, tip in told
    ]


GLOBAL: list[BindingType] = [
    *(
        Binding(str(digit), f"screen('{name}')", words, show=False, id=f"screen.{name}", tooltip=tip)
        for digit, (name, words, tip) in enumerate(SCREENS, 1)
    ),
    Binding("space", "play_pause", "play", id="transport.toggle", tooltip="play or pause"),
    *_transport(),
    Binding("u", "undo", "undo", show=False, id="app.undo", tooltip="take back the last delete or rename"),
    Binding("D", "trash", "trash", show=False, id="app.trash", tooltip="what was deleted, to bring back"),
    Binding(
        "ctrl+p,colon", "palette", "palette", show=False, id="app.palette", tooltip="every action by name"
    ),
    Binding("ctrl+o", "jump", "jump", show=False, id="app.jump", tooltip="a letter over each place to go"),
    Binding("E", "edit_keys", "edit keys", show=False, id="app.edit_keys", tooltip="keys.toml in $EDITOR"),
    Binding("z", "maximise", "maximise", show=False, id="app.maximise", tooltip="this pane alone, and back"),
    Binding("y", "copy", "copy", show=False, id="app.copy", tooltip="what the cursor is on to the clipboard"),
    Binding("e", "edit", "edit", show=False, id="app.edit", tooltip="what this is, as text in $EDITOR"),
    Binding(
        "question_mark", "help", "help", key_display="?", id="app.help", tooltip="keys of what has focus"
    ),
    Binding(
        "l",
        "house_log",
        "log",
        show=False,
        id="app.log",
        tooltip="what the worker and the studio wrote",
    ),
    Binding("T", "theme", "colours", show=False, id="app.theme", tooltip="see the themes while choosing"),
    Binding("escape", "back", "back", id="app.back", tooltip="to the screen that led here"),
    Binding("q,ctrl+q", "quit", "quit", show=False, id="app.quit", tooltip="leave; jobs go on"),
    Binding("ctrl+z", "suspend_process", "suspend", show=False, id="app.suspend"),
    Binding("tab", "app.focus_next", "next pane", show=False, id="app.next"),
    Binding("shift+tab", "app.focus_previous", "pane before", show=False, id="app.before"),
]

SPELLED = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "slash": "/",
    "question_mark": "?",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "shift+up": "⇧↑",
    "shift+down": "⇧↓",
    "shift+left": "⇧←",
    "shift+right": "⇧→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "esc",
}


def spell(binding: Binding) -> str:
    """The key as a person reads it."""
    return binding.key_display or SPELLED.get(binding.key, binding.key)


def read(path: Path) -> dict[str, str]:
    """Ids and keys of a ``keys.toml``. Raises OSError, or ValueError with one line."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")).get("keys", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(told, dict) or not all(isinstance(keys, str) for keys in told.values()):
        raise ValueError(f'{path}: [keys] needs lines like "app.quit" = "ctrl+q"')
    return told


def remapped() -> tuple[dict[str, str], str]:
    """Ids and keys of the person's ``keys.toml``, and what is wrong with it (empty: nothing)."""
    path = paths.config() / "keys.toml"
    try:
        return read(path), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as error:
        return {}, f"{error}; the usual keys are in use"


def unique(bindings: Iterable[Binding]) -> list[Binding]:
    """One binding per action, in order."""
    seen: dict[str, Binding] = {}
    for binding in bindings:
        seen.setdefault(binding.action, binding)
    return list(seen.values())
