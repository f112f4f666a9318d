"""What a diagnosis says is wrong with a sound, in the words of both fronts."""

from typing import Any

from studio.text import chance

FIRST, LEAST = 3, 0.01
"""Flaws that are named at most, and the chance below which none is."""


def verdict(found: dict[str, Any]) -> tuple[str, str]:
    """What it is, and how far that can be trusted; nothing where it is not sure."""
    if found["abstains"]:
        return "not sure what it is", ""
    return found["flaw"] or "nothing wrong", f", right in {chance(found['confidence'])} of such cases"


def likely(found: dict[str, Any]) -> list[tuple[str, float]]:
    """The first flaws and their shares, the likeliest first; these are chances unless it abstains."""
    first = list((found.get("flaws") or {}).items())[:FIRST]
    return [("nothing" if flaw == "none" else flaw, share)
            for flaw, share in first if share >= LEAST or found["abstains"]]  # fmt: skip
