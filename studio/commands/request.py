"""Options of a command from the fields of a spec, so that both fronts offer the same."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

import click

from jobs import specs
from store.errors import Usage


def options(kind: type[specs.Spec], *names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One option per field; its text is checked by the spec, whose message names the nearest value."""
    known = {field.name: field for field in fields(kind)}

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            flag = f"--{name.replace('_', '-')}"
            function = click.option(flag, name, metavar=_metavar(known[name]), help=describe(known[name]))(
                function
            )
        return function

    return add


def _metavar(field: Any) -> str:
    choices = field.metadata.get("choices")
    if isinstance(specs.default(field), bool):
        return "yes|no"
    if choices:
        return "|".join(map(str, choices))
    return {int: "N", float: "X"}.get(type(specs.default(field)), "TEXT")


def describe(field: Any) -> str:
    """Help, range, unit and default in one line."""
    meta = field.metadata
    text = meta["help"]
    if "low" in meta:
        unit = f" {meta['unit']}" if meta["unit"] else ""
        text += f" ({_plain(meta['low'])} to {_plain(meta['high'])}{unit})"
    default = specs.default(field)
    if isinstance(default, bool):
        default = "yes" if default else "no"
    if meta.get("otherwise"):
        default = f"{default}; {meta['otherwise']}"
    return f"{text} [{default}]" if default not in ("", None, {}) else text


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def given(**values: Any) -> dict[str, Any]:
    """The options that were given; the spec has defaults for the others."""
    return {name: value for name, value in values.items() if value is not None}


def pairs(option: str, texts: Iterable[str], example: str) -> dict[str, str]:
    """``name=value`` texts as a mapping. Raises Usage."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Usage(f"--{option}: {text[:60]!r} is not name=value; example: --{option} {example}")
        if name.strip() in found:
            raise Usage(f"--{option}: {name.strip()} is given twice; leave one out")
        found[name.strip()] = value.strip()
    return found


def sliders(texts: Iterable[str]) -> dict[str, float]:
    """``axis=value`` texts as positions. Raises Usage."""
    positions = {}
    for axis, value in pairs("slider", texts, "brightness=80").items():
        try:
            positions[axis] = float(value)
        except ValueError:
            raise Usage(f"--slider: {axis}={value[:30]} is not a number; 0-100 is needed") from None
    return positions


def weights(texts: Iterable[str]) -> dict[str, str]:
    """``MODEL:WEIGHT`` texts as a mapping; a name may have colons of its own. Raises Usage."""
    found: dict[str, str] = {}
    for text in texts:
        model, colon, weight = text.rpartition(":")
        if not colon or not model.strip() or not weight.strip():
            raise Usage(f"--blend: {text[:60]!r} is not MODEL:WEIGHT; example: --blend drums:0.5")
        if model.strip() in found:
            raise Usage(f"--blend: {model.strip()[:60]!r} is given twice; leave one out")
        found[model.strip()] = weight.strip()
    return found


SLIDER = click.option(
    "--slider",
    "slider_texts",
    multiple=True,
    metavar="AXIS=0-100",
    help="Percentile of the trained sounds to hold; what is not named is free; may be repeated.",
)


def advanced(kind: type[specs.Spec], beside: Iterable[str]) -> str:
    """The fields that only ``--set`` reaches, for the help text."""
    listed = [field for field in fields(kind) if field.name not in beside]
    return "\n".join(f"  {field.name:16} {describe(field)}" for field in listed)
