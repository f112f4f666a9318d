"""A quality report in a word, with the reason in words: "good", "fair" or "poor".

A net begins as the principal components of its sounds, which sound well before anything was learned. So
what it makes of the sounds is not enough: it is also asked how long it learned, and how far it falls off
from what it learned by to what it never heard.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
LEAST_EPOCHS = 1.0
"""A net that has not been through its sounds once has learned from a part of them."""


def share(value: float) -> str:
    return f"{max(0.0, value):.0%}"


@dataclass(frozen=True)
class Limit:
    """A figure that is good up to ``good``, poor beyond ``fair``, and what it means when it is not good."""

    at: tuple[str, ...]
    good: float
    fair: float
    says: Callable[[float], str]


LIMITS = (
    Limit(("files_db",), 5.0, 8.0, lambda db: (
        f"sounds it has not heard come back {db:.1f} dB off, 5 dB are the goal; more sounds or training help"
    )),
    Limit(("mr_stft_carrier",), 1.0, 1.5, lambda distance: (
        f"what was held out comes back at an MR-STFT distance of {distance:.2f} with its own phase: the "
        "outline is right, the detail is not; more sounds or training help"
    )),
    Limit(("blocks", "mr_stft_carrier"), 0.75, 1.0, lambda distance: (
        f"held-out parts of its sounds come back at an MR-STFT distance of {distance:.2f} with their own "
        "phase, 0.75 is the goal; more training may help"
    )),
    Limit(("blocks", "mr_stft_heap"), 1.15, 1.5, lambda distance: (
        f"held-out parts of its sounds come back at an MR-STFT distance of {distance:.2f} by the net alone, "
        "1.15 is the goal; more training may help"
    )),
    Limit(("overfitting", "gap"), 0.2, 0.5, lambda gap: (
        f"its error is {share(gap)} larger on parts of its sounds it has not heard than on the others; "
        "more sounds, augment, or fewer epochs help"
    )),
)  # fmt: skip
"""``good`` is what this program sets out to reach with some twenty sounds and minutes of training, and for
sounds it has not heard an MR-STFT distance of 1, about that of a spectrum of the right outline and wrong
detail. For comparison: nets of no training come to 24 dB, 2, 2.5 and 4.5."""

Complaint = tuple[str, str]


def verdict(found: dict[str, Any]) -> Complaint:
    """The word and one sentence, from what `jobs.nets.quality.report` found. The worst thing found speaks.

    Besides that: ``epochs``, ``files_db`` (mean magnitude error of held-out files) and ``overfitting`` of
    the training, where they are known.
    """
    if "learned" not in found:
        return "poor", "what was held out is silent: nothing can be said of this net"
    complaints = [*_of_learning(found), *_of_limits(found), *_of_takes(found)]
    for word in ("poor", "fair"):
        for complaint in complaints:
            if complaint[0] == word:
                return complaint
    best = max(found["learned"], found.get("blocks", found)["learned"])
    return "good", (
        f"{share(best)} of the detail of what was held out is right, and its takes are like the sounds"
    )


def _of_learning(found: dict[str, Any]) -> list[Complaint]:
    unseen, known = found["learned"], found.get("blocks", found)["learned"]
    best, epochs = max(unseen, known), found.get("epochs", LEAST_EPOCHS)
    said = (
        (epochs < LEAST_EPOCHS, "poor", f"it was trained for {epochs:.2g} epochs, not once through its "
         "sounds; train it longer"),
        (best < LEARNED_FAIR, "poor", f"the net gets {share(best)} of the detail of what was held out right; "
         "its takes live on the sounds alone: train it longer, or on more sounds"),
        (known < LEARNED_GOOD, "fair", f"the net gets {share(known)} of the detail of held-out parts of its "
         "sounds right; more training may help"),
        (unseen < LEARNED_FAIR, "fair", f"it knows its own sounds ({share(known)} of their detail), and "
         f"little of one it has not heard ({share(unseen)})"),
        (found.get("judged_on") == "training sounds", "fair",
         "nothing could be held out: how it does with what it has not heard is not known"),
    )  # fmt: skip
    return [(word, why) for when, word, why in said if when]


def _of_limits(found: dict[str, Any]) -> Iterator[Complaint]:
    if found.get("judged_on") == "blocks":
        found = {**found, "blocks": found}
    for limit in LIMITS:
        value: Any = found
        for name in limit.at:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and value > limit.good:
            yield "fair" if value <= limit.fair else "poor", limit.says(value)


def _of_takes(found: dict[str, Any]) -> Iterator[Complaint]:
    if _strangeness(found) > STRANGE:
        yield "poor", "its takes are nearer to noise than to the sounds it was trained on"
    if found.get("diversity", 1.0) < NARROW:
        yield "fair", f"its takes are {share(found['diversity'])} as varied as the sounds"
    if found.get("overfitting", {}).get("memorising"):
        yield "fair", "it memorises: what it makes lies nearer to its sounds than unheard sounds do"
    stuck = [name for name, reach in found.get("axes", {}).items() if reach < NARROW]
    if len(stuck) > len(found.get("axes", {})) / 2:
        yield "fair", f"sliders that come to less than half of the sounds' range: {', '.join(stuck)}"


def _strangeness(found: dict[str, Any]) -> float:
    """Where the takes lie between the sounds' own halves (0) and white noise (1), by kernel distance."""
    if "kad" not in found:
        return 0.0
    floor = max(0.0, found.get("kad_floor", 0.0))
    way = found["kad_noise"] - floor
    return (found["kad"] - floor) / way if way > TELLING else 0.0
