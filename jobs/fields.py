"""What a field of a request may be, and what is said when it is something else. Light, as ``jobs.specs``."""

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, field
from typing import Any

from store.errors import Usage


def number(default, low, high, help, unit="", step=1, advanced=False, otherwise="") -> Any:
    """``otherwise``: when something else than ``default`` is taken where the field is left out, in words; its
    value is None then, which tells what was given from what was not."""
    told = {"low": low, "high": high, "help": help, "unit": unit, "step": step, "advanced": advanced}
    if otherwise:
        return field(default=None, metadata={**told, "usual": default, "otherwise": otherwise})
    return field(default=default, metadata=told)


def choice(default, choices, help, advanced=False) -> Any:
    return field(default=default, metadata={"choices": tuple(choices), "help": help, "advanced": advanced})


def text(default, help, advanced=False, path="") -> Any:
    """``path``: as that of ``required``."""
    return field(default=default, metadata={"help": help, "path": path, "advanced": advanced})


def required(help, record="", words="", path="") -> Any:
    """A field without a default; ``record`` names the table whose name or id it takes.

    ``words`` is "sounds" where paths and datasets are named; ``path`` is "folder" or "sound" for one that is
    there, "there" for either, "new" for one that may be made, "trace" for a file of packets or a network to
    make them of, "net" for a file of weights or a repairer.
    """
    told = {"help": help, "record": record, "words": words, "path": path, "advanced": False}
    return field(metadata=told)


def nearest(word: str, words) -> str:
    """`` (did you mean 'drums'?)`` or nothing. Capitals make no difference."""
    known = {str(one).casefold(): str(one) for one in words}
    close = difflib.get_close_matches(str(word).casefold(), known, n=1, cutoff=0.5)
    return f" (did you mean {known[close[0]]!r}?)" if close else ""


def default(f: Field) -> Any:
    """The default of a field, or what is usual where it may be left out; None where it has neither."""
    if "usual" in f.metadata:
        return f.metadata["usual"]
    if f.default is not MISSING:
        return f.default
    return f.default_factory() if f.default_factory is not MISSING else None


def taken(f: Field, value: Any) -> Any:
    """``value`` as the type of the field, in its range. Raises Usage with the nearest valid value."""
    if f.default is None and value in (None, ""):
        return None
    sort = f.type if isinstance(f.type, type) else type(default(f))
    try:
        value = _cast(sort, value)
    except (TypeError, ValueError, OverflowError):
        told = str(value)[:60]
        raise Usage(f"{f.name}: {told!r} is not {_article(sort)}; default {default(f)!r}") from None
    if value in ((), "") and f.default is MISSING and f.default_factory is MISSING:
        raise missing(f)
    return _in_range(f, value)


def missing(f: Field) -> Usage:
    """What is said of a field that needs a value and has none."""
    return Usage(f"{f.name} is missing: {f.metadata['help']}")


def _article(sort: type) -> str:
    return {int: "a whole number", float: "a number", bool: "yes or no"}.get(sort, f"a {sort.__name__}")


def _cast(sort: type, value: Any) -> Any:
    if sort is bool:
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in ("1", "yes", "true", "on"):
            return True
        if word in ("0", "no", "false", "off"):
            return False
        raise ValueError(word)
    if sort is int:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError(value)
        whole = int(value)
        # Raises OverflowError: what no float holds can't be shown beside its bounds either.
        float(whole)
        return whole
    if sort is float:
        return float(value)
    if sort is str:
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(str(item) for item in value)
    if isinstance(value, Mapping):
        return {str(key): float(item) for key, item in value.items()}
    raise ValueError(value)


def _in_range(f: Field, value: Any) -> Any:
    low, high = f.metadata.get("low"), f.metadata.get("high")
    if isinstance(value, float) and not math.isfinite(value):
        raise Usage(f"{f.name}: must be a finite number; default {default(f)!r}")
    if isinstance(value, Mapping):
        _check_shares(f.name, value)
        return value
    if low is not None and value < low:
        raise Usage(f"{f.name}: {value:g} is below {low:g}; nearest: {_with_unit(f, low)}")
    if high is not None and value > high:
        raise Usage(f"{f.name}: {value:g} is above {high:g}; nearest: {_with_unit(f, high)}")
    choices = f.metadata.get("choices")
    if choices and value not in choices:
        known = ", ".join(map(str, choices))
        told = repr(value[:60]) if isinstance(value, str) else str(value)
        raise Usage(f"{f.name}: {told} is not one of {known}{_nearest_choice(value, choices)}")
    return value


def _with_unit(f: Field, value: float) -> str:
    return f"{value:g} {f.metadata['unit']}".rstrip()


def _check_shares(field: str, told: Mapping[str, float]) -> None:
    for name, number in told.items():
        if math.isnan(number):
            raise Usage(f"{field}: {name}=nan is not a number; choose one of 0-100")
        if not 0 <= number <= 100:
            edge = 100 if number > 100 else 0
            raise Usage(f"{field}: {name}={number:g} is outside 0-100; nearest: {name}={edge}")


def _nearest_choice(value: Any, choices: Sequence[Any]) -> str:
    """Of numbers the nearest by value, of words the one that looks most like it, if any does."""
    if isinstance(value, str):
        return nearest(value, choices)
    return f"; nearest: {min(choices, key=lambda choice: abs(choice - value))}"
