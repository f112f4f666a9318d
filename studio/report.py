"""Quality reports, axes and differences as rows of words, for both fronts. Light.

A report comes from a record that may come from anywhere: whatever its shape, it becomes short rows.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jobs.worth import MASTERED
from studio.text import figure

WHOLE = (0.0, 100.0)
ABSENT = "not in these sounds"
UNITS = {"dbfs": "dBFS", "dbtp": "dBTP", "db": "dB", "hz": "Hz", "seconds": "s", "lufs": "LUFS"}
FIRST = ("verdict", "reason")
ROWS_AT_MOST = 60
NESTED_AT_MOST = 24
DEEPEST = 2
LONGEST = 400
"""Characters of a name or a value."""


def quality_rows(report: Any) -> list[tuple[str, str]]:
    """``(name, value)``: the verdict and its reason first; beside a figure what to compare it with."""
    if not isinstance(report, Mapping):
        return []
    rows = [(name, str(report[name])[:LONGEST]) for name in FIRST if report.get(name)]
    rest = {str(name): value for name, value in report.items() if name not in FIRST}
    return [*rows, *islice(_rows(rest, "", 0), ROWS_AT_MOST)]


def _rows(report: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, str]]:
    # Cut before anything is compared with anything: a hostile report must not cost more than a long one.
    report = {str(k): v for k, v in islice(report.items(), NESTED_AT_MOST if depth else ROWS_AT_MOST)}
    figures = [name for name, value in report.items() if not isinstance(value, Mapping)]
    bases = {name: _base(name, figures) for name in report}
    for name, value in report.items():
        if bases[name]:
            continue
        words = f"{above}{_name(name)}"
        if isinstance(value, Mapping):
            if depth < DEEPEST:
                yield from _rows(value, f"{words}: ", depth + 1)
            continue
        beside = [
            f"{_name(other[len(name) + 1 :])} {_value(other, report[other])}"
            for other in figures
            if bases[other] == name
        ]
        yield words, _value(name, value) + (f" ({', '.join(beside)})" if beside else "")


def _base(name: str, figures: list[str]) -> str:
    """The shortest figure whose name this one begins with: what it is to be compared with."""
    return min((base for base in figures if base and name.startswith(f"{base}_")), key=len, default="")


def _name(name: str) -> str:
    words = name[:LONGEST].split("_")
    return " ".join(words[:-1] if words[-1] in UNITS and len(words) > 1 else words)


def _value(name: str, value: Any) -> str:
    unit = UNITS.get(name.rpartition("_")[2], "") if isinstance(value, int | float) else ""
    return f"{figure(value)[:LONGEST]} {unit}".rstrip()


def part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A field that is an object; an empty one where a record from elsewhere has something else."""
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def ended(by: Any) -> str:
    """How a training ended: ``mastered``, or by its plateau, epochs or minutes."""
    return MASTERED if by == MASTERED else f"ended by its {by}"


def level(take: Mapping[str, Any]) -> float | None:
    """How loud a take is in dBFS, as far as it was measured."""
    found = part(take, "quality")
    values = [found.get(name) for name in ("level_dbfs", "rms_dbfs")]
    return next((float(value) for value in values if isinstance(value, int | float)), None)


# --- axes ------------------------------------------------------------------------------------------


def at(axis: Mapping[str, Any], percentile: float) -> Any:
    """An axis at a percentile, in its own unit; ``-`` where its record does not say."""
    values = axis.get("values")
    if not isinstance(values, list) or not values:
        return "-"
    return values[round(percentile / 100 * (len(values) - 1))]


def brief(value: Any) -> str:
    """A number of three digits; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 1000:
        return figure(round(value) if isinstance(value, float) and abs(value) < 1e9 else value)
    return f"{value:.3g}"


def absent(axis: Mapping[str, Any]) -> str:
    """Why an axis can't be moved; empty when it can."""
    return "" if axis.get("available", True) else str(axis.get("why") or ABSENT)


def reach(axis: Mapping[str, Any]) -> str:
    """How far it goes, in percentiles."""
    low, high = span(axis.get("reach"))
    return "all" if (low, high) == WHOLE else f"{low:g}-{high:g}"


def span(edges: Any) -> tuple[float, float]:
    """Two percentiles of a record, the lower first; all of them where it has none that could be."""
    try:
        low, high = (float(edge) for edge in edges)
    except (TypeError, ValueError):
        return WHOLE
    return (low, high) if 0 <= low <= high <= 100 else WHOLE


# --- differences -----------------------------------------------------------------------------------

COMPARED = ("model_name", "seed", "preset", "seconds", "rate", "bits", "channels", "format", "render")
ASIDE = (*COMPARED, "recipe", "model", "sliders", "count", "preview", "out")
"""Fields of a spec that are told of already, or are of the asking and not of the take."""


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, list[Any]]:
    """``{field: [a, b]}`` of two takes: what was asked for, slider by slider, and what was measured."""
    found = {key: [a.get(key), b.get(key)] for key in COMPARED if a.get(key) != b.get(key)}
    asking = [{k: v for k, v in part(one, "spec").items() if k not in ASIDE} for one in (a, b)]
    asked = part(a, "sliders").keys() | part(b, "sliders").keys()
    reached = [{axis: got for axis, got in part(one, "reached").items() if axis in asked} for one in (a, b)]
    groups: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [
        ("spec", asking[0], asking[1]),
        ("sliders", part(a, "sliders"), part(b, "sliders")),
        ("reached", reached[0], reached[1]),
        ("quality", part(a, "quality"), part(b, "quality")),
    ]
    for group, left, right in groups:
        flat = _flat(left), _flat(right)
        for key in sorted(flat[0].keys() | flat[1].keys()):
            if flat[0].get(key) != flat[1].get(key):
                found[f"{group}.{key}"] = [flat[0].get(key), flat[1].get(key)]
    return found


def _flat(values: Any, above: str = "", depth: int = 0) -> dict[str, Any]:
    """Nested fields as ``outer.inner``."""
    found: dict[str, Any] = {}
    for key, value in values.items() if isinstance(values, Mapping) else ():
        if isinstance(value, Mapping) and depth < DEEPEST:
            found |= _flat(value, f"{above}{key}.", depth + 1)
        else:
            found[f"{above}{key}"] = value
    return found
