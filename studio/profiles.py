"""Profiles: files of settings for a request, as YAML or TOML, each field checked as an option would be.

A profile is fields and values, nothing else: what YAML has beyond that (anchors, tags, nesting) is refused
before anything is built of it, and its values are taken as they are written.
"""

import os
import stat
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from jobs import specs
from store.errors import BadInput, NotFound, Usage
from store.names import shown

MOST = 64 * 1024
"""Bytes of a file."""
LONGEST = 1_000
"""Characters of a line: the time that keys of many parts take grows with the square of their length."""
DEEPEST = 2
"""Of what is nested: fields, and the words of one that takes several."""


def read_profile(path: str | Path, kind: type[specs.Spec]) -> dict[str, Any]:
    """What a file sets of the fields of a spec, each in its range.

    Raises NotFound, and BadInput with the file, the field or line, and the nearest valid value.
    """
    file = Path(path).expanduser()
    name = shown(file.name, 60) or "profile"
    read = READERS.get(file.suffix.lower())
    if read is None:
        raise BadInput(f"{name}: ends in none of {', '.join(READERS)}; a profile is YAML or TOML")
    try:
        told = read(_text(file))
        if not told:
            example = "gaps = 3000" if file.suffix.lower() == ".toml" else "gaps: 3000"
            raise ValueError(f"sets no field; write for instance {example}, or leave the profile out")
        return {field: _taken(kind, field, value) for field, value in told.items()}
    except (ValueError, Usage) as error:
        raise BadInput(f"{name}: {error}") from None


def _text(file: Path) -> str:
    """Raises NotFound, ValueError in one line."""
    try:
        # Opened so that a pipe does not wait for a writer.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        there = [one.name for one in file.parent.iterdir()] if file.parent.is_dir() else []
        raise NotFound(f"profile: {file}: no such file{specs.nearest(file.name, there)}") from None
    except (OSError, ValueError) as error:
        raise ValueError(str(getattr(error, "strerror", None) or error).lower()) from None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("is no file; give a text file of fields and values")
        content = os.read(handle, MOST + 1)
    finally:
        os.close(handle)
    if len(content) > MOST:
        raise ValueError(f"larger than {MOST // 1024} KiB; a profile is a few fields and values")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8; save it as UTF-8 text") from None
    long = next((number for number, line in enumerate(text.splitlines(), 1) if len(line) > LONGEST), 0)
    if long:
        raise ValueError(f"line {long}: longer than {LONGEST} characters; break it up")
    return text


def _taken(kind: type[specs.Spec], field: str, value: Any) -> Any:
    """As the spec takes it. Raises Usage."""
    several = {f.name for f in fields(kind) if f.metadata.get("words")}
    if isinstance(value, list) and field not in several:
        raise Usage(f"{shown(field, 40)}: is a list; give one value")
    if isinstance(value, str) and field in several:
        value = [value]
    # A name from outside goes into what is said of it.
    return specs.parse(kind, shown(field, 40), value)


# --- TOML --------------------------------------------------------------------------------------------


def _of_toml(text: str) -> dict[str, Any]:
    """Raises ValueError in one line."""
    try:
        # Complaints about a last line without an end would not name it.
        told = tomllib.loads(f"{text}\n")
    except RecursionError:
        raise ValueError("nested too deep; a profile is fields and values") from None
    return {field: _plain(field, value) for field, value in told.items()}


def _plain(field: str, value: Any) -> Any:
    if isinstance(value, bool):
        # A number that is yes is no number.
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    if not isinstance(value, str | int | float):
        raise ValueError(f"{shown(field, 40)}: is neither a number nor text; give one value")
    return value


# --- YAML --------------------------------------------------------------------------------------------


def _of_yaml(text: str) -> dict[str, Any]:
    """Raises ValueError in one line."""
    import yaml

    try:
        _check_events(text)
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        why = ", ".join(filter(None, (error.context, error.problem)))
        raise ValueError(f"{_line(error.problem_mark)}{why}") from None
    except yaml.YAMLError:
        raise ValueError("holds characters that YAML does not have; save it as plain text") from None
    if top is None:
        return {}
    if not isinstance(top, yaml.MappingNode):
        raise ValueError(f"{_line(top.start_mark)}is no field: value; write for instance gaps: 3000")
    told: dict[str, Any] = {}
    for key, value in top.value:
        field = _written(key)
        if not isinstance(field, str) or field in told:
            why = "is given twice; leave one out" if isinstance(field, str) else "is no name of a field"
            raise ValueError(f"{_line(key.start_mark)}{shown(str(field), 40)} {why}")
        told[field] = _written(value)
    return told


def _check_events(text: str) -> None:
    """Raises ValueError for what a profile does not need, YAMLError for what is no YAML."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = _line(event.start_mark)
        if getattr(event, "anchor", None):
            raise ValueError(f"{where}anchors and aliases (& and *) are not taken; write the value out")
        if getattr(event, "tag", None):
            raise ValueError(f"{where}tags (!) are not taken; leave it out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST or (depth == DEEPEST and isinstance(event, yaml.MappingStartEvent)):
                raise ValueError(f"{where}nested too deep; a profile is fields and values")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _written(node: Any) -> Any:
    """A value as it is written, a list of them as that. Raises ValueError for one that is empty."""
    if isinstance(node.value, list):
        return [_written(one) for one in node.value]
    if node.tag.endswith(":null"):
        raise ValueError(f"{_line(node.start_mark)}a value is missing; give one, or leave the field out")
    return node.value


def _line(mark: Any) -> str:
    return f"line {mark.line + 1}: " if mark else ""


READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    ".yaml": _of_yaml,
    ".yml": _of_yaml,
    ".toml": _of_toml,
}
"""By ending."""
