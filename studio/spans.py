"""Days and seeds as a person types them: ``2026-11``, ``yesterday``, ``3-9``. Light, for both fronts."""

import re
from datetime import date, datetime, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = ("today", "yesterday", *WEEKDAYS)
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
AGO = re.compile(r"(\d{1,4})(d|w)")
WHOLE = re.compile(r"\d{1,18}")
FIRST, LAST = datetime.min, datetime.max

Span = tuple[datetime, datetime]
"""From the one moment up to, and not with, the other; in the person's own zone."""


def days(word: str, now: datetime) -> Span | None:
    """The days that ``word`` means: a year, a month, a day, ``today``, ``monday`` (the last one), ``3d`` ago.

    None when it means none.
    """
    word = word.casefold()
    today = datetime(now.year, now.month, now.day)
    if word in DAYS:
        back = DAYS.index(word) if word in DAYS[:2] else (today.weekday() - WEEKDAYS.index(word)) % 7
        return _day(today - timedelta(days=back))
    if ago := AGO.fullmatch(word):
        back = int(ago[1]) * (7 if ago[2] == "w" else 1)
        return _day(today - timedelta(days=min(back, today.toordinal() - 2)))
    found = DATE.fullmatch(word)
    return _calendar(*(int(part) if part else 0 for part in found.groups())) if found else None


def range_of_days(word: str, now: datetime) -> Span | None:
    """The same, or ``A..B`` with both ends in it; an end that is left out is open."""
    if ".." not in word:
        return days(word, now)
    left, _, right = word.partition("..")
    first = days(left, now) if left else (FIRST, FIRST)
    last = days(right, now) if right else (LAST, LAST)
    return (first[0], last[1]) if first and last and (left or right) and first[0] <= last[1] else None


def numbers(word: str) -> tuple[int, int] | None:
    """``3``, ``3-9`` or ``3..9`` with both ends in it; None when it is neither."""
    left, found, right = word.replace("..", "-").partition("-")
    if not WHOLE.fullmatch(left) or (found and not WHOLE.fullmatch(right)):
        return None
    low, high = int(left), int(right or left)
    return (low, high) if low <= high else None


def moment(stamp: object) -> datetime | None:
    """An ISO-8601 time of a record in the person's own zone; None for what is none."""
    try:
        return datetime.fromisoformat(str(stamp)).astimezone().replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def _calendar(year: int, month: int, day: int) -> Span | None:
    try:
        if day:
            return _day(datetime(year, month, day))
        first = datetime(year, month or 1, 1)
        later = date(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1)
        return first, datetime(later.year, later.month, 1)
    except (ValueError, OverflowError):
        return None


def _day(first: datetime) -> Span:
    return first, first + timedelta(days=1) if first < LAST - timedelta(days=1) else LAST
