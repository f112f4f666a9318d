"""What the axes in the records of models allow of a slider. Light: both fronts and the recipe ask here."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.specs import Generate, nearest
from store.errors import Usage

ALL = (0, 100)
ABSENT = "not in these sounds"

Axes = Mapping[str, Mapping[str, Any]]


def axes_of(models: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The axes, by name, of models that are played as one.

    A blend has each axis that any of its models can move, as the first of those tells it; how far a blend
    reaches was never measured.
    """
    found: dict[str, dict[str, Any]] = {}
    for axis in (axis for model in models for axis in model.get("axes", ())):
        told = {key: value for key, value in axis.items() if key != "reach" or len(models) == 1}
        if not found.get(axis["name"], {}).get("available", False):
            found[axis["name"]] = told
    return found


def check(positions: Mapping[str, float], axes: Axes) -> None:
    """Raises Usage for an axis that is not there or does not move, and for one beyond its warning range."""
    for name, position in positions.items():
        axis = axes.get(name)
        if axis is None:
            raise Usage(
                f"slider '{name}': no such axis{nearest(name, axes)}; axes: {', '.join(axes) or 'none'}"
            )
        if not axis.get("available", True):
            raise Usage(f"slider '{name}': {axis.get('why') or ABSENT}; leave it out")
        low, high = axis.get("warning") or ALL
        if not low <= position <= high:
            edge = low if position < low else high
            raise Usage(f"slider '{name}': {position:g} is beyond {low:g}-{high:g}; nearest: {name}={edge:g}")


def check_asked(spec: Generate, models: Sequence[Mapping[str, Any]]) -> None:
    """The sliders of a request to these models, which are played as one. Raises Usage."""
    check(spec.sliders, axes_of(models))
    if "width" in spec.sliders and spec.space == "mono":
        raise Usage("slider 'width': needs two channels, but space is mono; nearest: space stereo")


def beyond(positions: Mapping[str, float], axes: Axes) -> list[str]:
    """One line for each slider outside its safe range, or outside what it reaches: allowed, but said."""
    lines = []
    for name, axis in axes.items():
        position = positions.get(name)
        if position is None:
            continue
        low, high = axis.get("safe") or ALL
        if not low <= position <= high:
            lines.append(f"slider '{name}': {position:g} is outside the safe range {low:g}-{high:g}")
        low, high = axis.get("reach") or ALL
        if not low <= position <= high:
            edge = low if position < low else high
            lines.append(
                f"slider '{name}': {position:g} is out of reach; these sounds get to about {edge:.0f}"
            )
    return lines
