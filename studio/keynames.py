"""Names of keys, as a person may write them into ``keys.toml``."""

import difflib
import unicodedata
from functools import cache

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, key_to_character

MODIFIERS = {"ctrl", "shift", "alt", "super", "meta", "hyper"}


def plain(key: str) -> str:
    """The name under which the key comes: ``?`` is question_mark."""
    key = key.strip()
    return _character_to_key(key) if len(key) == 1 else key


@cache
def _named() -> frozenset[str]:
    """Keys that make no character."""
    return frozenset(key.value.rpartition("+")[2] for key in Keys if "<" not in key.value)


def wrong(key: str) -> str:
    """What is wrong with a key, with the nearest that is right; empty: nothing."""
    before, _, last = plain(key).rpartition("+")
    odd = next((one for one in before.split("+") if before and one not in MODIFIERS), "")
    if odd:
        return f"{odd!r} can't be held with a key{_near(odd, MODIFIERS)}"
    if last in _named() or key_to_character(last) is not None:
        return ""
    return f"no key is called {last!r}{_near(last, _names())}"


@cache
def _names() -> frozenset[str]:
    """Every name that is worth proposing."""
    written = {unicodedata.name(chr(code)).lower() for code in range(33, 127) if not chr(code).isalnum()}
    words = {name.replace("-", "_").replace(" ", "_") for name in written}
    return _named() | {KEY_NAME_REPLACEMENTS.get(word, word) for word in words}


def _near(word: str, known: frozenset[str] | set[str]) -> str:
    close = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
