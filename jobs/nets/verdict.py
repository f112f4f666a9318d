"""A quality report in a word, with the reason in words: "good", "fair" or "poor"."""

from typing import Any

LEARNED_GOOD, LEARNED_FAIR = 0.3, 0.1
"""Shares of the spectrum's detail. An untrained net lies below 0, five minutes on a small set well above
the first."""
STRANGE = 0.5
"""Of the way from the sounds' own halves to white noise: takes beyond it are no longer these sounds."""
TELLING = 3.0
"""Kernel distance from the sounds' own halves to white noise below which the sounds are noise themselves."""
NARROW = 0.5
"""Diversity, or share of a slider's range, below which there is little to play with."""


def verdict(found: dict[str, Any]) -> tuple[str, str]:
    """The word and one sentence, from what `jobs.nets.quality.report` found. The worst thing found speaks."""
    if "learned" not in found:
        return "poor", "what was held out is silent: nothing can be said of this net"
    unseen, known = found["learned"], found.get("blocks", found)["learned"]
    best = max(unseen, known)
    if best < LEARNED_FAIR:
        return "poor", (
            f"the net gets {share(best)} of the detail of what was held out right; "
            "its takes live on the sounds alone: train it longer, or on more sounds"
        )
    if _strangeness(found) > STRANGE:
        return "poor", "its takes are nearer to noise than to the sounds it was trained on"
    if found.get("diversity", 1.0) < NARROW:
        return "fair", f"its takes are {share(found['diversity'])} as varied as the sounds"
    if known < LEARNED_GOOD:
        return "fair", (
            f"the net gets {share(known)} of the detail of held-out parts of its sounds right; "
            "more training may help"
        )
    if unseen < LEARNED_FAIR:
        return "fair", (
            f"it knows its own sounds ({share(known)} of their detail), "
            f"and little of one it has not heard ({share(unseen)})"
        )
    stuck = [name for name, reach in found.get("axes", {}).items() if reach < NARROW]
    if len(stuck) > len(found.get("axes", {})) / 2:
        return "fair", f"sliders that come to less than half of the sounds' range: {', '.join(stuck)}"
    return (
        "good",
        f"{share(best)} of the detail of what was held out is right, and its takes are like the sounds",
    )


def _strangeness(found: dict[str, Any]) -> float:
    """Where the takes lie between the sounds' own halves (0) and white noise (1), by kernel distance."""
    if "kad" not in found:
        return 0.0
    floor = max(0.0, found.get("kad_floor", 0.0))
    way = found["kad_noise"] - floor
    return (found["kad"] - floor) / way if way > TELLING else 0.0


def share(value: float) -> str:
    return f"{max(0.0, value):.0%}"
