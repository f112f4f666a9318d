"""A filter in one line: ``model:drums seed:3-9 after:yesterday night``. Light, for both fronts.

Words are looked for in the name. Several terms of one key are alternatives, but for ``after`` and ``before``;
different keys have all to fit. What can't be understood is left out, and said.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from studio import spans

KEYS = {
    "takes": ("model", "preset", "seed", "date", "after", "before", "rate", "format", "name", "marked"),
    "presets": ("folder", "model", "seed", "date", "after", "before", "name"),
}
"""What a filter of a table may ask for."""

HINTS = {
    "model": "model:drums",
    "preset": "preset:dusk",
    "folder": "folder:dark",
    "seed": "seed:3-9",
    "date": "date:2026-11",
    "after": "after:yesterday",
    "before": "before:2026-11-20",
    "rate": "rate:48k",
    "format": "format:flac",
    "marked": "marked",
}
LIKE = ("model", "preset", "seed")
"""By what takes are like one another, the widest first."""
ALL_OF = ("after", "before")
TOKEN = re.compile(r'([^\s:"]+:)?("[^"]*"?|[^\s"]+)?"?')
LONGEST = 500
"""Characters of a filter that are looked at."""

Test = Callable[[Mapping[str, Any]], bool]


def hint(keys: Iterable[str]) -> str:
    """What a filter may say, as examples."""
    return "words, " + " ".join(HINTS[key] for key in keys if key in HINTS)


@dataclass
class Sieve:
    """What a filter lets through."""

    tests: dict[str, list[Test]] = field(default_factory=dict)
    """Key -> its terms."""
    wrong: str = ""
    """The first term that can't be understood, in one line; empty: none."""

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether a record passes."""
        return all(
            (all if key in ALL_OF else any)(test(record) for test in tests)
            for key, tests in self.tests.items()
        )

    def add(self, key: str, value: str, made: Test | str) -> None:
        """One more term: its test, or what is wrong with it."""
        if isinstance(made, str):
            self.wrong = self.wrong or f"{key}:{value[:40]}: {made}"
        else:
            self.tests.setdefault(key, []).append(made)


def sieve(
    text: str,
    keys: Iterable[str] = KEYS["takes"],
    now: datetime | None = None,
    marked: Iterable[str] = (),
    more: Iterable[tuple[str, str]] = (),
) -> Sieve:
    """What ``text`` lets through of the records of a table with these ``keys``; never raises.

    ``marked``: ids of the marked records. ``more``: further terms as (key, value).
    """
    known, now = tuple(keys), now or datetime.now()
    made = Sieve()
    for key, value in (*_terms(text[:LONGEST], known), *more):
        if key == "":
            made.tests[f" {value}"] = [partial(_has, "name", value)]
        elif key not in known:
            made.wrong = made.wrong or _unknown(key, known)
        elif key == "marked":
            made.add(key, value, partial(_is_one_of, frozenset(marked)))
        elif value:  # nothing yet is typed behind the colon
            made.add(key, value, _test(key, value, now))
    return made


def like(take: Mapping[str, Any], now: str = "") -> str:
    """The filter for takes of the same model; when that is what is filtered by ``now``: of the same preset
    too, then of the same seed too, then no filter."""
    terms = [term for by in LIKE if (term := terms_of(take, by))]
    steps = ["", *(" ".join(terms[: number + 1]) for number in range(len(terms)))]
    return steps[(steps.index(now) + 1) % len(steps)] if now in steps else steps[min(1, len(steps) - 1)]


def terms_of(take: Mapping[str, Any], by: str) -> str:
    """The term that finds those with the same ``by``; empty where the record has none."""
    value = take.get("model_name" if by == "model" else by)
    words = "" if value is None else str(value).replace('"', "")
    if not words.strip():
        return ""
    return f'{by}:"{words}"' if re.search(r"[\s:]", words) else f"{by}:{words}"


def _terms(text: str, known: tuple[str, ...]) -> list[tuple[str, str]]:
    """``(key, value)``; the key of a free word is empty, and that of what stands in quotes too."""
    found = []
    for match in TOKEN.finditer(text):
        key, value = (match[1] or "")[:-1].casefold(), (match[2] or "").strip('"')
        if match[1]:
            found.append((key, value))
        elif value == "marked" and "marked" in known and '"' not in match[0]:
            found.append(("marked", ""))
        elif value:
            found.append(("", value))
    return found


def _unknown(key: str, known: tuple[str, ...]) -> str:
    from jobs.fields import nearest  # difflib, for a slip only

    usual = ", ".join(f"{one}:" for one in known if one != "marked")
    return f"no key '{key[:40]}:'{nearest(key, known)}; keys: {usual}"


def _test(key: str, value: str, now: datetime) -> Test | str:
    """The test of a term, or what is wrong with it."""
    if key in ("date", "after", "before"):
        span = spans.range_of_days(value, now) if key == "date" else spans.days(value, now)
        if span is None:
            return _no_date(key, value, now)
        return partial(_when, key, span)
    if key == "seed":
        range_ = spans.numbers(value)
        return partial(_between, range_) if range_ else "a seed is a whole number, or two: seed:3-9"
    if key == "rate":
        return _rate(value)
    if key == "format":
        return _format(value)
    return partial(_has, "model_name" if key == "model" else key, value)


def _no_date(key: str, value: str, now: datetime) -> str:
    from jobs.fields import nearest

    examples = f"{now:%Y}, {now:%Y-%m}, {now:%Y-%m-%d}, today, yesterday, monday or 3d"
    ranges = f", or two: {now:%Y-%m}-01..{now:%Y-%m-%d}" if key == "date" else ""
    return f"is no day{nearest(value.casefold(), spans.DAYS)}; {examples}{ranges}"


def _rate(value: str) -> Test | str:
    words = value.casefold().removesuffix("hz")
    try:
        rate = float(words.removesuffix("k")) * (1000 if words.endswith("k") else 1)
    except ValueError:
        rate = float("nan")
    if not 0 < rate < 1e9:
        return f"is no rate in Hz; one of {', '.join(map(str, _choices('rate')))}"
    return partial(_close, rate)


def _format(value: str) -> Test | str:
    from jobs.fields import nearest

    known = _choices("format")
    # As far as it is typed: "fl" finds flac already.
    if not any(one.startswith(value.casefold()) for one in known):
        return f"no such format{nearest(value, known)}; one of {', '.join(known)}"
    return partial(_begins, "format", value.casefold())


def _choices(name: str) -> tuple[Any, ...]:
    """What a field of Generate may be."""
    from dataclasses import fields

    from jobs import specs

    return next(tuple(f.metadata["choices"]) for f in fields(specs.Generate) if f.name == name)


# --- tests of a record -----------------------------------------------------------------------------


def _has(name: str, words: str, record: Mapping[str, Any]) -> bool:
    value = record.get(name)
    if isinstance(value, str) and words.casefold() in value.casefold():
        return True
    return name == "model_name" and len(words) > 2 and str(record.get("model", "")).startswith(words)


def _begins(name: str, words: str, record: Mapping[str, Any]) -> bool:
    return str(record.get(name, "")).casefold().startswith(words)


def _is_one_of(ids: frozenset[str], record: Mapping[str, Any]) -> bool:
    return str(record.get("id")) in ids


def _between(range_: tuple[int, int], record: Mapping[str, Any]) -> bool:
    value = record.get("seed")
    return isinstance(value, int) and range_[0] <= value <= range_[1]


def _close(rate: float, record: Mapping[str, Any]) -> bool:
    value = record.get("rate")
    return isinstance(value, int | float) and abs(value - rate) < 1


def _when(key: str, span: spans.Span, record: Mapping[str, Any]) -> bool:
    made = spans.moment(record.get("created"))
    if made is None:
        return False
    if key == "after":
        return made >= span[1]
    return made < span[0] if key == "before" else span[0] <= made < span[1]
