"""What is on the screen as text in the person's own editor.

Forms and sliders come back from there as they were left, records are only to read.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from jobs.specs import nearest
from store import paths
from studio.text import safe_text

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")

if TYPE_CHECKING:
    from studio.frame import Studio


def editor() -> list[str]:
    """The editor's command; empty when there is none."""
    for name in ("VISUAL", "EDITOR"):
        if os.environ.get(name, "").strip():
            with suppress(ValueError):
                return shlex.split(os.environ[name])
    return next(([name] for name in ("nano", "vi") if shutil.which(name)), [])


def run(app: "Studio", path: Path) -> bool:
    """Open a file in the editor, in place of the studio; whether that worked."""
    command = editor()
    if not command:
        app.say("no editor: set EDITOR, for instance EDITOR=nano", "warn")
        return False
    try:
        with app.suspend():
            code = subprocess.run([*command, str(path)], check=False, stderr=sys.__stderr__).returncode
    except SuspendNotSupported:
        app.say("this terminal can't be lent to an editor", "warn")
        return False
    except OSError as error:
        app.say(f"{command[0]}: {error.strerror or error}; set EDITOR", "bad")
        return False
    if code:
        app.say(f"{command[0]} ended with {code}: nothing is taken from it", "warn")
    return code == 0


def in_editor(app: "Studio", text: str, ending: str) -> str | None:
    """``text`` as it was left in the editor; None when nothing shall come of it."""
    folder = paths.state()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(ending, "edit-", folder)
    path = Path(name)
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path.read_text(encoding="utf-8", errors="replace") if run(app, path) else None
    except OSError as error:
        app.say(f"{path}: {error.strerror or error}", "bad")
        return None
    finally:
        path.unlink(missing_ok=True)


def edit(app: "Studio") -> None:
    """The form or the sliders of the page to change, or the record under the cursor to read."""
    page: Any = app.page
    form, sliders = getattr(page, "form", None), getattr(page, "sliders", None)
    item = getattr(app.focused, "item", None)
    if form is not None and item is None:
        _values(app, page, _of_form(form), lambda values: [form.set(*pair) for pair in values.items()])
    elif sliders is not None and sliders.knobs and item is None:
        _values(app, page, _of_sliders(sliders), lambda values: page.take_values(_slid(sliders, values)))
    elif item is not None:
        fields = asdict(item) if is_dataclass(item) and not isinstance(item, type) else item
        in_editor(app, json.dumps(fields, indent=1, default=str, ensure_ascii=False) + "\n", ".json")
    else:
        app.say("nothing here to edit")


Told = Mapping[str, tuple[str, str]]
"""Name -> (comment, value as TOML)."""


def _of_form(form: Any) -> Told:
    told = {}
    for q in form.questions:
        choices = f" ({', '.join(q.choices)})" if q.choices else ""
        told[q.name] = (f"{q.help}{f' [{q.unit}]' if q.unit else ''}{choices}", form.values[q.name])
    return {name: (comment, _toml(value)) for name, (comment, value) in told.items()}


def _of_sliders(sliders: Any) -> Told:
    told = {}
    for k in sliders.knobs:
        value = sliders.values[k.name]
        if not k.dead:
            number = "free" if value is None else f"{value:.10g}"
            choices = f" ({', '.join(k.choices)})" if k.choices else ""
            shown = k.choices[round(value or 0)] if k.choices else number
            told[k.name] = (f"{k.help}{choices}", _toml(shown))
    return told


def _slid(sliders: Any, written: Mapping[str, str]) -> dict[str, float | None]:
    """Rows at the values that were written. Raises ValueError."""
    values: dict[str, float | None] = {}
    for k in (k for k in sliders.knobs if k.name in written):
        word = written[k.name]
        if k.choices:
            if word not in k.choices:
                raise ValueError(f"{k.name}: {word!r} is none of {', '.join(k.choices)}")
            values[k.name] = float(k.choices.index(word))
        elif word == "free":
            values[k.name] = None
        else:
            try:
                values[k.name] = float(word)
            except ValueError:
                raise ValueError(f"{k.name}: {word!r} is no number; nearest: free") from None
    return values


def _toml(value: str) -> str:
    """A number as it is, anything else in quotes."""
    return value if NUMBER.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _values(app: "Studio", page: Any, told: Told, put: Callable[[dict[str, str]], Any]) -> None:
    """Names and values out to the editor and back. What can't be read comes up again with the next ``e``."""
    fresh = "\n".join(
        f"# {safe_text(comment)}\n{_key(name)} = {value}\n" for name, (comment, value) in told.items()
    )
    text = in_editor(app, getattr(page, "draft", "") or fresh, ".toml")
    if text is None:
        return
    page.draft = ""
    try:
        written = tomllib.loads(text)
        unknown = next((name for name in written if name not in told), None)
        if unknown is not None:
            raise ValueError(f"{unknown!r} is no field here{nearest(unknown, told)}")
        words = {name: _word(value) for name, value in written.items()}
        put({name: word for name, word in words.items() if _toml(word) != told[name][1]})
    except ValueError as error:
        page.draft = text
        app.say(f"{error}; e opens what you wrote once more", "bad")
        return
    app.say("taken from the editor", "good")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def edit_keys(app: "Studio") -> None:
    """The person's ``keys.toml``, made with every action in it when it is not there; obeyed on return."""
    from store.files import atomic
    from studio.catalog import template

    path = paths.config() / "keys.toml"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic(path, template())
    if run(app, path):
        app.set_keymap({})
        app.say("these keys are in use", "good")
        app.take_keys()
