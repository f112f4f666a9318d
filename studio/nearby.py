"""What a filter that finds nothing may have meant. Light."""

from collections.abc import Sequence

MOST = 1_000
"""Texts that are looked through: a key never waits."""
CLOSE, CHOICE = 0.6, 5
"""How alike words have to be, and how many of them one may stand for."""


def nearby(text: str, among: Sequence[str]) -> int | None:
    """The place of the first text that has all words of ``text``, or one like it of each that no text has;
    None where there is none."""
    import difflib  # 3 ms that only a slip has to pay

    folded = [one.casefold() for one in among[:MOST]]
    known = list(dict.fromkeys(word.strip(":,;()") for one in folded for word in one.split()))
    meant = [
        [needle]
        if any(needle in one for one in folded)
        else difflib.get_close_matches(needle, known, n=CHOICE, cutoff=CLOSE)
        for needle in text.casefold().split()
    ]
    fits = (at for at, one in enumerate(folded) if all(any(word in one for word in some) for some in meant))
    return next(fits, None)
